"""Following faces through a film: every frame out once, names that stay, rows only where a face is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from seqfer import posed
from seqfer.core.errors import SettingsError
from seqfer.core.records import Detection
from seqfer.tracks.following import FollowedFrame, FollowSettings, follow

Box = tuple[float, float, float, float]
WIDTH, HEIGHT = 320, 180


@dataclass
class Frame:
    """Stands in for a frame of film: a picture (height width 3) BGR, and what the scripted detector will say of it."""

    index: int
    time_s: float
    picture: np.ndarray
    found: list[Detection] = field(default_factory=list)

    @property
    def width(self) -> int:
        return self.picture.shape[1]

    @property
    def height(self) -> int:
        return self.picture.shape[0]

    def grey(self) -> np.ndarray:
        return cv2.cvtColor(self.picture, cv2.COLOR_BGR2GRAY)

    def tiny_luma(self) -> np.ndarray:
        return cv2.resize(self.grey(), (32, 18), interpolation=cv2.INTER_AREA)

    def small(self, longest_px: int) -> tuple[np.ndarray, float]:
        scale = max(1.0, max(self.width, self.height) / longest_px)
        size = round(self.width / scale), round(self.height / scale)
        picture = self.picture if scale == 1 else cv2.resize(self.picture, size, interpolation=cv2.INTER_AREA)
        Script.at = self  # the next picture that the scripted detector sees is this frame's
        return picture, scale


class Script:
    """A detector that answers what each frame carries, in the pixels of the picture it is given, and counts its calls."""

    at: Frame

    def __init__(self) -> None:
        self.searched: list[int] = []

    def __call__(self, picture: np.ndarray) -> list[Detection]:
        frame, scale = Script.at, Script.at.width / picture.shape[1]
        self.searched.append(frame.index)
        return [Detection(tuple(v / scale for v in d.box_xyxy_px), d.score) for d in frame.found]  # type: ignore[arg-type]


ROOM = np.dstack(
    [cv2.resize(np.random.default_rng(k).integers(60, 200, (9, 16), np.uint8), (WIDTH, HEIGHT)) for k in range(3)]
)


def film(
    places: Callable[[int], dict[str, tuple[float, float]]],
    frames: int,
    rate_hz: float = 30.0,
    *,
    jitter_px: float = 0.4,
    missing: Callable[[int], Sequence[str]] = lambda index: (),
    side_px: float = 36,
    room: Callable[[int], np.ndarray] = lambda index: ROOM,
) -> list[Frame]:
    """People as striped blocks, by name: the name is the seed of their looks. `places` gives their centres, the nearest to the camera last."""
    made, rng = [], np.random.default_rng(0)
    for index in range(frames):
        picture, found = room(index).copy(), []
        for name, (x, y) in places(index).items():
            _block(picture, name, x, y, side_px)
            box = np.array([x - side_px / 2, y - side_px / 2, x + side_px / 2, y + side_px / 2])
            if name not in missing(index):
                x0, y0, x1, y1 = (float(v) for v in box + rng.normal(0, jitter_px, 4))
                found.append(Detection((x0, y0, x1, y1), 0.9))
        made.append(Frame(index, index / rate_hz, picture, found))
    return made


def _block(picture: np.ndarray, name: str, x: float, y: float, side_px: float) -> None:
    looks = _looks(name)
    height, width = round(2.2 * side_px), round(1.4 * side_px)
    block = cv2.resize(looks, (width, height), interpolation=cv2.INTER_CUBIC)
    x0, y0 = round(x - width / 2), round(y - 0.9 * side_px)
    left, top, right, bottom = (
        max(x0, 0),
        max(y0, 0),
        min(x0 + width, picture.shape[1]),
        min(y0 + height, picture.shape[0]),
    )
    if left < right and top < bottom:
        picture[top:bottom, left:right] = block[top - y0 : bottom - y0, left - x0 : right - x0]


@cache
def _looks(name: str) -> np.ndarray:
    rng = np.random.default_rng(list(name.encode()))
    looks = rng.integers(0, 256, (11, 7, 3), np.uint8)
    return (0.5 * looks + 0.5 * rng.integers(0, 256, 3)).astype(np.uint8)


SIX_HZ = FollowSettings(detect_hz=6.0)


def run(made: list[Frame], settings: FollowSettings | None = None) -> tuple[list[FollowedFrame], list[int]]:
    script = Script()
    return list(follow(iter(made), script, settings or SIX_HZ)), script.searched


def who(
    out: list[FollowedFrame], places: Callable[[int], dict[str, tuple[float, float]]], name: str
) -> list[int | None]:
    """Per frame the number of the face at a person's place, None where there is none."""
    numbers: list[int | None] = []
    for followed in out:
        x, y = places(followed.frame.index)[name]
        near = [
            (
                math.hypot(
                    (f.box_xyxy_px[0] + f.box_xyxy_px[2]) / 2 - x, (f.box_xyxy_px[1] + f.box_xyxy_px[3]) / 2 - y
                ),
                f.face,
            )
            for f in followed.faces
        ]
        numbers.append(min(near)[1] if near and min(near)[0] < 9 else None)
    return numbers


