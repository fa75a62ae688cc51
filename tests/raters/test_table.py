"""The bins that the figures come from, as a table and as files of other tools."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from seqfer.raters.alignment import Aligned
from seqfer.raters.table import write_aligned, write_annotation
from seqfer.traces.fusion import fuse
from seqfer.traces.reading import read_traces

NAN = math.nan


def of_raters(film: str, *raters: str) -> SimpleNamespace:
    """What the tables need of a report."""
    return SimpleNamespace(film=film, raters=[SimpleNamespace(name=name) for name in raters])


REPORT: Any = SimpleNamespace(films=[of_raters("other"), of_raters("m", "ann", "b,en")])


@pytest.fixture
def aligned() -> Aligned:
    ratings = np.array([[0.25, NAN, -0.5, 0.5], [0.75, NAN, NAN, 0.75]])
    return Aligned(2.0, np.array([0.1, -0.0, NAN, 1.0]), ratings, fuse(ratings, "mean", ["ann", "ben"]), (0.0, 0.0))


def test_a_row_per_bin_with_empty_cells_where_nothing_is(aligned: Aligned, tmp_path: Path) -> None:
    write_aligned(aligned, REPORT, "m", tmp_path / "aligned.csv")
    head, *rows = (tmp_path / "aligned.csv").read_text().splitlines()
    assert head == 'start_s,prediction,annotation,spread,raters,rater ann,"rater b,en"'
    cells = [row.split(",") for row in rows]
    assert [row[:3] for row in cells] == [
        ["0", "0.100000", "0.500000"],
        ["0.5", "0.000000", ""],
        ["1", "", "-0.500000"],
        ["1.5", "1.000000", "0.625000"],
    ]
    assert [row[4:] for row in cells] == [
        ["2", "0.250000", "0.750000"],
        ["0", "", ""],
        ["1", "-0.500000", ""],
        ["2", "0.500000", "0.750000"],
    ]
    assert float(cells[0][3]) == pytest.approx(np.std([0.25, 0.75], ddof=1), abs=1e-6)
    assert cells[1][3] == cells[2][3] == ""  # no spread of one rater


def test_files_for_carma_and_elan_hold_the_same_values(aligned: Aligned, tmp_path: Path) -> None:
    write_annotation(aligned, REPORT, "m", ("carma", "elan"), tmp_path)
    (fused,) = read_traces(tmp_path / "m_fused.csv", kind="carma")
    known = ~np.isnan(fused.values)
    assert fused.start_s[known].tolist() == [0.0, 1.0, 1.5]
    assert fused.values[known] == pytest.approx([0.5, -0.5, 0.625])
    assert fused.film == "m"
    tiers = {trace.name: trace for trace in read_traces(tmp_path / "m.eaf")}
    assert set(tiers) == {"fused", "prediction", "rater ann", "rater b,en"}
    assert tiers["rater b,en"].values.tolist() == [0.75, 0.75]
    assert tiers["prediction"].end_s.tolist()[0] == 0.5


def test_only_the_formats_asked_for_are_written(aligned: Aligned, tmp_path: Path) -> None:
    write_annotation(aligned, REPORT, "m", (), tmp_path)
    write_annotation(aligned, REPORT, "m", ("elan",), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["m.eaf"]
