"""Finds the column of times in a header, and its unit: by its name, else by the distance of its values."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqfer.traces.trace import step_of

UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "millis", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "usec", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
}
STARTS = frozenset({"time", "times", "timestamp", "timestamps", "t", "start", "begin", "onset", "from"})
ENDS = frozenset({"end", "offset", "stop", "to"})
_FILLERS = frozenset({"in", "video", "media", "film", "of", "the", "elapsed", "relative", "hh", "mm", "ss", "h", "m"})
LONGEST_STEP_S = 20.0  # no continuous rating has samples further apart, and samples of milliseconds are closer than 50 Hz only in hardware logs


def time_unit(name: str) -> float | None:
    """Seconds per unit of a column named `name`, NaN where the name is of times but states no unit; None where it names no start time."""
    return _unit(name, STARTS)


def end_unit(name: str) -> float | None:
    """The same for a column of the ends of bins."""
    return _unit(name, ENDS)


def plausible_unit(times: NDArray[np.float64]) -> float:
    """Seconds per unit of times whose unit is not stated: milliseconds where they are whole numbers usually 20 or more apart, else seconds."""
    whole = bool((times == np.round(times)).all())
    return 1e-3 if whole and step_of(times) >= LONGEST_STEP_S else 1.0


def _unit(name: str, kinds: frozenset[str]) -> float | None:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", apart)]
    units = [word for word in words if word in UNITS]
    known = [word for word in words if word in kinds]
    others = set(words) - set(units) - kinds - _FILLERS - (STARTS if known else set())
    alone = (
        kinds is STARTS and len(words) == 1 and len(units) == 1 and units[0] != "min"
    )  # a column called `second` or `ms`
    if others or not (known or alone):
        return None
    if "hh" in words or not units:  # `hh:mm:ss.ms` is a clock and no unit
        return float("nan")
    return UNITS[units[-1]]


def first_of(units: Sequence[float | None]) -> int | None:
    """The place of the first column that has a unit."""
    return next((place for place, unit in enumerate(units) if unit is not None), None)
