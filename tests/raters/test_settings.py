"""Settings of the comparisons with raters: a lag by word or number, a face by number or joined, what is out of range."""

from __future__ import annotations

import pytest

from seqfer.core.errors import SettingsError
from seqfer.raters.settings import JOINED, CalibrateSettings, EvaluateTraceSettings, TraceSettings


@pytest.mark.parametrize(
    ("lag", "fixed_s"), [("none", None), ("estimate", None), ("2", 2.0), ("-0.5", -0.5), (2, 2.0), (1.5, 1.5)]
)
def test_a_lag_by_word_or_number(lag, fixed_s) -> None:
    assert TraceSettings(lag=lag).fixed_lag_s() == fixed_s


@pytest.mark.parametrize(("smooth", "fixed_s"), [("none", None), ("auto", None), ("0.5", 0.5), (2, 2.0)])
def test_smoothing_by_word_or_number(smooth, fixed_s) -> None:
    assert TraceSettings(smooth=smooth).fixed_smooth_s() == fixed_s


def test_all_faces_as_one_have_a_word() -> None:
    assert TraceSettings(face="joined").face == JOINED
    assert TraceSettings(face=3).face == 3


@pytest.mark.parametrize(
    ("kind", "values", "word"),
    [
        (TraceSettings, {"lag": "auto"}, "lag"),
        (TraceSettings, {"lag": "nan"}, "lag"),
        (TraceSettings, {"lag": True}, "lag"),
        (TraceSettings, {"smooth": "0"}, "smooth"),
        (TraceSettings, {"smooth": "-1"}, "smooth"),
        (TraceSettings, {"smooth": "inf"}, "smooth"),
        (TraceSettings, {"smooth": "some"}, "smooth"),
        (TraceSettings, {"face": -2}, "face"),
        (TraceSettings, {"rate_hz": 0.0}, "rate_hz"),
        (TraceSettings, {"rate_hz": 1001.0}, "rate_hz"),
        (TraceSettings, {"level": 1.0}, "level"),
        (TraceSettings, {"fusion": "median"}, "fusion"),
        (TraceSettings, {"max_lag_s": 0.0}, "max_lag_s"),
        (EvaluateTraceSettings, {"formats": ("darma",)}, "formats"),
        (CalibrateSettings, {"folds": 1}, "folds"),
        (CalibrateSettings, {"folds": -3}, "folds"),
        (CalibrateSettings, {"map": "cubic"}, "map"),
    ],
)
def test_what_is_out_of_range_is_one_line(kind, values, word: str) -> None:
    with pytest.raises(SettingsError, match=word) as caught:
        kind(**values)
    assert "allowed" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_fold_per_video_but_two_or_more() -> None:
    assert [CalibrateSettings(folds=folds).folds for folds in (0, 2, 9)] == [0, 2, 9]
