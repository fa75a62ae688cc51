"""Traces written in every form and read again."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.traces.reading import read_traces
from seqfer.traces.trace import Trace
from seqfer.traces.writing import RatedVideo, write_carma, write_csv, write_darma, write_elan

NAN = math.nan


def bins(width: float, values, name: str = "valence", film: str = "") -> Trace:
    edges = np.arange(len(values) + 1) * width
    return Trace(name, edges[:-1], edges[1:], np.array(values, dtype=float), film, 1 / width)


def same(one: Trace, other: Trace, atol: float = 1e-6) -> None:
    for name in ("start_s", "end_s", "values"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=atol)


@pytest.fixture
def ratings() -> np.ndarray:
    values = np.random.default_rng(3).uniform(-1, 1, 200)
    values[[0, 1, 17, 199]] = [NAN, -1, NAN, 1]
    return values


@pytest.mark.parametrize("width", [0.05, 0.25, 1.0, 4.0])
def test_carma_and_back(tmp_path: Path, ratings: np.ndarray, width: float) -> None:
    trace = bins(width, ratings, film="my, film.avi")
    write_carma(tmp_path / "a.csv", trace, date="21-Nov-2026 10:00:00")
    (again,) = read_traces(tmp_path / "a.csv", kind="carma")
    same(trace, again)
    assert (again.film, again.range) == ("my, film.avi", (-100.0, 100.0))
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[4:6] == ["Minimum Value,-100", "Maximum Value,100"]  # CARMA itself counts the lines
    assert lines[7:9] == ["Second,Rating", "%%%%%%,%%%%%%"]
    write_carma(tmp_path / "a.csv", trace, value_range=(1, 9))
    same(trace, read_traces(tmp_path / "a.csv")[0])


@pytest.mark.parametrize("width", [0.05, 0.5])
def test_darma_and_back(tmp_path: Path, ratings: np.ndarray, width: float) -> None:
    path, trace = tmp_path / "a.csv", bins(width, ratings)
    write_darma(path, trace, video=RatedVideo("film.mp4", 12.5))
    (again,) = read_traces(path)
    same(trace, again)
    assert again.film == "film.mp4"
    assert np.nanmax(np.abs(read_traces(path, axis="arousal")[0].values)) == 0
    write_darma(path, trace, bins(width, -ratings), axes=("Communion", "Agency"), magnitude=1)
    same(bins(width, -ratings), read_traces(path, axis="Agency")[0])


def test_csv_and_back(tmp_path: Path, ratings: np.ndarray) -> None:
    one, other = bins(0.5, ratings, "anna, 1"), bins(0.5, -ratings, 'ben "b"')
    write_csv(tmp_path / "a.csv", [one, other])
    again = read_traces(tmp_path / "a.csv", axis="*")
    assert [trace.name for trace in again] == ["anna, 1", 'ben "b"']
    same(one, again[0], 1e-9)
    same(other, again[1], 1e-9)
    times = np.array([0, 0, 0.151, 0.405])
    log = Trace("valence", times, times, np.array([0.5, -0.0, NAN, 1e-9]))
    write_csv(tmp_path / "b.csv", [log])
    assert (tmp_path / "b.csv").read_text() == "time_s,valence\n0,0.5\n0,0\n0.151,\n0.405,1e-09\n"
    same(log, read_traces(tmp_path / "b.csv")[0], 0)


def test_elan_and_back(tmp_path: Path, ratings: np.ndarray) -> None:
    one, two = bins(0.5, ratings, "face 1 valence"), bins(2.0, ratings[:9], "Ann & <Ben>")
    path = tmp_path / "a.eaf"
    write_elan(path, [one, two], film=tmp_path / "my film.mp4", date="2026-11-21T10:00:00+00:00")
    again = read_traces(path)
    assert [trace.name for trace in again] == ["face 1 valence", "Ann & <Ben>"]
    assert again[0].film == "my film.mp4"
    for trace, back in zip((one, two), again):
        rated = ~np.isnan(trace.values)
        np.testing.assert_allclose(back.values, trace.values[rated], atol=1e-6)
        np.testing.assert_allclose(back.start_s, trace.start_s[rated])
        np.testing.assert_allclose(back.end_s, trace.end_s[rated])


def test_elan_slots_ascend_and_ends_come_first(tmp_path: Path) -> None:
    path = tmp_path / "a.eaf"
    write_elan(path, [bins(1.0, [0.1, 0.2, 0.3]), bins(1.5, [0.1, 0.2], "b").shifted(-1.0)])
    root = ET.parse(path).getroot()
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")}
    assert list(slots.values()) == sorted(slots.values())
    order = list(slots)
    used = []
    for one in root.iter("ALIGNABLE_ANNOTATION"):
        start, end = one.get("TIME_SLOT_REF1"), one.get("TIME_SLOT_REF2")
        assert slots[start] < slots[end]
        assert order.index(start) < order.index(end)
        used += [start, end]
    assert sorted(used) == sorted(slots)  # no slot has two annotations
    assert order.index(used[1]) < order.index(used[2])  # the first bin's end before the second's beginning
    (_, late) = read_traces(path)
    assert late.start_s.tolist() == [0.0, 0.5]  # ELAN knows no time below 0


def test_samples_in_elan_last_until_the_next(tmp_path: Path) -> None:
    times = np.array([0, 0, 0.1, 0.2, 5.0])
    write_elan(tmp_path / "a.eaf", [Trace("a", times, times, np.array([0.9, 0.1, NAN, 0.3, 0.4]))])
    (again,) = read_traces(tmp_path / "a.eaf")
    assert list(zip(again.start_s, again.end_s, again.values)) == [(0, 0.1, 0.1), (0.2, 0.3, 0.3), (5.0, 5.1, 0.4)]


def test_what_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    times = np.array([0.0, 0.5])
    log = Trace("log", times, times, times)
    uneven = Trace("uneven", np.array([0.0, 1, 2]), np.array([1.0, 2, 2.5]), np.zeros(3))
    for write, words in (
        (lambda: write_carma(path, log), "is samples, and this format has means over bins"),
        (lambda: write_darma(path, log), "is samples, and this format has means over bins"),
        (lambda: write_carma(path, uneven), "bins of several widths"),
        (lambda: write_carma(path, bins(1, [0, 0]).shifted(-3)), "the first bin ends at -2 s"),
        (lambda: write_carma(path, bins(1, [0]), value_range=(1, 1)), "not a range"),
        (lambda: write_darma(path, bins(1, [0]), bins(2, [0])), "must have the same times"),
        (lambda: write_csv(path, [log, bins(1, [0, 0])]), "have different times; resample both"),
        (lambda: write_csv(path, [log, log]), "two traces are named 'log'"),
        (lambda: write_csv(path, []), "no traces to write"),
        (lambda: write_elan(path, [log, log]), "two traces are named 'log'"),
        (lambda: write_csv(tmp_path, [log]), "cannot be written"),
    ):
        with pytest.raises(InputError, match=words):
            write()
    assert not list(tmp_path.iterdir())


def test_a_name_that_a_spreadsheet_would_run_is_read_back(tmp_path: Path) -> None:
    trace = Trace("=cmd|' /C calc'!A0", np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([-0.5, 0.5]))
    write_csv(tmp_path / "a.csv", [trace])
    assert (tmp_path / "a.csv").read_text() == "time_s,'=cmd|' /C calc'!A0\n0,-0.5\n1,0.5\n"
    (read,) = read_traces(tmp_path / "a.csv")
    assert read.name == trace.name
    np.testing.assert_array_equal(read.values, trace.values)
