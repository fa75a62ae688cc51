"""Slices and means of a run's rows, against its tables."""

import numpy as np
import pytest
from viewed_runs import FRAMES, write_viewed_run

import seqfer
from seqfer.core.errors import InputError
from seqfer.traces.trace import Trace
from seqfer.web import run_data
from seqfer.web.run_data import RunData


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return seqfer.read(write_viewed_run(tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def data(run):
    return RunData(run.folder, run.summary)


def test_a_slice_has_the_rows_of_its_time(run, data):
    found = data.rows(0.5, 1.5)
    frames = run.frames
    inside = frames[(frames.time_s >= 0.5) & (frames.time_s < 1.5)]
    assert found["frames"] == pytest.approx(inside.time_s.unique())
    faces = inside.dropna(subset=["face"])
    assert found["columns"]["time_s"] == pytest.approx(faces.time_s)
    for name in ("x1", "y2", "happiness", "valence"):
        np.testing.assert_allclose(found["columns"][name], faces[name], atol=1e-6)
    assert found["columns"]["face"] == faces.face.tolist()


def test_slices_join_to_the_whole(run, data, monkeypatch):
    monkeypatch.setattr(run_data, "MOST_ROWS", 7)
    at, times, frames = 0.0, [], []
    while at < data.length_s:
        part = data.rows(at, data.length_s)
        times += part["columns"]["time_s"]
        frames += part["frames"]
        at = part["to_s"]
    assert times == pytest.approx(run.frames.dropna(subset=["face"]).time_s)
    assert len(frames) == FRAMES


def test_the_timeline_has_the_means_of_every_bin(run, data):
    found = data.timeline(0.0, 4.0, 8)
    rows = run.frames.dropna(subset=["face"])
    face = int(rows.face.mode()[0])
    mine = rows[rows.face == face]
    means = mine.groupby((mine.time_s / 0.5).astype(int)).happiness.mean().reindex(range(8))
    np.testing.assert_allclose(np.array(found["faces"][str(face)]["happiness"], float), means, atol=1e-6)
    assert data.timeline(0.0, 4.0, 4000)["bins"] == pytest.approx(4.0 / 0.04, abs=1)


def test_the_band_of_raters(run):
    times = np.arange(0, 4, 0.1)
    raters = tuple(Trace(name, times, times, np.full(40, value)) for name, value in (("a", 0.0), ("b", 0.5)))
    band = RunData(run.folder, run.summary, raters).rater_band()
    assert band["names"] == ["a", "b"]
    assert (band["low"][1], band["mean"][1], band["high"][1]) == (0.0, 0.25, 0.5)
    assert band["mean"][-1] is None or len(band["mean"]) <= 4
    assert RunData(run.folder, run.summary).rater_band() is None


@pytest.mark.parametrize(
    ("span", "bins"), [((1.0, 1.0), 5), ((float("nan"), 1.0), 5), ((0.0, 1.0), 0), ((0.0, 1.0), 5000)]
)
def test_spans_that_cannot_be(data, span, bins):
    with pytest.raises(InputError):
        data.timeline(*span, bins)


def test_slices_of_an_hour_stay_small(run):
    """90,000 rows."""
    data = RunData(run.folder, run.summary)
    times = np.arange(90_000) / 25
    columns = {name: np.resize(column, 90_000) for name, column in data.columns.items()} | {"time_s": times}
    long = RunData(run.folder, run.summary)
    long.__dict__.update(columns=columns, frame_times_s=times)  # as cached_property stores them
    assert len(long.rows(1000.0, 1010.0)["columns"]["face"]) == 250
    whole = long.timeline(0.0, 3600.0, 1200)
    assert whole["bins"] == 1200
    assert all(value is not None for value in whole["faces"][str(int(columns["face"][0]))]["valence"])
