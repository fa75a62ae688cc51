"""CARMA exports of three generations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from trace_files import BINS, carma_2014, carma_2016, carma_2021, numbers

from seqfer.core.errors import InputError
from seqfer.traces.readers.carma import read as read_carma
from seqfer.traces.readers.carma import recognise as recognise_carma
from seqfer.traces.reading import read_traces, recognise
from seqfer.traces.request import Request

NAN = math.nan


@pytest.mark.parametrize("write", [carma_2014, carma_2016, carma_2021])
def test_three_generations_of_carma(saved, write) -> None:
    path = saved(write([10, -50.5, 100]))
    (trace,) = read_traces(path)
    assert recognise(path) == "carma"
    assert numbers(trace) == BINS  # `Second` is the end of the bin
    assert trace.film == ("film.avi" if write is carma_2014 else "my, film.avi")
    assert (trace.name, trace.rate_hz, trace.range, trace.source) == ("export", 1.0, (-100.0, 100.0), str(path))
    assert not trace.samples


def test_film_names_with_commas_in_the_flat_table(saved) -> None:
    for film in (r"C:\one, two\film.avi", r'"C:\one, two\film.avi"', r"\\server\share\one, two\film.avi"):
        (trace,) = read_traces(saved(carma_2014([10, -50.5, 100], film=film)))
        assert numbers(trace) == BINS
        assert trace.film == "film.avi"


def test_empty_bins_and_rows_left_out_are_gaps(saved) -> None:
    text = carma_2016([10, "NaN", "", 40, 50], step=0.25).replace("1,40\n", "")
    (trace,) = read_traces(saved(text))
    assert trace.rate_hz == pytest.approx(4.0)
    np.testing.assert_allclose(trace.start_s, [0.0, 0.25, 0.5, 1.0])
    np.testing.assert_allclose(trace.values, [0.1, NAN, NAN, 0.5])
    assert trace.missing == 2


def test_the_range_of_the_file_counts_before_the_given_one(saved) -> None:
    (trace,) = read_traces(saved(carma_2016([10])), value_range=(-1000, 1000))
    assert trace.values[0] == pytest.approx(0.1)
    (trace,) = read_traces(saved(carma_2016([10]).replace("Minimum Value,-100\n", "")), value_range=(-1000, 1000))
    assert trace.values[0] == pytest.approx(0.01)


def test_an_export_is_known_by_its_header_or_its_settings() -> None:
    for text in ("a\nSecond,Rating\n", '"second" ; "rating"\n', "Minimum Value,1\nx\nMaximum Value,9\n"):
        assert recognise_carma(text), text
    for text in ("", "Second,Other,Rating\n", "Minimum Value,1\n", "\n" * 300 + "Second,Rating\n"):
        assert not recognise_carma(text), text


def test_a_file_without_a_range_takes_the_given_one_and_else_is_refused(saved) -> None:
    path = saved("Second,Rating\n1,3\n2,5\n")
    (trace,) = read_carma(path, Request(value_range=(1.0, 9.0)))
    assert numbers(trace) == [(0.0, 1.0, -0.5), (1.0, 2.0, 0.0)]
    with pytest.raises(InputError, match="no rows `Minimum Value` and `Maximum Value`; give the range"):
        read_carma(path, Request())


def test_settings_longer_than_any_export_are_no_carma_file(saved) -> None:
    text = "".join(f"setting {n},{n}\n" for n in range(210)) + "Second,Rating\n1,3\n"
    with pytest.raises(InputError, match="no header `Second,Rating`; export the annotation again, with its header"):
        read_carma(saved(text), Request(value_range=(1.0, 9.0)))
