"""FaceReader detailed logs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from trace_files import FACEREADER

from seqfer.core.errors import InputError
from seqfer.traces.reading import read_traces, recognise

NAN = math.nan


def test_facereader(saved) -> None:
    path = saved(FACEREADER)
    assert recognise(path) == "facereader"
    (trace,) = read_traces(path)
    np.testing.assert_allclose(trace.start_s, [0, 0.04, 0.08, 60.12])
    np.testing.assert_allclose(trace.values, [0.25, NAN, NAN, -0.5])
    assert (trace.name, trace.film) == ("Valence", "film.avi")
    assert read_traces(path, axis="arousal")[0].values[0] == 0.3
    with pytest.raises(InputError, match="no axis 'joy'; it has Neutral, Happy, Valence, Arousal"):
        read_traces(path, axis="joy")
