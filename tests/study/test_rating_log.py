"""Logs are only appended to, survive a kill in the middle of a line, and give each time of the video once."""

import errno
import os

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.study.rating_log import RatingLog, events_path, read_events, read_samples


def test_what_is_appended_is_read(tmp_path):
    log = RatingLog(tmp_path / "a" / "attempt-1.csv", ("valence", "arousal"))
    log.append([[0.0, 0.5, -0.25], [0.05, float("nan"), 1.0]])
    log.event("pause", 0.05, detail="space")
    log.sync()
    log.close()
    axes, times, values = read_samples(log.path)
    assert axes == ("valence", "arousal")
    np.testing.assert_array_equal(times, [0.0, 0.05])
    np.testing.assert_array_equal(values, [[0.5, -0.25], [np.nan, 1.0]])
    (event,) = read_events(log.path)
    assert (event["event"], event["time_s"], event["detail"]) == ("pause", 0.05, "space")
    assert event["clock"].endswith("+00:00")


def test_later_rows_replace_those_from_their_time_on(tmp_path):
    log = RatingLog(tmp_path / "attempt-1.csv", ("valence",))
    log.append([[0.0, 0.1], [0.05, 0.2], [0.1, 0.3], [0.15, 0.4]])
    log.append([[0.05, -0.2], [0.1, -0.3]])  # the rater went back
    log.append([[0.1, -0.5], [0.2, -0.6]])  # sent again after a lost connection
    log.close()
    _, times, values = read_samples(log.path)
    np.testing.assert_allclose(times, [0.0, 0.05, 0.1, 0.2])
    np.testing.assert_allclose(values[:, 0], [0.1, -0.2, -0.5, -0.6])


def test_a_part_of_a_line_is_ignored_and_then_removed(tmp_path):
    path = tmp_path / "attempt-1.csv"
    log = RatingLog(path, ("valence",))
    log.append([[0.0, 0.1], [0.05, 0.2]])
    log.event("play", 0.0)
    log.close()
    for file in (path, events_path(path)):
        with file.open("a") as rest:
            rest.write("0.1,0.")
    np.testing.assert_allclose(read_samples(path)[1], [0.0, 0.05])
    assert len(read_events(path)) == 1
    again = RatingLog(path, ("valence",))
    again.append([[0.1, 0.3]])
    again.event("pause", 0.1)
    again.close()
    assert path.read_text().splitlines()[-1] == "0.100000,0.300000"
    assert [event["event"] for event in read_events(path)] == ["play", "pause"]


def test_a_full_disk_leaves_no_part_of_a_line_and_the_log_goes_on(tmp_path, monkeypatch):
    log = RatingLog(tmp_path / "attempt-1.csv", ("valence",))
    log.append([[0.0, 0.1]])
    write, calls = os.write, []

    def full(file, data):
        calls.append(len(data))
        if len(calls) == 1:
            return write(file, data[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(InputError, match=r"No space left on device.*the ratings before are saved"):
        log.append([[0.05, 0.2], [0.1, 0.3]])
    monkeypatch.setattr(os, "write", write)
    log.append([[0.05, 0.25]])
    log.close()
    assert log.path.read_text() == "time_s,valence\n0.000000,0.100000\n0.050000,0.250000\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ":1: not a log of ratings"),
        ("Second,Rating\n", ":1: not a log of ratings"),
        ("time_s,valence\n0.1,0.2\n0.2\n", ":3: '0.2' is not a time and 1 values"),
        ("time_s,valence\nx,0.2\n", ":2: 'x,0.2' is not a time"),
        ("time_s,valence\n,0.2\n", ":2: ',0.2' is not a time"),
    ],
)
def test_damaged_logs_are_named_with_their_line(tmp_path, text, words):
    path = tmp_path / "attempt-1.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_samples(path)
    assert f"{path}{words}" in str(error.value)


def test_a_damaged_event_is_named_with_its_line(tmp_path):
    path = tmp_path / "attempt-1.csv"
    events_path(path).write_text('{"event": "play"}\n[]\n')
    with pytest.raises(InputError, match=r"events.jsonl:2: not an event"):
        read_events(path)
