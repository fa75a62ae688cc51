"""The unit of times as users state it."""

from __future__ import annotations

import math

import pytest

from seqfer.core.errors import SettingsError
from seqfer.raters.settings import TraceSettings
from seqfer.traces.request import seconds_per_unit


@pytest.mark.parametrize(
    ("unit", "seconds"),
    [("s", 1), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9), ("min", 60), ("25fps", 0.04), ("12.5fps", 0.08)],
)
def test_units(unit: str, seconds: float) -> None:
    assert seconds_per_unit(unit) == seconds
    assert TraceSettings(time_unit=unit).time_unit == unit


@pytest.mark.parametrize("unit", ["", "hours", "0fps", "fps", "1_0fps", "-25fps"])
def test_what_is_no_unit(unit: str) -> None:
    assert math.isnan(seconds_per_unit(unit))
    with pytest.raises(SettingsError, match="auto, s, ms, us, ns, min, or a frame rate such as 25fps"):
        TraceSettings(time_unit=unit)
