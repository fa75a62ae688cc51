"""Headerless logs of samples."""

from __future__ import annotations

import math

import pytest

from seqfer.core.errors import InputError
from seqfer.traces.reading import read_traces, recognise


def test_raw_samples(saved) -> None:
    path = saved("0,-0.5\n0,-0.25\n0.151,0.5\n0.405,0.5\n")
    assert recognise(path) == "samples"
    (trace,) = read_traces(path)
    assert trace.samples
    assert trace.doubled == 1
    assert math.isnan(trace.rate_hz)
    headless = saved("1,0.1\n2,0.2\n3,0.3\n")
    with pytest.raises(InputError, match=r"an export without its header: 1, 2, \.\.\. may be ends of bins"):
        read_traces(headless)