def here(index: int) -> dict[str, tuple[float, float]]:
    return {"ann": (100.0, 80.0)}


def test_every_frame_comes_out_once_and_few_are_searched() -> None:
    out, searched = run(film(here, 61))
    assert [f.frame.index for f in out] == list(range(61))
    assert searched == list(range(0, 61, 5))
    assert all([face.face for face in f.faces] == [1] for f in out)
    assert [math.isnan(f.faces[0].score) for f in out] == [i % 5 > 0 for i in range(61)]
    assert {f.shot for f in out} == {1}
    assert not any(f.cut for f in out)


def test_between_searched_frames_boxes_lie_on_straight_lines() -> None:
    def walking(index: int) -> dict[str, tuple[float, float]]:
        return {"ann": (60.0 + 1.5 * index, 80.0)}

    out, _ = run(film(walking, 41, jitter_px=0.0))
    for f in out:
        x0, _, x1, _ = f.faces[0].box_xyxy_px
        assert (x0 + x1) / 2 == pytest.approx(60 + 1.5 * f.frame.index, abs=1e-6)


def test_boxes_and_landmarks_are_in_the_films_pixels() -> None:
    made = film(here, 11, jitter_px=0.0)
    marks = ((90.0, 70.0), (110.0, 70.0), (100.0, 80.0), (92.0, 92.0), (108.0, 92.0))

    def detect(picture: np.ndarray) -> list[Detection]:
        scale = WIDTH / picture.shape[1]
        assert picture.shape[1] == 160
        box = made[0].found[0].box_xyxy_px
        small = tuple((x / scale, y / scale) for x, y in marks)
        return [Detection(tuple(v / scale for v in box), 0.9, small)]  # type: ignore[arg-type]

    for f in follow(made, detect, FollowSettings(detect_hz=6.0, longest_px=160)):
        assert f.faces[0].box_xyxy_px == pytest.approx(made[0].found[0].box_xyxy_px)
        assert np.allclose(f.faces[0].landmarks_xy_px or (), marks)


@pytest.mark.parametrize("first", range(6, 13))
@pytest.mark.parametrize("last", [24, 26, 27])
def test_rows_begin_and_end_with_the_face(first: int, last: int) -> None:
    def visit(index: int) -> dict[str, tuple[float, float]]:
        return {"ann": (100.0, 80.0)} if first <= index <= last else {}

    out, searched = run(film(visit, 41))
    assert [f.frame.index for f in out if f.faces] == list(range(first, last + 1))
    assert len(searched) <= 9 + 6


def test_fast_motion_is_followed() -> None:
    def hurrying(index: int) -> dict[str, tuple[float, float]]:
        return {"ann": (160.0 + 110 * math.sin(index / 5), 80.0)}  # up to 0.6 of a face a frame

    out, _ = run(film(hurrying, 60))
    assert who(out, hurrying, "ann") == [1] * 60


@pytest.mark.parametrize("gap", [3, 14, 28])
def test_a_face_that_was_away_keeps_its_number_and_has_no_rows_while_away(gap: int) -> None:
    made = film(here, 80, missing=lambda index: ["ann"] if 31 <= index < 31 + gap else [])
    out, _ = run(made)
    assert {face.face for f in out for face in f.faces} == {1}
    away = [f.frame.index for f in out if not f.faces]
    assert set(away) <= set(range(31, 31 + gap))
    assert len(away) == gap or gap < 5  # shorter than a step may go unseen


