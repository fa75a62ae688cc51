"""Text that stays on one line, whatever is in it: a file's name may hold a newline, a bell, or bytes that are no text at all."""

from __future__ import annotations

import unicodedata

_BREAKING = {
    "Cc",
    "Cs",
    "Zl",
    "Zp",
}  # control characters, halves of pairs (bytes that are no text), separators of lines and paragraphs


def one_line(text: str) -> str:
    r"""The same text with what would break the line, or the terminal, written as in Python: `\n`, `\x1b`, `\udcff`."""
    return "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in _BREAKING else letter
        for letter in text
    )
