"""DARMA's combined exports of several raters."""

from __future__ import annotations

import pytest
from trace_files import numbers

from seqfer.core.errors import InputError
from seqfer.traces.reading import read_traces

HEAD = "AnnotationFile,MultimediaFile,Magnitude,XLabel,YLabel,Second,X,Y,Button\n"
ROWS = "".join(
    f'"{who}.csv","film.mp4",1000,"Arousal","Valence",{second},{-100 * second},{100 * second + extra},0\n'
    for who, extra in (("ann", 0), ("ben", 10))
    for second in (1, 2)
)


def test_a_trace_per_rater(saved) -> None:
    ann, ben = read_traces(saved(HEAD + ROWS))
    assert (ann.name, ben.name, ann.film) == ("ann", "ben", "film.mp4")
    assert numbers(ann) == [(0, 1, 0.1), (1, 2, 0.2)]
    assert numbers(ben) == [(0, 1, 0.11), (1, 2, 0.21)]
    for axis in ("x", "arousal"):
        assert read_traces(saved(HEAD + ROWS), axis=axis)[0].values.tolist() == [-0.1, -0.2]


def test_what_is_refused_is_one_line(saved) -> None:
    with pytest.raises(InputError, match="no axis is called valence; choose one of Arousal, Agency"):
        read_traces(saved(HEAD + ROWS.replace("Valence", "Agency")))
    with pytest.raises(InputError, match="no rows; the export has a header only"):
        read_traces(saved(HEAD))
    with pytest.raises(InputError, match=r":2: 1000.2 of 'y' is outside|:2: 5000 of 'y' is outside"):
        read_traces(saved(HEAD + ROWS.replace(",100,0", ",5000,0")))
