"""Finds the column of times in a header, and what turns its values into seconds of the video.

The unit is the one that the user states; else that of times since 1970, which are too large for anything else; else that in the column's name, unless
the video's length contradicts it; else the one that agrees with the video's length; else, where the length is unknown, by the distance of the times.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError
from seqfer.traces.request import SECONDS_PER_UNIT, Request, seconds_per_unit
from seqfer.traces.trace import step_of

UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "usec", "micros", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ns", "nsec", "nanos", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
}
STARTS = frozenset({"time", "times", "timestamp", "timestamps", "datetime", "t", "start", "begin", "onset", "from", "epoch", "unix"})  # fmt: skip
ENDS = frozenset({"end", "offset", "stop", "to"})
_FILLERS = frozenset(
    {"in", "video", "media", "film", "of", "the", "elapsed", "relative", "hh", "mm", "ss", "h", "m", "stamp", "system", "local", "lsl", "recording",
     "session", "unix", "epoch", "posix", "utc", "clock", "stimulus", "since"}
)  # fmt: skip
_FRAMES = frozenset({"frame", "frames", "framenumber", "frameno", "frameidx", "frameindex"})
_FRAME_FILLERS = frozenset({"number", "no", "nr", "idx", "index", "id", "video", "of"})
LONGEST_STEP_S = 20.0  # no continuous rating has samples further apart, and samples of milliseconds are closer than 50 Hz only in hardware logs
LONGEST_S = 4 * 3600.0  # whole numbers that would be seconds of a longer rating may as well be milliseconds
EPOCH_S = (3e8, 1e10)  # 1979 to 2286 in seconds since 1970; no video has such times, in any unit that fits here
# As fractions of the video's length: where a rating of the whole video ends, where one of a part ends, and what is impossible.
WHOLE, PART, IMPOSSIBLE = (0.5, 1.1), (0.02, 1.5), 10.0
_NAMES = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds", "min": "minutes"}
ADVICE = "state the unit with --time-unit (s, ms, us, ns, min, or 25fps for frame numbers)"

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """Turns the times of a table into seconds of the video: `zero` is the time that becomes 0, `unit` the seconds per unit."""

    unit: float
    zero: float = 0.0
    notes: tuple[str, ...] = ()

    def seconds(self, times: _Floats) -> _Floats:
        """The times in seconds of the video. Minutes are rounded to milliseconds: 0.033333 is 2 s, and not in the second before."""
        seconds = (times - self.zero) * self.unit
        return np.round(seconds, 3) if self.unit == SECONDS_PER_UNIT["min"] else seconds


def time_unit(name: str) -> float | None:
    """Seconds per unit of a column named `name`, NaN where the name is of times but states no unit; None where it names no start time."""
    return _unit(name, STARTS)


def end_unit(name: str) -> float | None:
    """The same for a column of the ends of bins."""
    return _unit(name, ENDS)


def names_frames(name: str) -> bool:
    """Whether a column's name is that of frame numbers: `frame`, `Frame number`, `frame_idx`."""
    words = set(_words(name))
    return bool(words & _FRAMES) and words <= _FRAMES | _FRAME_FILLERS


def time_column(names: Sequence[str]) -> int | None:
    """The place of the column of start times: the first that states its unit, else the first of times, else the first of frame numbers."""
    units = [time_unit(name) for name in names]
    stated = [place for place, unit in enumerate(units) if unit is not None and not math.isnan(unit)]
    unstated = [place for place, unit in enumerate(units) if unit is not None]
    frames = [place for place, name in enumerate(names) if names_frames(name)]
    return next(iter([*stated, *unstated, *frames]), None)


def scale_of(path: Path, column: str, times: _Floats, request: Request, *, clocks: bool = False) -> Scale:
    """What turns a column of times, NaN where one is missing, into seconds of the video. `clocks`: they are seconds already.

    Raises InputError, naming the option, for times whose unit cannot be found.
    """
    known = times[np.isfinite(times)]
    if not known.size:
        return Scale(1.0)
    stated = seconds_per_unit(request.time_unit)
    if clocks:
        unit, notes = 1.0, list[str]()
    elif not math.isnan(stated):
        unit, notes = stated, []
    elif (epoch := _epoch_unit(float(known[0]))) is not None:
        unit, notes = epoch, []
    else:
        unit, notes = _found_unit(path, column, known, request)
    zero, moved = _zero(column, known, unit, request)
    return Scale(unit, zero, (*notes, *moved))


