"""Escapes control characters, so that any text prints on one line: a file name may contain a newline, a bell, or bytes that are not valid text."""

from __future__ import annotations

import unicodedata

_BREAKING = {
    "Cc",
    "Cs",
    "Zl",
    "Zp",
}  # control characters, lone surrogates (bytes that are not valid text), line and paragraph separators


def one_line(text: str) -> str:
    r"""The text with every control character and lone surrogate escaped as in Python: `\n`, `\x1b`, `\udcff`."""
    return "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in _BREAKING else letter
        for letter in text
    )
