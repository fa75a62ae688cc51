"""Text of any file name prints on one line and reads back."""

from __future__ import annotations

import ast
import json

import pytest

from seqfer.core.one_line import one_line, plain_text


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


def test_marks_of_direction_are_escaped() -> None:
    assert one_line("a\u202egpj.exe\u2066b\u200f") == r"a\u202egpj.exe\u2066b\u200f"


def test_plain_text_keeps_lines_and_the_value_of_json() -> None:
    assert plain_text("a\tb\nc\n") == "a\tb\nc\n"
    assert plain_text("a\x1b[2J\x07\u202e\r\x7f\u2028é") == r"a\u001b[2J\u0007\u202e\u000d\u007f\u2028é"
    value = {"name": "a\x1b\x7f\x9b\u202e\u2028\udcffé🙂\n"}
    assert json.loads(plain_text(json.dumps(value, ensure_ascii=False, indent=1))) == value
