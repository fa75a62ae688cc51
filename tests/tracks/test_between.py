"""Whether faces between two frames with detection can be interpolated."""

from __future__ import annotations

from patterned_people import at, picture_of, seen

from seqfer.tracks.appearance import observations
from seqfer.tracks.between import deviates_from_linear_motion, same_faces
from seqfer.tracks.track import Track


def test_same_faces_wants_the_same_people_in_nearly_the_same_places() -> None:
    ann = seen((1, 60, 60))
    assert same_faces([], [])
    assert same_faces(ann, seen((1, 66, 60)))
    assert not same_faces(ann, [])
    assert not same_faces(ann, seen((1, 90, 60)))
    assert not same_faces(ann, seen((2, 60, 60)))
    weak = observations(picture_of((1, 60, 60)), [at(60, 60, 0.5)], 1.0, 0.0)
    assert not same_faces(ann, weak)
    assert same_faces(seen((1, 60, 60), (2, 130, 60)), seen((1, 61, 60), (2, 130, 61)))
    assert not same_faces(seen((1, 60, 60), (2, 130, 60)), seen((1, 66, 60), (2, 124, 60)))


def track(x: float, y: float, velocity: tuple[float, float, float], seen_s: float = 1.0) -> Track:
    (one,) = seen((1, x, y))
    return Track(seen_s, one, 0.0, velocity=velocity)


def test_deviation_from_linear_motion_by_hand() -> None:
    """The interpolated place may lie a quarter of the bend off; more than 0.12 of the size of 40 px is too much: a bend of 19.2 px."""
    still = track(100, 60, (0, 0, 0))
    assert not deviates_from_linear_motion(still, seen((1, 119, 60)), 2.0)
    assert deviates_from_linear_motion(still, seen((1, 120, 60)), 2.0)
    moving = track(100, 60, (20, 0, 0))  # pixels per second
    assert not deviates_from_linear_motion(moving, seen((1, 120, 60)), 2.0)
    assert not deviates_from_linear_motion(moving, seen((1, 110, 60)), 1.5)
    assert deviates_from_linear_motion(moving, seen((1, 100, 60)), 2.0)


def test_the_observation_nearest_to_the_predicted_place_counts() -> None:
    still = track(100, 60, (0, 0, 0))
    assert not deviates_from_linear_motion(still, seen((2, 200, 60), (1, 101, 60)), 2.0)
    assert not deviates_from_linear_motion(still, [], 2.0)


def test_faces_that_come_near_each_other_may_cross() -> None:
    apart = seen((1, 60, 60), (2, 260, 60))
    assert same_faces(apart, seen((1, 66, 60), (2, 254, 60)))  # far apart, whatever they do
    beside = seen((1, 100, 60), (2, 160, 60))
    assert same_faces(beside, seen((1, 106, 60), (2, 166, 60)))  # both move the same way
    assert not same_faces(beside, seen((1, 103, 60), (2, 157, 60)))  # towards each other
