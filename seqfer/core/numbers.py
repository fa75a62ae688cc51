"""The one way from text to a number, for options, settings, and files in text: ASCII digits, as every spreadsheet and statistics program writes them.

Python's own `float` and `int` also read `1_0` as 10, digits of other scripts, and spaces around them; such a text is a mistake or another thing
than a number, and must not become a value that nobody meant.
"""

from __future__ import annotations

import math
import re

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def decimal_number(text: str) -> float | None:
    """The finite number of a text such as `-1.5`, `.5` or `3.0e+00`; None for anything else."""
    value = float(text) if _DECIMAL.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def whole_number(text: str) -> int | None:
    """The whole number of a text of at most 18 digits with or without a sign; None for anything else."""
    return int(text) if _WHOLE.fullmatch(text) else None


def is_count(text: str) -> bool:
    """Whether a text is at most 18 ASCII digits and nothing else, as numbers in names and references are."""
    return text.isascii() and text.isdecimal() and len(text) <= 18
