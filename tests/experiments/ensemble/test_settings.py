"""Settings of an ensemble that are out of range."""

from __future__ import annotations

import pytest

from seqfer.core.errors import SettingsError
from seqfer.experiments.ensemble.settings import FitSplit


def test_settings_are_checked():

    with pytest.raises(SettingsError, match="seed = -1"):
        FitSplit(seed=-1)


@pytest.mark.parametrize(
    ("name", "value"), [("fit_share", 2.0), ("fit_share", 0.95), ("fit_share", -0.1), ("seed", 0.5)]
)
def test_what_is_out_of_range_is_one_line(name, value):
    with pytest.raises(SettingsError, match=name) as caught:
        FitSplit(**{name: value})
    assert "allowed" in str(caught.value)


def test_no_share_means_that_of_the_models_files():
    assert FitSplit().fit_share == 0
    assert FitSplit(fit_share=0.9).fit_share == 0.9
