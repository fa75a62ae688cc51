"""Attempts by number, what counts, and what can be continued."""

from seqfer.study.attempts import FINISHED, attempts_of, counted_attempt, next_path, open_attempt, rated
from seqfer.study.rating_log import RatingLog


def attempt(out, last_s, finished):
    number, path = next_path(out, "clip", "Ann")
    log = RatingLog(path, ("valence",))
    log.append([[0.0, 0.0], [last_s, 0.5]] if last_s else [])
    if finished:
        log.event(FINISHED, last_s)
    log.close()
    return number


def test_the_last_finished_attempt_counts(tmp_path):
    assert attempts_of(tmp_path, "clip", "Ann") == []
    assert counted_attempt(tmp_path, "clip", "Ann") is None
    assert rated(tmp_path) == {}
    numbers = [attempt(tmp_path, 2.0, True), attempt(tmp_path, 3.0, True), attempt(tmp_path, 1.0, False)]
    assert numbers == [1, 2, 3]
    assert counted_attempt(tmp_path, "clip", "Ann").number == 2
    assert rated(tmp_path) == {"clip": ("Ann",)}
    unfinished = open_attempt(tmp_path, "clip", "Ann")
    assert (unfinished.number, unfinished.last_s) == (3, 1.0)


def test_only_an_unfinished_last_attempt_with_samples_is_continued(tmp_path):
    attempt(tmp_path, 1.0, False)
    attempt(tmp_path, 0.0, False)
    assert open_attempt(tmp_path, "clip", "Ann") is None
    attempt(tmp_path, 2.0, True)
    assert open_attempt(tmp_path, "clip", "Ann") is None


def test_attempts_are_ordered_by_number(tmp_path):
    for _ in range(11):
        attempt(tmp_path, 1.0, False)
    assert [one.number for one in attempts_of(tmp_path, "clip", "Ann")] == list(range(1, 12))
