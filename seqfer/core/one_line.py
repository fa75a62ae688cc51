"""Escapes control characters, so that any text prints on one line: a file name may contain a newline, a bell, or bytes that are not valid text."""

from __future__ import annotations

import unicodedata

# Control characters, lone surrogates (bytes that are not valid text), line and paragraph separators.
_BREAKING = {"Cc", "Cs", "Zl", "Zp"}
# Unicode's marks of writing direction (UAX #9), which make a terminal show letters in another order than that of the file's name.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    r"""The text with every control character, lone surrogate and mark of writing direction escaped as in Python: `\n`, `\x1b`, `\udcff`."""
    return text if text.isprintable() else "".join(map(_shown, text))


def plain_text(text: str) -> str:
    r"""Text of several lines for a terminal: line breaks and tabs stay, everything else that `one_line` escapes is written as `\u001b`.

    That form is the one of JSON too, so that a JSON text stays the same value.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(f"\\u{ord(c):04x}" if c not in "\n\t" and _is_escaped(c) else c for c in text)


def _shown(letter: str) -> str:
    return letter.encode("unicode_escape").decode() if _is_escaped(letter) else letter


def _is_escaped(letter: str) -> bool:
    return letter in _DIRECTION or unicodedata.category(letter) in _BREAKING
