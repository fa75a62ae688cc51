"""Raw logs of DARMA: samples of a joystick."""

from __future__ import annotations

import pytest
from trace_files import numbers

from seqfer.core.errors import InputError
from seqfer.traces.readers.darma_log import recognise
from seqfer.traces.reading import read_traces

LOG = "0,47.00,-1000,0\n0.05,-83,500,0\n0.1,0,0,1\n"


def test_samples_of_one_axis(saved) -> None:
    (trace,) = read_traces(saved(LOG), axis="X", value_range=(-1000, 1000))
    assert numbers(trace) == [(0, 0, 0.047), (0.05, 0.05, -0.083), (0.1, 0.1, 0)]
    assert trace.rate_hz == pytest.approx(20)
    (trace,) = read_traces(saved(LOG), axis="y", value_range=(-1000, 1000))
    assert trace.values.tolist() == [-1, 0.5, 0]


def test_axis_and_range_are_asked_for(saved) -> None:
    with pytest.raises(InputError, match="does not say which axis is valence; give --axis x or --axis y"):
        read_traces(saved(LOG))
    with pytest.raises(InputError, match="does not state its magnitude; give the range"):
        read_traces(saved(LOG), axis="x")


def test_an_export_without_its_header_is_no_log() -> None:
    assert recognise(LOG)
    for text in ("0.5,1,2,0\n1,1,2,0\n", "0,1,2,3\n", "0,1,2\n", "0,a,2,0\n"):
        assert not recognise(text), text


def test_a_typographic_minus_sign_in_the_first_rows_is_a_number() -> None:
    assert recognise("\u22120.05,1,2,0\n0.0,1,2,0\n0.1,1,2,1\n")
