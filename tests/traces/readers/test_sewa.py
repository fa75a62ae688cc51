"""SEWA and AVEC gold standards."""

from __future__ import annotations

import math

import numpy as np
import pytest
from trace_files import SEWA

from seqfer.core.errors import InputError
from seqfer.traces.reading import read_traces, recognise

NAN = math.nan


def test_sewa(saved) -> None:
    path = saved(SEWA)
    assert recognise(path) == "sewa"
    (trace,) = read_traces(path)
    assert trace.samples
    np.testing.assert_allclose(trace.values, [-0.25, NAN, -0.75])
    assert (trace.name, trace.film) == ("valence", "Train_DE_01")
    assert trace.rate_hz == pytest.approx(10)
    np.testing.assert_allclose(read_traces(path, axis="Arousal")[0].values, [0.1, 0.2, 0.3])
    with pytest.raises(InputError, match="no axis 'joy'; it has arousal, valence, liking"):
        read_traces(path, axis="joy")
    both = read_traces(saved(SEWA + "'Train_DE_02';0.0;0;0.5;0\n"))
    assert [(trace.name, trace.film) for trace in both] == [
        ("valence Train_DE_01", "Train_DE_01"),
        ("valence Train_DE_02", "Train_DE_02"),
    ]
