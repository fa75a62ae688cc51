"""Starts of bins of which the ends are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from trace_files import darma

from seqfer.core.errors import InputError
from seqfer.traces.binned import starts_of
from seqfer.traces.reading import read_traces


def test_bins_of_twenty_per_second_touch(saved) -> None:
    (trace,) = read_traces(saved(darma([(n, n) for n in range(1000)], step=0.05)), axis="x")
    assert np.array_equal(trace.start_s[1:], trace.end_s[:-1])
    assert trace.rate_hz == pytest.approx(20)


def starts(*ends_s: float) -> list[float]:
    lines = np.arange(10, 10 + len(ends_s))
    return starts_of(Path("a.csv"), lines, np.array(ends_s)).tolist()


def test_the_width_is_the_usual_distance_of_ends() -> None:
    assert starts(0.5, 1.0, 1.5) == [0.0, 0.5, 1.0]
    assert starts(2.0, 3.0, 6.0, 7.0) == [1.0, 2.0, 5.0, 6.0]  # a bin has its width also after a gap
    assert starts(2.5) == [0.0]  # a single bin begins at 0
    assert starts(0.25, 1.25, 2.25) == [0.0, 0.25, 1.25]  # the first one may be shorter


def test_bins_never_overlap_the_one_before() -> None:
    found = starts(1.0, 2.0, 2.4, 3.4, 4.4)
    assert found == [0.0, 1.0, 2.0, 2.4, 3.4]


def test_ends_that_cannot_be() -> None:
    for ends, words in (
        ((0.0, 1.0), r"a\.csv:10: the first bin ends at 0 s; `Second` is the end of a bin, so it begins above 0"),
        ((1.0, 2.0, 2.0), r"a\.csv:12: 2 s is there twice"),
        ((1.0, 3.0, 2.0), r"a\.csv:12: 2 s comes after 3 s"),
        ((1.0, np.nan), r"a\.csv:11: no time"),
    ):
        with pytest.raises(InputError, match=words):
            starts(*ends)
