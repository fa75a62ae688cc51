"""The fused raters for CARMA: one file that CARMA's reader takes for one rater of the video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seqfer.raters.formats.carma import write
from seqfer.traces.reading import read_traces
from seqfer.traces.trace import Trace


def test_only_the_first_trace_is_written_and_read_back(tmp_path: Path) -> None:
    edges = np.arange(4.0)
    fused, other = (Trace(name, edges[:-1], edges[1:], np.array([v, -v, v]), "m") for name, v in (("f", 0.5), ("o", 1)))
    write(tmp_path, "m", [fused, other])
    assert [path.name for path in tmp_path.iterdir()] == ["m_fused.csv"]
    (again,) = read_traces(tmp_path / "m_fused.csv", kind="carma")
    assert again.values.tolist() == pytest.approx([0.5, -0.5, 0.5])


def test_a_stem_with_a_folder_goes_into_that_folder(tmp_path: Path) -> None:
    edges = np.arange(3.0)
    write(tmp_path, "P01/m", [Trace("f", edges[:-1], edges[1:], np.zeros(2), "m")])
    assert (tmp_path / "P01" / "m_fused.csv").is_file()