def _found_unit(path: Path, column: str, times: _Floats, request: Request) -> tuple[float, list[str]]:
    """Seconds per unit, by the column's name, the video's length and the times themselves, and notes on what was taken."""
    video = request.video
    if names_frames(column):
        if not video.frame_rate_hz > 0:
            raise InputError(
                f"{path}: column {column!r} counts frames, and the video's frame rate is not known; state it, as in --time-unit 25fps"
            )
        return 1 / video.frame_rate_hz, [_note(column, f"frame numbers at {video.frame_rate_hz:g} per second")]
    named = time_unit(column)
    length_s = video.length_s
    if not length_s > 0:
        return (_unit_by_distance(path, column, times) if named is None or math.isnan(named) else named), []
    first, last = float(times[0]), float(times[-1])
    reach = last - first if first > last - first else last
    own = 1.0 if named is None or math.isnan(named) else named
    share = reach * own / length_s
    if PART[0] <= share <= PART[1] or reach <= 0:
        return own, []
    units = dict(_candidates(times, video.frame_rate_hz))
    units = {what: unit for what, unit in units.items() if unit != own}
    whole = [what for what, unit in units.items() if WHOLE[0] <= reach * unit / length_s <= WHOLE[1]]
    parts = [what for what in ("ms", "us", "ns") if PART[0] <= reach * SECONDS_PER_UNIT[what] / length_s <= PART[1]]
    fitting = whole if len(whole) == 1 else parts[:1] if share > IMPOSSIBLE else []
    if fitting:
        return units[fitting[0]], _contradiction(column, named, fitting[0], reach, length_s)
    if share > IMPOSSIBLE:
        raise InputError(
            f"{path}: the times of {column!r} reach {reach:g}, which fits a video of {length_s:g} s in no unit; {ADVICE}"
        )
    if share > PART[1]:
        return own, [
            _note(column, f"{_called(own)}, though they reach {reach * own:g} s and the video has {length_s:g} s")
        ]
    return own, []


def _contradiction(column: str, named: float | None, taken: str, reach: float, length_s: float) -> list[str]:
    """The note on a unit that the video's length decided; none for milliseconds under a name without a unit."""
    if named is None or math.isnan(named):
        return (
            []
            if taken == "ms"
            else [_note(column, f"{_NAMES.get(taken, taken)}, by the video's length of {length_s:g} s")]
        )
    return [
        _note(
            column,
            f"{_NAMES.get(taken, taken)} and not as {_called(named)}: they reach {reach:g}, and the video has {length_s:g} s",
        )
    ]


def _candidates(times: _Floats, frame_rate_hz: float) -> Iterator[tuple[str, float]]:
    """Every unit that times may have; frames only where they are whole numbers and the video's rate is known."""
    yield from SECONDS_PER_UNIT.items()
    if frame_rate_hz > 0 and bool((times == np.round(times)).all()):
        yield f"frame numbers at {frame_rate_hz:g} per second", 1 / frame_rate_hz


def _unit_by_distance(path: Path, column: str, times: _Floats) -> float:
    """Seconds per unit of times of which neither name nor video say it: whole numbers usually 20 or more apart are milliseconds or smaller units,
    other times are seconds. Raises InputError for whole numbers that are as likely the one as the other."""
    if not bool((times == np.round(times)).all()):
        return 1.0
    step = step_of(times)
    if step >= LONGEST_STEP_S:
        return next((unit for unit in (1e-3, 1e-6) if step * unit < LONGEST_STEP_S), 1e-9)
    if step > 1 and float(times[-1] - times[0]) > LONGEST_S:
        raise InputError(
            f"{path}: the times of {column!r}, {times[0]:g} to {times[-1]:g}, may be seconds or milliseconds; {ADVICE}"
        )
    return 1.0


def _epoch_unit(first: float) -> float | None:
    """The unit of a time since 1970; None where a time is too small or too large for one."""
    return next((u for u in (1.0, 1e-3, 1e-6, 1e-9) if EPOCH_S[0] <= first * u <= EPOCH_S[1]), None)


def _zero(column: str, times: _Floats, unit: float, request: Request) -> tuple[float, list[str]]:
    """The time that counts as the video's 0:00, and a note where that is not 0."""
    first, last = float(times[0]), float(times[-1])
    length_s = request.video.length_s
    if first == 1 and step_of(times) == 1 and (names_frames(column) or request.time_unit.endswith("fps")):
        return 1.0, []  # frames counted from 1
    if first * unit >= EPOCH_S[0]:
        return first, [_note(column, f"times since 1970 in {_called(unit)}: the first one counts as the video's 0:00")]
    if length_s > 0 and first * unit > IMPOSSIBLE * length_s and (last - first) * unit <= WHOLE[1] * length_s:
        return first, [
            _note(
                column,
                f"times of a clock that does not start with the video: the first one, {first * unit:g} s, counts as 0:00",
            )
        ]
    return 0.0, []


def _note(column: str, words: str) -> str:
    return f"times of {column!r} are read as {words}" if column else f"times are read as {words}"


def _called(unit: float) -> str:
    return next((_NAMES[what] for what, seconds in SECONDS_PER_UNIT.items() if seconds == unit), "frame numbers")


def _words(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub("[\u00b5\u03bc](?=s)", "u", name))
    return [word.lower() for word in re.findall(r"[A-Za-z]+", apart)]


def _unit(name: str, kinds: frozenset[str]) -> float | None:
    words = _words(name)
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