def test_a_longer_absence_ends_the_name() -> None:
    made = film(here, 90, missing=lambda index: ["ann"] if 20 <= index < 60 else [])
    out, _ = run(made)
    assert [sorted({face.face for face in f.faces}) for f in (out[0], out[40], out[89])] == [[1], [], [2]]


def test_somebody_else_in_the_same_place_is_somebody_else() -> None:
    def swapped(index: int) -> dict[str, tuple[float, float]]:
        return {"ann" if index < 23 else "bob": (100.0, 80.0)}

    out, _ = run(film(swapped, 50))  # the room stays, so this is no cut
    assert [f.faces[0].face for f in out] == [1] * 23 + [2] * 27


def crossing(index: int) -> dict[str, tuple[float, float]]:
    return {"ann": (60.0 + 3 * index, 80.0), "bob": (240.0 - 3 * index, 84.0)}


def passing_slowly(index: int) -> dict[str, tuple[float, float]]:
    return {"ann": (150.0, 80.0), "bob": (60.0 + 3 * index, 82.0)}


def bouncing(index: int) -> dict[str, tuple[float, float]]:
    apart = abs(index - 30) * 3.0 + 4
    return {"ann": (150.0 - apart, 80.0), "bob": (150.0 + apart, 83.0)}


def hidden(places: Callable[[int], dict[str, tuple[float, float]]]) -> Callable[[int], Sequence[str]]:
    """The people so far behind another one that a detector does not see them."""

    def behind(index: int) -> list[str]:
        names = list(places(index).items())
        return [
            name
            for i, (name, (x, y)) in enumerate(names)
            if any(abs(x - u) < 20 and abs(y - v) < 20 for _, (u, v) in names[i + 1 :])
        ]

    return behind


@pytest.mark.parametrize("places", [crossing, passing_slowly, bouncing])
@pytest.mark.parametrize("rate_hz", [15.0, 30.0])
def test_faces_that_meet_keep_their_names(places: Callable, rate_hz: float) -> None:
    out, _ = run(film(places, 61, rate_hz, jitter_px=1.0, missing=hidden(places)))
    start = places(0)
    behind, front = (1, 2) if start["ann"] < start["bob"] else (2, 1)  # numbered from left to right
    occluded = [i for i in range(61) if hidden(places)(i)]
    assert occluded
    ann = who(out, places, "ann")
    assert [n for i, n in enumerate(ann) if i not in occluded] == [behind] * (61 - len(occluded))
    assert who(out, places, "bob") == [front] * 61
    assert all(len(out[i].faces) == 1 for i in occluded)
    assert {face.face for f in out for face in f.faces} == {1, 2}


def test_crossings_are_searched_on_every_frame() -> None:
    _, searched = run(film(crossing, 61, missing=hidden(crossing)))
    assert {*range(21, 28), *range(33, 40)} <= set(searched)  # both in sight, less than two faces apart
    assert len(searched) < 50


def test_two_faces_side_by_side_are_not_searched_more_often() -> None:
    out, searched = run(film(lambda index: {"ann": (100.0, 80.0), "bob": (155.0, 80.0)}, 61))
    assert len(searched) == 13
    assert all([face.face for face in f.faces] == [1, 2] for f in out)


def test_a_cut_ends_the_names() -> None:
    other = 255 - cv2.flip(ROOM, -1)
    made = film(here, 60, room=lambda index: ROOM if index < 33 else other)
    out, searched = run(made)
    assert [f.frame.index for f in out if f.cut] == [33]
    assert [f.shot for f in out] == [1] * 33 + [2] * 27
    assert [f.faces[0].face for f in out] == [1] * 33 + [2] * 27
    assert {32, 33} <= set(searched)


def test_a_false_alarm_of_one_frame_never_appears() -> None:
    made = film(here, 60)
    for index in (0, 20, 35, 59):
        made[index].found.append(Detection((200, 20, 236, 56), 0.8))
    out, _ = run(made)
    assert all([face.face for face in f.faces] == [1] for f in out)


def test_two_boxes_on_one_face_are_one() -> None:
    made = film(here, 30)
    for frame in made:
        x0, y0, x1, y1 = frame.found[0].box_xyxy_px
        frame.found += [
            Detection((x0 + 4, y0 + 3, x1 + 6, y1 + 5), 0.7),
            Detection((x0 + 8, y0 + 12, x0 + 22, y0 + 26), 0.6),
        ]
    out, _ = run(made)
    assert all([face.face for face in f.faces] == [1] for f in out)


