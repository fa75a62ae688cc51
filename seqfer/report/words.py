"""Formats numbers as text: percentages, p-values, and "undefined" where a value is NaN or missing.

Every function takes fractions (0.132 is 13.2 %) and accepts None or NaN, because JSON has no NaN and a report may come from a file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

UNDEFINED = "undefined"
SPACE = "\u00a0"  # a number and its unit must not be separated at the end of a line


def number(value: Any) -> float:
    """The value as float; None and values that are not finite become NaN."""
    result = float("nan") if value is None else float(value)
    return result if math.isfinite(result) else float("nan")


def defined(value: Any) -> bool:
    """Whether the value is a finite number."""
    return not math.isnan(number(value))


def percent(value: Any, digits: int = 1) -> str:
    """0.132 -> "13.2 %"."""
    return f"{number(value) * 100:.{digits}f}{SPACE}%" if defined(value) else UNDEFINED


def mean_sem(mean: Any, sem: Any) -> str:
    """0.132, 0.008 -> "13.2 ± 0.8 %"; says so when the standard error is undefined (one repeat, one fold)."""
    if not defined(mean):
        return UNDEFINED
    if not defined(sem):
        return f"{percent(mean)} (SEM undefined)"
    return f"{number(mean) * 100:.1f}{SPACE}±{SPACE}{number(sem) * 100:.1f}{SPACE}%"


def count(value: Any) -> str:
    """90292 -> "90,292"; None -> "not stated"."""
    return f"{int(value):,}" if defined(value) else "not stated"


def counted(number: int, noun: str) -> str:
    """1, "frame" -> "1 frame"; 1500 -> "1,500 frames"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def decimal(value: Any, digits: int = 2, *, signed: bool = False) -> str:
    """A plain number with a real minus sign."""
    if not defined(value):
        return UNDEFINED
    return f"{number(value):{'+' if signed else ''}.{digits}f}".replace("-", "\u2212")


def points(value: Any, *, signed: bool = True) -> str:
    """A difference of two rates in percentage points: 0.014 -> "+1.4"."""
    return decimal(number(value) * 100, 1, signed=signed)


def p_value(p: Any) -> str:
    """0.31 -> "p = 0.31", 0.000002 -> "p < 0.001". Near 5 % one digit more, so that the text never contradicts the verdict."""
    value = number(p)
    if math.isnan(value):
        return "p undefined"
    if value < 0.001:
        return f"p{SPACE}<{SPACE}0.001"
    digits = 2 if value >= 0.1 else 3
    if 0.0495 <= value < 0.0505:
        digits = 4 if abs(value - 0.05) >= 0.00005 or value == 0.05 else 7
    return f"p{SPACE}={SPACE}{value:.{digits}f}"


def p_exact(p: Any) -> str:
    """All the digits that mean something, for a tooltip."""
    return f"p = {number(p):.6g}" if defined(p) else "p is undefined"


def verdict(p: Any, level: float = 0.05) -> str:
    """ "significant at 5 %" or "not significant at 5 %"."""
    if not defined(p):
        return UNDEFINED
    return f"{'' if number(p) < level else 'not '}significant at {level * 100:g}{SPACE}%"


def freedom(df: Any) -> str:
    """Degrees of freedom: 24.0 -> "24", 23.5 -> "23.5"."""
    return f"{number(df):g}" if defined(df) else UNDEFINED


def duration(seconds: Any) -> str:
    """3725 -> "1 h 2 min"."""
    if not defined(seconds):
        return UNDEFINED
    whole = round(number(seconds))
    if whole < 60:
        return f"{number(seconds):.1f}{SPACE}s" if whole < 10 else f"{whole}{SPACE}s"
    minutes = round(whole / 60)
    return f"{whole // 60} min {whole % 60} s" if whole < 600 else f"{minutes} min" if minutes < 60 else _hours(minutes)


def _hours(minutes: int) -> str:
    return f"{minutes // 60} h {minutes % 60} min"


def moment(iso: Any) -> str:
    """An ISO time to the minute: "2025-01-31T12:00:05+00:00" -> "2025-01-31 12:00 UTC"; other text stays as it is."""
    text = str(iso or "")
    try:
        then = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = then.strftime("%Z")
    return f"{then:%Y-%m-%d %H:%M}{' ' + zone if zone else ''}"


def flat(values: Mapping[str, Any] | None, prefix: str = "") -> list[tuple[str, str]]:
    """Nested settings as (dotted name, text) rows, in the order they came."""
    rows: list[tuple[str, str]] = []
    for key, value in (values or {}).items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            rows += flat(value, f"{name}.")
        else:
            rows.append((name, _plain(value)))
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(v) for v in value) or "none"
    return str(value)
