"""For any comings and goings: every frame once and in order, no number twice on a frame, rows only from observations; shifted times
change nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqfer.core.records import Detection
from seqfer.tracks.following import FollowedFrame, FollowSettings, follow

WIDTH, HEIGHT, SIDE = 160, 90, 18.0
_rng = np.random.default_rng(0)
ROOMS = [cv2.resize(_rng.integers(0, 256, (5, 9, 3), np.uint8), (WIDTH, HEIGHT)) for _ in range(3)]
LOOKS = [cv2.resize(_rng.integers(0, 256, (11, 7, 3), np.uint8), (26, 40)) for _ in range(3)]


@dataclass
class Frame:
    index: int
    time_s: float
    picture: np.ndarray
    found: list[Detection]

    def tiny_luma(self) -> None:
        """Not known."""

    def small(self, longest_px: int) -> tuple[np.ndarray, float]:
        Frame.at = self
        scale = max(1.0, WIDTH / longest_px)
        return cv2.resize(self.picture, (round(WIDTH / scale), round(HEIGHT / scale))), scale


def detect(picture: np.ndarray) -> list[Detection]:
    assert picture.shape == (HEIGHT, WIDTH, 3)
    return Frame.at.found


@st.composite
def films(draw: st.DrawFn) -> list[Frame]:
    """Up to three people on straight paths, with misses, false alarms, cuts and uneven times."""
    frames = draw(st.integers(1, 60))
    people = [
        (
            draw(st.floats(10, 150)),
            draw(st.floats(20, 60)),
            draw(st.floats(-4, 4)),
            draw(st.integers(0, 50)),
            draw(st.integers(0, 60)),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    miss, alarm, uneven = draw(st.sampled_from([0.0, 0.1, 0.4])), draw(st.sampled_from([0.0, 0.1])), draw(st.booleans())
    cut_at, rate_hz = draw(st.integers(1, 80)), draw(st.sampled_from([2.0, 12.5, 30.0, 60.0]))
    made, time_s = [], 0.0
    for index in range(frames):
        picture, found = ROOMS[index >= cut_at].copy(), []
        for (x, y, speed, first, last), looks in zip(people, LOOKS):
            at_x = x + speed * index
            left, top = round(at_x) - 13, round(y) - 16
            if first <= index <= last and min(left, top) >= 0 and left + 26 <= WIDTH and top + 40 <= HEIGHT:
                picture[top : top + 40, left : left + 26] = looks
                if rng.random() >= miss:
                    x0, y0 = (np.array([at_x, y]) - SIDE / 2 + rng.normal(0, 0.4, 2)).tolist()
                    found.append(Detection((x0, y0, x0 + SIDE, y0 + SIDE), float(rng.uniform(0.8, 1.0))))
        if rng.random() < alarm:
            x0, y0 = rng.uniform(0, 60, 2).tolist()
            found.append(Detection((x0, y0, x0 + SIDE, y0 + SIDE), 0.7))
        made.append(Frame(index, time_s, picture, found))
        time_s += round(float(rng.uniform(0.5, 1.5) if uneven else 1.0) / rate_hz, 6)
    return made


def run(frames: list[Frame], settings: FollowSettings | None = None) -> list[FollowedFrame[Frame]]:
    return list(follow(iter(frames), detect, settings))


@given(films(), st.sampled_from([3.0, 6.0, 100.0]))
def test_every_frame_once_and_every_row_from_a_sighting(frames: list[Frame], detect_hz: float) -> None:
    out = run(frames, FollowSettings(detect_hz=detect_hz))
    assert [f.frame for f in out] == frames
    assert [f.shot for f in out] == list(np.cumsum([f.cut for f in out]) + 1)
    alive: dict[int, int] = {}
    for f in out:
        numbers = [face.face for face in f.faces]
        assert numbers == sorted(set(numbers))
        boxes = [face.box_xyxy_px for face in f.faces]
        assert len(set(boxes)) == len(boxes)
        for face in f.faces:
            assert alive.setdefault(face.face, f.shot) == f.shot  # no number survives a cut
            if not math.isnan(face.score):
                assert (face.box_xyxy_px, face.score) in [(d.box_xyxy_px, d.score) for d in f.frame.found]
    assert sorted(alive) == list(range(1, len(alive) + 1))


@given(films())
def test_what_was_not_searched_lies_between_two_sightings_one_step_apart(frames: list[Frame]) -> None:
    out = run(frames)
    for number in {face.face for f in out for face in f.faces}:
        rows = {f.frame.index: face.score for f in out for face in f.faces if face.face == number}
        sure = [index for index, score in rows.items() if not math.isnan(score)]
        for index, score in rows.items():
            if math.isnan(score):
                before, after = max(i for i in sure if i < index), min(i for i in sure if i > index)
                assert set(range(before, after + 1)) <= set(rows)
                assert after - before <= 15
        for before, after in pairwise(sure):
            assert out[after].frame.time_s - out[before].frame.time_s <= 1.0 + 1 / 6 + 1e-6


@given(films(), st.floats(-50, 5000))
def test_shifted_times_change_nothing(frames: list[Frame], shift_s: float) -> None:
    first = run(frames)
    second = run([Frame(f.index, f.time_s + shift_s, f.picture, f.found) for f in frames])
    for a, b in zip(first, second, strict=True):
        assert [face.face for face in a.faces] == [face.face for face in b.faces]
        for one, other in zip(a.faces, b.faces):
            assert np.allclose(one.box_xyxy_px, other.box_xyxy_px, atol=1e-3)


@given(films())
def test_look_ahead_is_bounded(frames: list[Frame]) -> None:
    taken = [0]

    def feed():
        for frame in frames:
            taken[0] = frame.index
            yield frame

    for f in follow(feed(), detect):
        assert taken[0] - f.frame.index <= 16


@given(films())
def test_searching_every_frame_gives_rows_only_where_something_was_found(frames: list[Frame]) -> None:
    for f in run(frames, FollowSettings(detect_hz=6.0, max_step_frames=1)):
        assert len(f.faces) <= len(f.frame.found)
        assert not any(math.isnan(face.score) for face in f.faces)
