"""Text of any file name prints on one line and reads back."""

from __future__ import annotations

import ast

import pytest

from seqfer.core.one_line import one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("bell\x07 escape\x1b[31m delete\x7f", r"bell\x07 escape\x1b[31m delete\x7f"),
        ("next\x85line\u2028para\u2029end", r"next\x85line\u2028para\u2029end"),
        ("film\udcff.mp4", r"film\udcff.mp4"),  # a byte of a file name that is not UTF-8
        ("", ""),
    ],
)
def test_what_breaks_a_line_is_escaped_as_in_python(text: str, shown: str) -> None:
    assert one_line(text) == shown
    assert ast.literal_eval(f"'{shown}'") == text
    assert len(one_line(text).splitlines()) <= 1


def test_everything_else_stays() -> None:
    text = "é 中文 🙂 C:\\films\\new.mp4 a\u00a0b"
    assert one_line(text) == text
