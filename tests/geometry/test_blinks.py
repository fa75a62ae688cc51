"""Blinks of made curves: `tools/measure_geometry.py` compares real clips with blinks marked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.geometry.blinks import Blink, find_blinks

RATE = 30.0


def curve(
    seconds: float, *dips: tuple[float, float], open_: float = 0.3, depth: float = 0.85
) -> tuple[np.ndarray, np.ndarray]:
    """Times, and openness with a dip (time of its lowest point, duration) each."""
    times, drop = np.arange(int(seconds * RATE)) / RATE, 0.0
    for at, duration in dips:
        drop = np.maximum(drop, np.clip(1.5 * (1 - np.abs(times - at) / (duration / 2)), 0, 1))
    return times, open_ * (1 - depth * drop) * np.ones(len(times))


def test_blinks_with_their_times() -> None:
    found = find_blinks(*curve(10, (2.0, 0.3), (6.5, 0.2)))
    assert [round(blink.peak_s, 1) for blink in found] == [2.0, 6.5]
    assert found[0].drop == pytest.approx(0.85, abs=0.01)
    assert found[0].onset_s == pytest.approx(1.87, abs=0.04)
    assert found[0].offset_s == pytest.approx(2.13, abs=0.04)


def test_closed_eyes_are_no_blink() -> None:
    assert find_blinks(*curve(10, (5.0, 2.5))) == []


def test_eyes_that_stay_closed_at_the_end_are_no_blink() -> None:
    times, openness = curve(6)
    openness[120:] = 0.05
    assert find_blinks(times, openness) == []


def test_looking_down_is_no_blink_and_a_blink_while_looking_down_is_one() -> None:
    times, openness = curve(12, (8.0, 0.25))
    openness[times >= 6] *= 0.75
    assert [round(blink.peak_s, 1) for blink in find_blinks(times, openness)] == [8.0]


def test_the_threshold_is_that_of_the_face() -> None:
    for open_ in (0.12, 0.2, 0.45):
        assert len(find_blinks(*curve(6, (3.0, 0.25), open_=open_))) == 1
    assert find_blinks(*curve(6, (3.0, 0.25), depth=0.2)) == []


def test_noise_is_no_blink() -> None:
    times, openness = curve(30, (10.0, 0.25))
    noisy = openness + np.random.default_rng(0).normal(0, 0.012, len(times))
    assert [round(blink.peak_s) for blink in find_blinks(times, noisy)] == [10]
    wild = 0.3 + np.random.default_rng(1).normal(0, 0.06, len(times))
    assert len(find_blinks(times, wild)) <= 2


def test_unknown_values_and_gaps() -> None:
    times, openness = curve(10, (2.0, 0.25), (7.0, 0.25))
    openness[100:150] = np.nan
    assert len(find_blinks(times, openness)) == 2
    assert find_blinks([], []) == []
    assert find_blinks([0.0, 0.1], [0.3, 0.0]) == []
    assert find_blinks(times, np.full(len(times), np.nan)) == []
    assert find_blinks(times, np.zeros(len(times))) == []


def test_a_blink_is_one_record() -> None:
    (found,) = find_blinks(*curve(6, (3.0, 0.25)))
    assert isinstance(found, Blink)
    assert found.onset_s < found.peak_s < found.offset_s
