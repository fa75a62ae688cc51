"""Observations of successive frames are assigned to tracks with constant numbers."""

from __future__ import annotations

import math

import pytest
from patterned_people import seen

from seqfer.core.errors import SettingsError
from seqfer.tracks import Tracker


def feed(tracker: Tracker, frames, step_s: float = 1 / 30) -> list[list[int | None]]:
    return [[track.number for track in tracker.update(found, step_s * i)] for i, found in enumerate(frames)]


def test_believed_at_the_second_sighting_and_numbered_from_left_to_right() -> None:
    frame = seen((1, 200, 60), (2, 60, 60))
    left_is_first = [2, 1] if frame[0].centre_xy_px[0] > 100 else [1, 2]
    assert feed(Tracker(), [frame, frame]) == [[None, None], left_is_first]


def test_where_boxes_coincide_appearance_decides() -> None:
    """Two people change places between two frames: nearest boxes would swap their names."""
    before = seen((1, 80, 60), (2, 140, 60))
    after = seen((1, 122, 60), (2, 98, 60))
    tracker = Tracker()
    feed(tracker, [before, before])
    names = {t.number: t.last.centre_xy_px[0] for t in tracker.update(after, 0.2)}
    assert names == {1: 122, 2: 98}


def test_a_hidden_face_is_waited_for_and_not_handed_over() -> None:
    both, front, back = seen((1, 100, 60), (2, 140, 60)), seen((2, 112, 62)), seen((1, 98, 60), (2, 140, 62))
    numbers = feed(Tracker(), [both, both, *[front] * 9, back])
    assert numbers[2:11] == [[2]] * 9
    tracks = {1, 2}
    assert set(numbers[11]) == tracks


def test_a_stranger_where_a_face_was_lost_gets_a_new_number() -> None:
    ann, stranger = seen((1, 100, 60)), seen((4, 102, 60))
    assert feed(Tracker(), [ann, ann, [], [], stranger, stranger], 0.2)[-1] == [2]


def test_a_gap_is_bridged_up_to_its_limit() -> None:
    ann = seen((1, 100, 60))
    for absent, number in ((3, 1), (9, 1), (12, 2)):
        assert feed(Tracker(max_gap_s=1.0), [ann, ann, *[[]] * absent, ann, ann], 0.1)[-1] == [number]


def test_a_cut_ends_every_track() -> None:
    ann, tracker = seen((1, 100, 60)), Tracker()
    feed(tracker, [ann, ann])
    tracker.cut()
    assert [t.number for t in tracker.update(ann, 1.0)] == [None]
    assert [t.number for t in tracker.update(ann, 1.1)] == [2]


def test_tentative_tracks_are_dropped() -> None:
    ann, tracker = seen((1, 100, 60)), Tracker()
    (track,) = tracker.update(ann, 0.0)
    tracker.update([], 0.1)
    tracker.drop_tentative(0.1)
    assert track.dropped
    assert [t.number for t in tracker.update(ann, 0.2)] == [None]


def test_nothing_is_kept_of_the_past() -> None:
    tracker, time_s = Tracker(), 0.0
    for index in range(300):
        time_s += 0.4
        tracker.update(seen((index, 60 + index % 150, 60)) if index % 3 == 0 else [], time_s)
        assert len(tracker._tracks) <= 4
        assert all(len(track.exemplars) <= 6 for track in tracker._tracks)


@pytest.mark.parametrize(("gap", "confirm"), [(-1.0, 2), (math.nan, 2), (math.inf, 2), (1.0, 0)])
def test_tracker_settings_out_of_range(gap: float, confirm: int) -> None:
    with pytest.raises(SettingsError, match="allowed"):
        Tracker(gap, confirm)


def test_a_lost_number_is_not_given_to_another_person() -> None:
    """Ann is lost; a stranger who is tentative at her place does not become Ann when Ann is seen again beside him."""
    ann, stranger = seen((1, 100, 60)), seen((3, 104, 60))
    tracker = Tracker(confirm=3)
    feed(tracker, [ann, ann, ann])
    (tentative,) = tracker.update(stranger, 0.3)
    assert tentative.number is None
    (found,) = tracker.update(ann, 0.4)
    assert found.number == 1
    assert tentative.number is None
