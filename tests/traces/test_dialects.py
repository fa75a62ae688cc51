"""Contents of table files as plain text: workbooks, comments, lines for spreadsheets, and times and minus signs of other programs."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from trace_files import carma_2016, numbers

from seqfer.core.errors import InputError
from seqfer.traces.dialects import MOST_WORKBOOK_BYTES, plain, text_of
from seqfer.traces.reading import read_traces

VALUES = [0.047, -0.083, -0.212, 0.5]
SAMPLES = [(float(second), float(second), value) for second, value in enumerate(VALUES)]


def clock(second: int) -> str:
    return f"00:00:{second:02d}.000"


def rows(pattern: str) -> str:
    return "".join(
        pattern.format(i=i, v=v, comma=str(v).replace(".", ","), minus=str(v).replace("-", "\u2212"), clock=clock(i))
        + "\n"
        for i, v in enumerate(VALUES)
    )


DIALECTS = {
    "plain": "time_s,valence\n" + rows("{i},{v}"),
    "separator line": "sep=;\ntime_s;valence\n" + rows("{i};{comma}"),
    "separator line in quotes": '"sep=,"\ntime_s,valence\n' + rows("{i},{v}"),
    "minus sign": "time_s,valence\n" + rows("{i},{minus}"),
    "clock": "Time,Valence\n" + rows("{clock},{v}"),
    "short clock": "Time,Valence\n" + rows("0:0{i},{v}"),
    "comments": "# rater: AB\n% of 2024\ntime_s,valence\n" + rows("{i},{v}"),
    "comment as header": "# rater: AB\n# time_s valence;second\n# time_s,valence\n" + rows("{i},{v}"),
    "column called #": "#,time_s,valence\n" + rows("{i},{i},{v}"),
    "vertical bars": "time_s|valence\n" + rows("{i}|{comma}"),
    "milliseconds by name": "Time (ms),valence\n" + rows("{i}000,{v}"),
    "milliseconds by distance": "timestamp,valence\n" + rows("{i}000,{v}"),
    "elan": rows("valence\t\t{clock}\t{clock}\t{v}"),
    "log of clocks": rows("{clock},{v}"),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_gives_the_values_of_the_plain_table(saved, name: str) -> None:
    (trace,) = read_traces(saved(DIALECTS[name]))
    assert numbers(trace) == SAMPLES


def test_lines_of_messages_are_those_of_the_file(saved) -> None:
    with pytest.raises(InputError, match=r":5: 'x' is not a number"):
        read_traces(saved("sep=;\n# of AB\ntime_s;valence\n0;0,1\n1;x\n"))


def test_plain_text_has_as_many_lines() -> None:
    assert plain("sep=,\n# a\nb,c\n1,2\n") == "\n\nb,c\n1,2\n"
    assert plain("") == ""


def workbook(path: Path, cells: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in cells:
        book.active.append(row)
    book.save(path)
    return path


def test_workbooks(tmp_path: Path) -> None:
    table = [["time_s", "valence"], *([second, value] for second, _, value in SAMPLES)]
    assert numbers(read_traces(workbook(tmp_path / "a.xlsx", table))[0]) == SAMPLES
    table = [["Time", "Valence"], *([datetime.time(0, 0, i), f"{v}".replace(".", ",")] for i, v in enumerate(VALUES))]
    assert numbers(read_traces(workbook(tmp_path / "b.xlsx", table))[0]) == SAMPLES
    table = [["Time", "Valence"], *([datetime.timedelta(seconds=i), v] for i, v in enumerate(VALUES))]
    assert numbers(read_traces(workbook(tmp_path / "c.xlsx", table))[0]) == SAMPLES
    carma: list[list[object]] = [list(line.split(",")) for line in carma_2016([10, -50.5, 100]).splitlines()]
    (trace,) = read_traces(workbook(tmp_path / "d.xlsx", carma))
    np.testing.assert_allclose(trace.values, [0.1, -0.505, 1.0])


def test_workbooks_that_cannot_be_read() -> None:
    with pytest.raises(InputError, match=r"a\.xlsx: not a complete Excel workbook"):
        text_of(Path("a.xlsx"), b"PK\x03\x04abc")
    with pytest.raises(InputError, match=r"a\.xls: an Excel workbook of the old format"):
        text_of(Path("a.xls"), b"\xd0\xcf\x11\xe0abc")


def test_a_workbook_that_unpacks_to_more_than_the_limit(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * (MOST_WORKBOOK_BYTES + 1))
    with pytest.raises(
        InputError, match=r"a\.xlsx: a workbook of 134,217,729 bytes unpacked; at most 134,217,728 are read"
    ):
        read_traces(tmp_path / "a.xlsx")