def test_weak_detections_count_for_nothing() -> None:
    out, _ = run(film(here, 30), FollowSettings(detect_hz=6.0, min_score=0.95))
    assert not any(f.faces for f in out)


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_films_of_few_frames(frames: int) -> None:
    out, _ = run(film(here, frames))
    assert [[face.face for face in f.faces] for f in out] == [[1]] * frames


def test_any_frame_rate_and_times_that_do_not_rise() -> None:
    for rate_hz in (1.0, 12.5, 59.94, 240.0):
        out, searched = run(film(here, 60, rate_hz))
        assert [f.faces[0].face for f in out] == [1] * 60
        assert max(np.diff(searched)) <= max(1, min(15, math.ceil(rate_hz / 6)))
    made = film(here, 30)
    for frame in made:
        frame.time_s = math.nan if frame.index % 2 else 3.0
    out, _ = run(made)
    assert [f.faces[0].face for f in out] == [1] * 30


def test_look_ahead_and_memory_are_bounded() -> None:
    """At most one step is read ahead, whatever happens: visitors, false alarms, a cut."""
    taken = [0]
    rng = np.random.default_rng(3)
    made = film(
        lambda i: {"ann": (100.0, 80.0)} if i // 7 % 2 else {},
        200,
        missing=lambda i: ["ann"] if rng.random() < 0.3 else [],
    )

    def feed() -> Iterator[Frame]:
        for frame in made:
            taken[0] = frame.index
            yield frame

    ahead = [taken[0] - f.frame.index for f in follow(feed(), Script(), SIX_HZ)]
    assert len(ahead) == 200
    assert max(ahead) <= 6  # one step of 5 frames, and the frame that shows the cut


def test_settings_out_of_range_are_one_line() -> None:
    for name, value in (
        ("detect_hz", 0.0),
        ("detect_hz", math.nan),
        ("max_step_frames", 16),
        ("longest_px", 8),
        ("min_score", 1.5),
        ("max_gap_s", -1.0),
        ("max_gap_s", math.nan),
        ("confirm", 0),
    ):
        with pytest.raises(SettingsError, match=name) as error:
            FollowSettings(**{name: value})  # type: ignore[arg-type]
        assert "\n" not in str(error.value)
        assert "allowed" in str(error.value)


@pytest.mark.parametrize("path", ["through", "back"])
def test_drawn_people_who_meet_keep_their_names(path: str) -> None:
    """Two drawn heads walk towards each other; one passes behind the other, or both turn round where they meet."""
    frames, unit = 25, 16
    ann, bob = posed.sample_person(3), posed.sample_person(11)
    rng = np.random.default_rng(1)
    made, true = [], []
    for index in range(frames):
        share = index / (frames - 1)
        way = share if path == "through" else 0.5 - abs(share - 0.5)
        canvas = ROOM.copy()
        smile = posed.au_vector("happiness", share)
        boxes = [
            posed.paint_head(canvas, person, smile, (turn, 0, 0, 0, 0, 1), centre_xy_px=(x, 70), unit_px=unit)
            for person, x, turn in ((ann, 90 + 140 * way, 10), (bob, 230 - 140 * way, -10))
        ]
        covered = abs(boxes[0][0] - boxes[1][0]) < 1.1 * unit  # ann is painted first: she is behind
        seen = [Detection(tuple(np.array(box) + rng.normal(0, 0.8, 4)), 0.9) for box in boxes[covered:]]
        true.append(boxes[covered:] if covered else boxes)
        made.append(Frame(index, index / 15, canvas[..., ::-1].copy(), seen))
    out, _ = run(made)
    numbers = []
    for f, boxes in zip(out, true):
        assert len(f.faces) == len(boxes), f.frame.index
        order = [min(f.faces, key=lambda face: abs(face.box_xyxy_px[0] - box[0])).face for box in boxes]
        numbers.append(order)
    assert any(len(order) == 1 for order in numbers)
    assert all(order == ([1, 2] if len(order) == 2 else [2]) for order in numbers), numbers


def _film(path: Path) -> Iterator[Frame]:
    with av.open(str(path)) as container:
        for index, picture in enumerate(container.decode(container.streams.video[0])):
            yield Frame(index, float(picture.time), picture.to_ndarray(format="bgr24"))


