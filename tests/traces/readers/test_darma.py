"""DARMA exports: two axes, of which one is named."""

from __future__ import annotations

import math

import numpy as np
import pytest
from trace_files import darma, numbers

from seqfer.core.errors import InputError
from seqfer.traces.readers.darma import read as read_darma
from seqfer.traces.readers.darma import recognise as recognise_darma
from seqfer.traces.reading import read_traces, recognise
from seqfer.traces.request import Request

NAN = math.nan


def test_darma_asks_for_the_axis(saved) -> None:
    path = saved(darma([(-250, 500), (1000.00001, -1000), ("", "")]))
    assert recognise(path) == "darma"
    (trace,) = read_traces(path, axis="communion")
    np.testing.assert_allclose(trace.values, [-0.25, 1.0, NAN])  # clipped: four digits are written
    np.testing.assert_allclose(trace.end_s, [0.5, 1.0, 1.5])
    assert (trace.name, trace.film, trace.rate_hz, trace.range) == ("Communion", "film.mp4", 2.0, (-1000.0, 1000.0))
    for axis in ("Agency", "y"):
        np.testing.assert_allclose(read_traces(path, axis=axis)[0].values, [0.5, -1.0, NAN])
    with pytest.raises(InputError, match=r"no axis is called valence; choose one of Communion, Agency"):
        read_traces(path)
    with pytest.raises(InputError, match=r"no axis 'warmth'; it has Communion, Agency"):
        read_traces(path, axis="warmth")


def test_darma_with_an_axis_called_valence(saved) -> None:
    (trace,) = read_traces(saved(darma([(100, 500)], step=2, labels=("Arousal", "Valence"), magnitude="500")))
    assert numbers(trace) == [(0.0, 2.0, 1.0)]


def test_an_export_is_known_by_its_magnitude_or_its_four_columns() -> None:
    for text in ("Magnitude,1000,,\n", 'x\n"Second";"a";"b";"Button"\n', "second, x, y, B\n"):
        assert recognise_darma(text), text
    for text in ("", "Second,x,y\n", "Second,x,y,Rating\n", "1,2,3,0\n"):
        assert not recognise_darma(text), text


def test_columns_without_labels_are_x_and_y(saved) -> None:
    path = saved("Magnitude,10,,\nSecond,,,Button\n1,5,-10,0\n")
    assert read_darma(path, Request("x"))[0].values.tolist() == [0.5]
    assert read_darma(path, Request("Y"))[0].values.tolist() == [-1.0]
    assert read_darma(path, Request("Y"))[0].name == "Y"


def test_axes_labelled_y_and_x_are_meant_by_their_labels(saved) -> None:
    path = saved(darma([(250, 500)], labels=("y", "x")))
    assert read_darma(path, Request("y"))[0].values.tolist() == [0.25]
    assert read_darma(path, Request("x"))[0].values.tolist() == [0.5]


def test_without_a_magnitude_the_given_range_counts(saved) -> None:
    path = saved(darma([(3, 9)]).replace("Magnitude,1000,,\n", ""))
    (trace,) = read_darma(path, Request("x", (1.0, 9.0)))
    assert (trace.values.tolist(), trace.range) == ([-0.5], (1.0, 9.0))
    with pytest.raises(InputError, match="no row `Magnitude`; give the range of the values"):
        read_darma(path, Request("x"))
