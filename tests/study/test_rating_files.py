"""The files of a finished attempt: means per second, and CARMA's and DARMA's forms, read back by seqfer's own readers."""

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.study.rating_files import RatedBy, per_second, traces_of, write_ratings
from seqfer.study.rating_log import RatingLog
from seqfer.study.settings import RatingSettings
from seqfer.traces.reading import read_traces

SECONDS = 4


def logged(tmp_path, axes, scale=1.0, skip=()):
    log = RatingLog(tmp_path / "attempt-1.csv", axes)
    times = [k / 20 for k in range(20 * SECONDS) if k // 20 not in skip]
    log.append([[t, *(scale * np.sin(t + axis) for axis in range(len(axes)))] for t in times])
    log.close()
    return log.path


def expected(axis=0):
    times = np.arange(20 * SECONDS) / 20
    return np.sin(times + axis).reshape(SECONDS, 20).mean(axis=1)


BY = RatedBy("clip", "clip.mp4", float(SECONDS), "Ann")


def test_one_axis_in_all_three_forms(tmp_path):
    files = write_ratings(logged(tmp_path, ("valence",)), BY, RatingSettings(), tmp_path / "out")
    names = [str(file.relative_to(tmp_path / "out")) for file in files]
    assert names == ["ratings/clip/Ann.csv", "carma/clip/Ann.csv", "darma/clip/Ann.csv"]
    for file, kind in zip(files, ("csv", "carma", "darma")):
        (trace,) = read_traces(file, kind=kind)
        np.testing.assert_allclose(trace.values, expected(), atol=2e-6)
        np.testing.assert_array_equal(trace.start_s, range(SECONDS))
    carma = files[1].read_text().splitlines()
    assert carma[1:7] == [
        "Multimedia File,clip.mp4",
        "Lower Label,very negative",
        "Upper Label,very positive",
        "Minimum Value,-100",
        "Maximum Value,100",
        "Number of Steps,9",
    ]


def test_two_axes(tmp_path):
    settings = RatingSettings(axes=("valence", "arousal"))
    files = write_ratings(logged(tmp_path, settings.axes), BY, settings, tmp_path / "out")
    names = [str(file.relative_to(tmp_path / "out")) for file in files]
    assert names == [
        "ratings/clip/Ann.csv", "carma/valence/clip/Ann.csv", "carma/arousal/clip/Ann.csv", "darma/clip/Ann.csv",
    ]  # fmt: skip
    for axis, name in enumerate(settings.axes):
        (trace,) = read_traces(files[3], kind="darma", axis=name)
        np.testing.assert_allclose(trace.values, expected(axis), atol=2e-6)
        (trace,) = read_traces(files[1 + axis], kind="carma")
        np.testing.assert_allclose(trace.values, expected(axis), atol=2e-6)


def test_unbounded_ratings_are_divided_by_their_largest_magnitude(tmp_path):
    log = logged(tmp_path, ("valence",), scale=7.0)
    files = write_ratings(log, BY, RatingSettings(mode="unbounded"), tmp_path / "out")
    assert [file.parent.parent.name for file in files] == ["ratings"]
    (trace,) = read_traces(files[0], kind="csv")
    largest = np.abs(np.sin(np.arange(20 * SECONDS) / 20)).max()
    np.testing.assert_allclose(trace.values, expected() / largest, atol=2e-6)


def test_seconds_without_samples_are_empty(tmp_path):
    (trace,) = traces_of(logged(tmp_path, ("valence",), skip=(2,)), BY)
    np.testing.assert_array_equal(np.isnan(per_second(trace).values), [False, False, True, False])


def test_a_log_without_samples_is_refused(tmp_path):
    RatingLog(tmp_path / "attempt-1.csv", ("valence",)).close()
    with pytest.raises(InputError, match="has no samples"):
        traces_of(tmp_path / "attempt-1.csv", BY)
