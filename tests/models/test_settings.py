"""Settings of `seqfer export`."""

from __future__ import annotations

import pytest

from seqfer.core.errors import SettingsError
from seqfer.models.settings import ExportSettings


def test_a_causal_model_has_a_temporal_head() -> None:
    assert ExportSettings(causal=True).head == "auto"
    assert ExportSettings(causal=True, head="temporal").causal
    for head in ("none", "average"):
        with pytest.raises(SettingsError, match=f"causal is true, but head is '{head}', which has no such form"):
            ExportSettings(causal=True, head=head)
