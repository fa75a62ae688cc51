"""Tables of text: encodings, delimiters, numbers, and the line of what is wrong."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest
from trace_files import BINS, carma_2016, carma_2021, numbers

from seqfer.core.errors import InputError
from seqfer.traces.cells import (
    check_times,
    clock_s,
    columns_of,
    film_name,
    first_cells,
    is_number,
    number,
    number_reader,
    read_text,
    rows_of,
    with_decimal_comma,
)
from seqfer.traces.dialects import decode, delimiter_of
from seqfer.traces.reading import read_traces


def test_marks_line_ends_and_decimal_commas(saved) -> None:
    text = carma_2021([10, -50.5, 100])
    semicolons = carma_2016(["10,0", "-50,5", "100"]).replace("Rating,21", "Rating;21").replace("File,my", "File;my")
    lines = [
        line if line.startswith(("Time", "Multi")) else line.replace(",", ";", 1) for line in semicolons.split("\n")
    ]
    for content in (
        text.replace("\n", "\r\n").encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace("film", "fülm").encode("cp1252"),
        "\n".join(lines).encode(),
        text.replace("1,10\n", "1,10,,\n").encode(),  # as Excel saves it again
    ):
        (trace,) = read_traces(saved(content))
        assert numbers(trace) == BINS
        assert trace.film in ("my, film.avi", "my, fülm.avi")


FILE = Path("a.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_text_of_every_encoding_that_tools_write(encoding: str) -> None:
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    assert decode(marks.get(encoding, b"") + "fülm €".encode(encoding)) == "fülm €"


def test_bytes_of_no_encoding_are_text_all_the_same() -> None:
    assert decode(b"a\x81b\xff") == "a\ufffdbÿ"  # Windows-1252 leaves 0x81 undefined


@pytest.mark.parametrize(
    ("line", "delimiter"), [("a,b,c", ","), ("a;1,5;2,5;3", ";"), ("a\tb", "\t"), ('"a;b;c",d', ","), ("word", ",")]
)
def test_the_delimiter_is_the_most_frequent_one_outside_of_quotes(line: str, delimiter: str) -> None:
    assert delimiter_of(line) == delimiter


def test_first_cells_of_the_first_line_with_text() -> None:
    assert first_cells("\n\n Time ;Value \n1;2\n") == ["time", "value"]
    assert first_cells("a,b;c", ";") == ["a,b", "c"]
    assert first_cells("") == []
    assert first_cells("x" * 200_000 + ",b") == []  # longer than any cell that csv reads


def test_rows_without_the_empty_ones_with_their_lines() -> None:
    rows = list(rows_of(FILE, 'a,b\n\n , \n"x\ny",z\n', ","))
    assert [(row.line, row.cells) for row in rows] == [(1, ("a", "b")), (5, ("x\ny", "z"))]
    assert rows[1].names == ("x y", "z")
    assert (rows[0].at(1), rows[0].at(7)) == ("b", "")


@pytest.mark.parametrize("word", ["", "NaN", "n/a", "NULL", "-", "None"])
def test_words_for_missing_are_nan(word: str) -> None:
    assert math.isnan(number(FILE, 3, word))


def test_numbers_with_points_and_commas() -> None:
    assert number(FILE, 3, "-1.5e2") == -150
    assert with_decimal_comma(FILE, 3, "-1,5") == -1.5
    assert number_reader(",") is number
    assert number_reader("\t") is with_decimal_comma
    for cell, read in (("1,5", number), ("1e16", number), ("-inf", number), ("1,2,3", with_decimal_comma)):
        with pytest.raises(InputError, match=rf"a\.csv:3: '{cell}' is not a number; give one, or leave the cell empty"):
            read(FILE, 3, cell)


def test_columns_in_the_order_asked_for() -> None:
    table = columns_of(FILE, rows_of(FILE, "1,2,3\n\n4,,6\n7\n", ","), (2, 0))
    np.testing.assert_array_equal(table.values, [[3, 6, math.nan], [1, 4, 7]])
    assert table.lines.tolist() == [1, 3, 4]
    with pytest.raises(InputError, match=r"a\.csv: no rows; the export has a header only"):
        columns_of(FILE, [], (0,))


def test_times_must_ascend_or_may_repeat() -> None:
    lines = np.array([4, 5, 7])
    check_times(FILE, lines, np.array([1.0, 1.0, 2.0]), doubled=True)
    for times, doubled, words in (
        ([1.0, 1.0, 2.0], False, ":5: 1 s is there twice"),
        ([1.0, 3.0, 2.0], True, ":7: 2 s comes after 3 s; times must ascend"),
        ([1.0, 3.0, math.nan], True, ":7: no time; every row needs one, in seconds"),
    ):
        with pytest.raises(InputError, match=words):
            check_times(FILE, lines, np.array(times), doubled=doubled)


@pytest.mark.parametrize(
    "path", [r"C:\films\a b.mp4", "/films/a b.mp4", "file:///films/a b.mp4", r"\\server\share\a b.mp4", " a b.mp4\n"]
)
def test_the_name_of_a_video_in_a_path_of_any_system(path: str) -> None:
    assert film_name(path) == "a b.mp4"


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv: cannot be read \(No such file or directory\)"):
        read_text(tmp_path / "gone.csv")


@pytest.mark.parametrize("cell", ["1_0", "0x10", "1e", "\u0661", "infinity", "1e999", "+", ".", "1 000", "1e99999"])
def test_what_only_python_reads_as_a_number(cell: str) -> None:
    with pytest.raises(InputError, match="is not a number"):
        number(FILE, 3, cell)
    assert not is_number(cell)


def test_dates_are_seconds_since_1970() -> None:
    assert clock_s("1970-01-02T00:00:01.5Z") == 86_401.5
    assert clock_s("1970-01-01 01:00:00,25+01:00") == 0.25
    assert clock_s("1970-13-01 00:00:00") is None


def test_too_many_columns_name_the_limit() -> None:
    with pytest.raises(InputError, match=r"a\.csv:1: 10001 columns; at most 10000 are read"):
        list(rows_of(FILE, "," * 10_000 + "\n", ","))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_only_regular_files_are_read(tmp_path: Path, make) -> None:
    make(tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"a\.csv: cannot be read \(it is a .*, not an ordinary file\); give a file"):
        read_text(tmp_path / "a.csv")
