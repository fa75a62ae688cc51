"""The aligned traces for ELAN: a tier of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seqfer.raters.formats.elan import write
from seqfer.traces.reading import read_traces
from seqfer.traces.trace import Trace


def test_every_trace_is_a_tier(tmp_path: Path) -> None:
    edges = np.arange(4.0)
    named = {"fused": [0.5, -0.5, 0.25], "rater a": [1.0, 0.0, -1.0]}
    write(tmp_path, "m", [Trace(name, edges[:-1], edges[1:], np.array(v), "m") for name, v in named.items()])
    assert [path.name for path in tmp_path.iterdir()] == ["m.eaf"]
    again = {trace.name: trace.values.tolist() for trace in read_traces(tmp_path / "m.eaf")}
    assert list(again) == list(named)
    assert all(again[name] == pytest.approx(values) for name, values in named.items())
