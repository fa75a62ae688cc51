"""What all results share: the page, the table in a notebook, a short text for the console of Python, rows by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from seqfer.core.errors import SettingsError
from seqfer.results._result import Result, row_named


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Counted(Result[int]):
    """The simplest result."""

    @property
    def table(self) -> pd.DataFrame:
        return pd.DataFrame({"name": ["<b>"], "share": [self.record / 3]})

    def __str__(self) -> str:
        return f"{self.record} of 3"


def test_a_result_in_memory_and_one_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("<p>page</p>")
    passing = Counted.of(1, tmp_path, None)
    assert (passing.folder, passing.report().file, passing.report().html) == (None, None, "<p>page</p>")
    assert (repr(passing), str(passing)) == ("<Counted>", "1 of 3")
    kept = Counted.of(1, tmp_path, str(tmp_path))
    assert kept.report().file == tmp_path / "report.html"
    assert repr(kept) == f"<Counted in {tmp_path}>"


def test_the_table_of_a_notebook_is_escaped_and_rounded(tmp_path: Path) -> None:
    shown = Counted(record=1, report_html="")._repr_html_()
    assert "0.3333" in shown
    assert "&lt;b&gt;" in shown


def test_a_row_that_is_not_there_is_one_line_with_those_that_are() -> None:
    assert row_named({"lstm": 1, "gru": 2}, "gru", "head") == 2
    with pytest.raises(SettingsError, match=r"^head = 'gra': this run does not have it; allowed: lstm, gru$"):
        row_named({"lstm": 1, "gru": 2}, "gra", "head")
