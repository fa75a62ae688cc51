"""Settings of `seqfer stress` that are out of range."""

from __future__ import annotations

import pytest

from seqfer.core.errors import SettingsError
from seqfer.experiments.stress.settings import StressSettings


@pytest.mark.parametrize(
    ("name", "value"), [("images", -1), ("seed", -1), ("seed", 1.5), ("images", "ten"), ("only", "blur")]
)
def test_what_is_out_of_range_is_one_line(name, value) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        StressSettings("compact", "fer.jsonl", **{name: value})
    assert "allowed" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_device_is_a_name_of_torch() -> None:
    assert StressSettings("compact", "fer.jsonl", device="cuda:1").device == "cuda:1"
    with pytest.raises(SettingsError, match="device"):
        StressSettings("compact", "fer.jsonl", device="toaster")
