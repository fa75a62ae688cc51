"""ELAN's tab-delimited exports: with and without duration, in clocks, seconds and milliseconds."""

from __future__ import annotations

import pytest
from trace_files import numbers

from seqfer.core.errors import InputError
from seqfer.traces.readers.elan_tab import recognise
from seqfer.traces.reading import read_traces

BINS = [(0.0, 1.5, 0.5), (1.5, 2.0, -0.25)]
CLOCKS = "valence\t\t00:00:00.000\t00:00:01.500\t{}0.5\nvalence\t\t00:00:01.500\t00:00:02.000\t{}-0.25\n"
HEADER = "Tier\tParticipant\tBegin Time - hh:mm:ss.ms\tEnd Time - hh:mm:ss.ms\tAnnotation\n"
SECONDS = "valence\t\t0.0\t1.5\t0.5\nvalence\t\t1.5\t2.0\t-0,25\n"
EXPORTS = {
    "clock": CLOCKS.format("", ""),
    "clock with duration": CLOCKS.format("00:00:01.500\t", "00:00:00.500\t"),
    "milliseconds": "valence\t\t0\t1500\t1500\t0.5\nvalence\t\t1500\t2000\t500\t-0.25\n",
    "seconds": SECONDS,
    "header": HEADER + CLOCKS.format("", ""),
    "other tiers": f"arousal\t\t0.0\t1.5\t0.9\n{SECONDS}emotion\t\t0.0\t2.0\tjoy\n",
}


@pytest.mark.parametrize("name", EXPORTS)
def test_every_form_of_the_export(saved, name: str) -> None:
    (trace,) = read_traces(saved(EXPORTS[name]))
    assert (trace.name, numbers(trace)) == ("valence", BINS)


def test_what_is_refused_is_one_line(saved) -> None:
    for text, words in (
        ("emotion\t\t0.0\t1.5\t0.5\n", "no tier is called valence; choose one of emotion"),
        ("valence\t\t2.0\t1.5\t0.5\n", ":1: an annotation must end after it begins, at 2 s"),
    ):
        with pytest.raises(InputError, match=words):
            read_traces(saved(text))
    with pytest.raises(InputError, match="no axis 'x'; it has arousal, valence, emotion"):
        read_traces(saved(EXPORTS["other tiers"]), axis="x")


def test_other_tables_are_not_taken() -> None:
    for text in ("", "a\tb\tc\td\n", "0\t1\t2\t3\n", "valence\t0.5\n", "time_s\tvalence\tx\ty\n"):
        assert not recognise(text), text
