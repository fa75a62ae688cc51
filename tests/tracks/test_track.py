"""One track: predicted places, the velocity it learns, the appearances it keeps, distances by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from patterned_people import at, picture_of, seen

from seqfer.core.records import Detection
from seqfer.tracks.appearance import Observation, observations
from seqfer.tracks.track import Track, distance, motion_distance


def observed(x: float, y: float, side: float = 40.0, look: int = 0) -> Observation:
    """An observation with one of a few appearances that have nothing in common."""
    patch = np.zeros(256, np.float32)
    patch[2 * look], patch[2 * look + 1] = math.sqrt(0.5), -math.sqrt(0.5)
    box = (x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    return Observation(Detection(box, 0.9), patch, np.eye(20, dtype=np.float32)[look])


def test_a_prediction_slows_down_and_never_passes_three_tenths_of_a_second() -> None:
    track = Track(2.0, observed(100, 60), 0.0, velocity=(50, -10, 0))
    assert track.predicted(2.0) == pytest.approx((100, 60, 40))
    x, y, size = track.predicted(2.3)
    ahead_s = 0.3 * (1 - math.exp(-1))
    assert (x, y, size) == pytest.approx((100 + 50 * ahead_s, 60 - 10 * ahead_s, 40))
    assert track.predicted(60.0) == pytest.approx((100 + 50 * 0.3, 60 - 10 * 0.3, 40))


def test_growth_is_predicted_within_limits() -> None:
    growing = Track(0.0, observed(0, 0), 0.0, velocity=(0, 0, 1.0))
    assert growing.predicted(9.0)[2] == pytest.approx(40 * math.exp(0.3))
    assert Track(0.0, observed(0, 0), 0.0, velocity=(0, 0, 9.0)).predicted(9.0)[2] == pytest.approx(40 * math.exp(0.5))


def test_a_steady_walk_teaches_its_velocity() -> None:
    track = Track(0.0, observed(0, 60), 0.0)
    track.follow(observed(3, 60), 0.1, clean=True)
    assert track.velocity[0] == pytest.approx(30 * (1 - math.exp(-0.1 / 0.15)))
    for step in range(2, 30):
        track.follow(observed(3 * step, 60), 0.1 * step, clean=True)
    assert track.velocity == pytest.approx((30, 0, 0), abs=1e-3)
    assert (track.observations, track.seen_s) == (30, pytest.approx(2.9))
    track.follow(observed(87, 60, side=80), 2.9, clean=True)  # a time that stands still divides by no zero
    assert np.isfinite(track.velocity).all()


def test_appearances_with_others_near_are_kept_only_until_a_clean_one() -> None:
    track = Track(0.0, observed(0, 0, look=0), 0.0)
    track.learn(observed(0, 0, look=1), clean=False)
    track.learn(observed(0, 0, look=2), clean=False)
    assert [one.patch.argmax() for one in track.exemplars] == [2]  # look 1
    track.learn(observed(0, 0, look=3), clean=True)
    assert [one.patch.argmax() for one in track.exemplars] == [6]
    track.learn(observed(0, 0, look=4), clean=False)
    track.learn(observed(0, 0, look=3), clean=True)  # known already
    assert len(track.exemplars) == 1
    for look in range(4, 12):
        track.learn(observed(0, 0, look=look), clean=True)
    assert [one.patch.argmax() for one in track.exemplars] == [12, 14, 16, 18, 20, 22]  # the last six


def test_the_last_observation_counts_only_where_asked_for_or_nothing_is_known() -> None:
    track = Track(0.0, observed(0, 0, look=5), 0.0)
    track.learn(observed(0, 0, look=1), clean=True)
    assert track.unlike(observed(0, 0, look=1), with_last=False) == pytest.approx(0, abs=1e-6)
    assert track.unlike(observed(0, 0, look=5), with_last=True) == pytest.approx(0, abs=1e-6)
    assert track.unlike(observed(0, 0, look=5), with_last=False) == pytest.approx(1.5)
    assert Track(0.0, observed(0, 0, look=5), 0.0).unlike(observed(0, 0, look=5), with_last=False) == pytest.approx(
        0, abs=1e-6
    )


def test_a_person_is_known_again_in_another_place() -> None:
    (ann,), (bob,) = seen((1, 60, 60)), seen((2, 60, 60))
    track = Track(0.0, ann, 0.0)
    track.learn(ann, clean=True)
    (moved,) = observations(picture_of((1, 200, 80)), [at(200, 80)], 1.0, 0.0)
    assert track.unlike(moved, with_last=False) < 0.1 < 0.25 < track.unlike(bob, with_last=False)


def test_distances_by_hand() -> None:
    assert distance((0, 0, 20), (30, 40, 80)) == pytest.approx(50 / 40)
    track = Track(0.0, observed(100, 60), 0.0)
    assert motion_distance(track, observed(132, 60), 0.0) == pytest.approx(32 / 40 / 0.8)
    assert motion_distance(track, observed(200, 60), 5.0) == pytest.approx(
        100 / 40 / 2.5
    )  # the reach grows to 2.5 sizes
    assert motion_distance(track, observed(100, 60, side=80), 0.5) == pytest.approx(math.log(2) / 0.7)
    moving = Track(0.0, observed(100, 60), 0.0, velocity=(400, 0, 0))
    ahead_px = 400 * 0.3 * (1 - math.exp(-0.1 / 0.3))
    assert motion_distance(moving, observed(100 + ahead_px, 60), 0.1) == pytest.approx(0)
