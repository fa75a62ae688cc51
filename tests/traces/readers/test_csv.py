"""Plain tables of samples and of bins."""

from __future__ import annotations

from trace_files import numbers

from seqfer.traces.reading import read_traces


def test_plain_tables(saved) -> None:
    (trace,) = read_traces(saved("time_s,value\n0,0.5\n0,-0.5\n0.5,\n"))
    assert numbers(trace)[:2] == [(0, 0, 0.5), (0, 0, -0.5)]  # two samples of one moment
    assert trace.name == "value"
    assert (trace.doubled, trace.missing) == (1, 1)
    (trace,) = read_traces(saved("Time_ms;Arousal;Valence\n0;9;0,5\n40;9;-0,5\n"))
    assert numbers(trace) == [(0, 0, 0.5), (0.04, 0.04, -0.5)]
    one, two = read_traces(
        saved("start_s\tend_s\tanna\tben\n0\t2\t1\t7\n2\t3\t4\t9\n"), axis="anna,ben", value_range=(1, 9)
    )
    assert numbers(one) == [(0, 2, -1), (2, 3, -0.25)]
    assert numbers(two) == [(0, 2, 0.5), (2, 3, 1)]
    assert two.range == (1.0, 9.0)
    (trace,) = read_traces(saved("time,a,b\n0,0.1,0.2\n"), axis="B")
    assert trace.values[0] == 0.2