def _yunet(folder: Path) -> Callable[[np.ndarray], list[Detection]]:
    file = folder / "detectors" / "face_detection_yunet_2026may.onnx"
    if not file.is_file():
        pytest.skip(f"needs {file.name}")
    net = cv2.FaceDetectorYN.create(str(file), "", (320, 320), 0.6)

    def detect(picture: np.ndarray) -> list[Detection]:
        net.setInputSize((picture.shape[1], picture.shape[0]))
        rows = net.detect(picture)[1]
        return [
            Detection((x, y, x + w, y + h), rest[10], tuple(zip(rest[0:10:2], rest[1:10:2])))
            for x, y, w, h, *rest in ([] if rows is None else rows.tolist())
        ]

    return detect


@pytest.mark.data
def test_one_woman_is_one_face_on_every_frame(shared_data: Path) -> None:
    out = list(follow(_film(shared_data / "video" / "WolfgangLanger_Pexels.mp4"), _yunet(shared_data), SIX_HZ))
    assert len(out) == 472
    assert sum(bool(f.faces) for f in out) >= 0.99 * 472
    assert {face.face for f in out for face in f.faces} == {1}
    assert not any(f.cut for f in out)


@pytest.mark.data
def test_no_rows_after_the_face_has_gone(shared_data: Path) -> None:
    out = list(follow(_film(shared_data / "video" / "face_noface.mov"), _yunet(shared_data), SIX_HZ))
    assert [f.frame.index for f in out if f.faces] == list(range(72))
    assert {face.face for f in out for face in f.faces} == {1}
    assert [f.frame.index for f in out if f.cut] == [73]  # 72 is black


def with_score(made: list[Frame], score: Callable[[int], float]) -> list[Frame]:
    """The same frames; a detection of frame i has score(i)."""
    return [replace(frame, found=[Detection(d.box_xyxy_px, score(frame.index)) for d in frame.found]) for frame in made]


def test_a_track_is_confirmed_by_a_score_that_is_high_enough() -> None:
    """A fist scores 0.65 throughout and gets no row, and no frame waits for it; a face that scores 0.9 once it is seen well gets rows."""
    sure = FollowSettings(detect_hz=6.0, confirm_score=0.7)
    made = film(lambda index: {"Fay": (100, 90)}, 60)
    out, _ = run(with_score(made, lambda index: 0.65), sure)
    assert [frame.frame.index for frame in out] == list(range(60))
    assert not any(frame.faces for frame in out)
    out, _ = run(with_score(made, lambda index: 0.9 if index > 20 else 0.65), sure)
    assert not out[10].faces
    assert all(len(frame.faces) == 1 for frame in out[26:])
    out, _ = run(with_score(made, lambda index: 0.9 if index < 20 else 0.65), sure)
    assert all(len(frame.faces) == 1 for frame in out)  # what is confirmed stays


def test_a_low_score_holds_back_few_frames() -> None:
    made = with_score(film(lambda index: {"Fay": (100, 90)}, 90), lambda index: 0.65)
    script, taken = Script(), 0

    def count() -> Iterator[Frame]:
        nonlocal taken
        for frame in made:
            taken += 1
            yield frame

    for index, _ in enumerate(follow(count(), script, FollowSettings(detect_hz=6.0, confirm_score=0.7))):
        assert taken - index <= 16


def test_small_faces_and_others_than_the_largest_are_left_out() -> None:
    small = film(lambda index: {"Sam": (60, 90)}, 30, side_px=20)
    assert not any(frame.faces for frame in run(small, FollowSettings(detect_hz=6.0, min_face_px=25))[0])
    both = film(lambda index: {"Ann": (60, 90), "Bob": (200, 90)}, 30)
    out, _ = run(both, FollowSettings(detect_hz=6.0, most_faces=1))
    assert {tuple(face.face for face in frame.faces) for frame in out} in ({(1,)}, {(2,)})


def test_stills_are_not_tracked() -> None:
    out, searched = run(film(lambda index: {"Ann": (60, 90)}, 4), FollowSettings(stills=True))
    assert [[face.face for face in frame.faces] for frame in out] == [[1], [2], [3], [4]]
    assert [(frame.shot, frame.cut) for frame in out] == [(1, False), (2, True), (3, True), (4, True)]
    assert searched == [0, 1, 2, 3]
