"""Observations, assignment, and crops in one framing."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.core.errors import SettingsError
from seqfer.core.records import Detection, TrackedFace
from seqfer.tracks import (
    EYE_DISTANCE,
    EYES_Y,
    MOUTH_Y,
    Tracker,
    align_crop,
    appearance_distance,
    observations,
    overlap,
    same_faces,
)

SIDE = 40.0


def picture_of(*people: tuple[int, float, float]) -> np.ndarray:
    """(180 320 3) BGR with patterned blocks: (seed of the looks, centre x, centre y) each."""
    picture = np.full((180, 320, 3), 120, np.uint8)
    for seed, x, y in people:
        rng = np.random.default_rng(seed)
        looks = (0.5 * rng.integers(0, 256, (11, 7, 3)) + 0.5 * rng.integers(0, 256, 3)).astype(np.uint8)
        block = cv2.resize(looks, (56, 88), interpolation=cv2.INTER_CUBIC)
        x0, y0 = round(x) - 28, round(y) - 36
        picture[y0 : y0 + 88, x0 : x0 + 56] = block
    return picture


def at(x: float, y: float, score: float = 0.9, side: float = SIDE) -> Detection:
    return Detection((x - side / 2, y - side / 2, x + side / 2, y + side / 2), score)


def seen(*people: tuple[int, float, float]):
    return observations(picture_of(*people), [at(x, y) for _, x, y in people], 1.0, 0.0)


def feed(tracker: Tracker, frames, step_s: float = 1 / 30) -> list[list[int | None]]:
    return [[track.number for track in tracker.update(found, step_s * i)] for i, found in enumerate(frames)]


def test_sightings_are_in_the_whole_pictures_pixels_and_best_first() -> None:
    picture = picture_of((1, 60, 60), (2, 200, 80))
    marks = tuple((60.0 + i, 50.0 + i) for i in range(5))
    found = [at(200, 80, 0.6), Detection((40, 40, 80, 80), 0.8, marks), at(120, 140, 0.2)]
    first, second = observations(picture, found, 4.0, 0.5)
    assert first.detection.box_xyxy_px == (160, 160, 320, 320)
    assert first.detection.landmarks_xy_px == tuple((4 * x, 4 * y) for x, y in marks)
    assert second.centre_xy_px == (800, 320)
    assert second.size_px == 160


def test_duplicates_go_and_neighbours_stay() -> None:
    picture = picture_of((1, 60, 60))
    for other, kept in (
        (at(66, 62, 0.7), 1),  # shifted a little
        (at(62, 64, 0.7, 14), 1),  # a small box inside
        (at(60, 62, 0.7, 46), 1),  # a larger one around
        (at(86, 60, 0.7), 2),  # somebody half behind
    ):
        assert len(observations(picture, [at(60, 60), other], 1.0, 0.0)) == kept


def test_unlikeness_knows_people_apart_from_places() -> None:
    (ann,), (again,), (bob,) = seen((1, 60, 60)), seen((1, 202, 83)), seen((2, 60, 60))
    assert appearance_distance(ann, ann) == pytest.approx(0, abs=1e-5)
    assert appearance_distance(ann, again) < 0.05
    assert appearance_distance(ann, bob) > 0.25


def test_a_picture_without_any_detail_has_an_appearance() -> None:
    flat = np.zeros((180, 320, 3), np.uint8)
    (first,) = observations(flat, [at(5, 5)], 1.0, 0.0)
    assert np.isfinite(appearance_distance(first, first))
    assert np.isfinite(appearance_distance(first, seen((1, 60, 60))[0]))


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


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 2, 2), (2, 0, 4, 2)) == 0


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


def test_doubtful_tracks_are_dropped() -> None:
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


def marks_at(x: float, y: float, apart: float, turn_deg: float = 0.0) -> tuple[tuple[float, float], ...]:
    """Five landmarks in the proportions of the training pictures; (x, y) is between the eyes."""
    down, half = (MOUTH_Y - EYES_Y) / EYE_DISTANCE * apart, apart / 2
    flat = [(-half, 0.0), (half, 0.0), (0.0, 0.6 * down), (-0.8 * half, down), (0.8 * half, down)]
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    return tuple((x + cos * u - sin * v, y + sin * u + cos * v) for u, v in flat)


def face_at(marks: tuple[tuple[float, float], ...]) -> TrackedFace:
    points = np.array(marks)
    (x0, y0), (x1, y1) = points.min(0), points.max(0)
    return TrackedFace(1, (x0 - 10, y0 - 20, x1 + 10, y1 + 10), 0.9, marks)


def dots(marks: tuple[tuple[float, float], ...], radius: float, size: tuple[int, int] = (300, 300)) -> np.ndarray:
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    picture = np.full(size, 20.0)
    for u, v in (marks[0], marks[1]):
        picture += 220 * np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * radius**2))
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("turn_deg", [0, 20, -35, 90, 180])
@pytest.mark.parametrize("apart", [24, 70, 130])
@pytest.mark.parametrize("size", [48, 64])
def test_eyes_are_level_and_where_the_training_pictures_have_them(turn_deg: float, apart: float, size: int) -> None:
    marks = marks_at(150, 140, apart, turn_deg)
    crop = align_crop(dots(marks, apart / 12), face_at(marks), size).astype(float) - 20
    assert crop.shape == (size, size)
    for half, x in ((crop[:, : size // 2], 0.5 - EYE_DISTANCE / 2), (crop[:, size // 2 :], EYE_DISTANCE / 2)):
        rows, columns = np.mgrid[:size, : size // 2] + 0.5
        weight = np.clip(half, 0, None) ** 2
        assert (columns * weight).sum() / weight.sum() == pytest.approx(x * size, abs=0.35)
        assert (rows * weight).sum() / weight.sum() == pytest.approx(EYES_Y * size, abs=0.35)


def test_without_landmarks_the_square_about_the_box_has_the_same_framing() -> None:
    """A YuNet box of the median proportions and landmarks of the median places cut the same square."""
    picture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8), (0, 0), 6)
    side = 120.0
    x0, y0 = 90.0, 80.0
    box = (x0 + 0.1055 * side, y0 - 0.019 * side, x0 + 0.8945 * side, y0 + 1.019 * side)
    marks = marks_at(x0 + 0.5 * side, y0 + EYES_Y * side, EYE_DISTANCE * side)
    first, second = (align_crop(picture, Detection(box, 0.9, m), 48).astype(float) for m in (None, marks))
    assert np.abs(first - second).mean() < 2
    haar = (x0 + 0.018 * side, y0 + 0.018 * side, x0 + 0.982 * side, y0 + 0.982 * side)
    assert np.abs(align_crop(picture, Detection(haar, 0.9), 48) - second).mean() < 2


def test_shrinking_averages() -> None:
    """Stripes finer than the crop's pixels become grey, where plain sampling would make coarse stripes of them."""
    stripes = np.zeros((600, 600), np.uint8)
    stripes[:, ::2] = 200
    for turn_deg in (0, 15):
        marks = marks_at(300, 250, 150, turn_deg)
        crop = align_crop(stripes, face_at(marks), 48)
        assert crop.std() < 4
        assert crop.mean() == pytest.approx(100, abs=2)


def test_a_crop_of_its_own_size_is_the_picture() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (100, 100), np.uint8)
    side = 48 / 1.038
    face = TrackedFace(1, (50 - side / 2, 40 - side / 2, 50 + side / 2, 40 + side / 2), 0.9)
    assert np.array_equal(align_crop(picture, face, 48), picture[16:64, 26:74])


def test_outside_the_picture_the_edge_is_repeated() -> None:
    picture = np.full((60, 80), 90, np.uint8)
    for box in ((-20, -20, 30, 30), (60, 40, 110, 90), (-90, -90, -40, -40), (-200, -200, 300, 300)):
        assert np.abs(align_crop(picture, TrackedFace(1, box, 0.9), 32).astype(int) - 90).max() <= 1


def test_margin_shows_more_around_and_colour_is_kept() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[70:130, 70:130] = (10, 120, 250)
    side = 60 / 1.038
    face = TrackedFace(1, (100 - side / 2, 100 - side / 2, 100 + side / 2, 100 + side / 2), 0.9)
    tight, wide = align_crop(picture, face, 60), align_crop(picture, face, 120, margin=0.5)
    assert (tight == (10, 120, 250)).all()
    assert np.array_equal(wide[30:90, 30:90], tight)
    assert not wide[:29].any()


def test_a_turned_head_is_not_blown_up_and_odd_landmarks_fall_back_to_the_box() -> None:
    picture = np.repeat(np.arange(300)[:, None] // 8 % 2 * 200, 300, axis=1).astype(np.uint8)
    box = (110.0, 90.0, 190.0, 200.0)
    frontal = marks_at(150, 130, 50)
    turned = tuple((150 + 0.4 * (u - 150), v) for u, v in frontal)
    crops = [align_crop(picture, Detection(box, 0.9, m), 48) for m in (frontal, turned)]
    edges = [int((np.abs(np.diff(crop[:, 24].astype(int))) > 60).sum()) for crop in crops]
    assert edges[1] >= 0.7 * edges[0]  # it shows nearly as much
    same = ((150.0, 130.0),) * 5
    assert np.array_equal(
        align_crop(picture, Detection(box, 0.9, same), 48), align_crop(picture, Detection(box, 0.9), 48)
    )


@pytest.mark.data
def test_the_template_fits_the_training_pictures(shared_data: Path) -> None:
    """Eyes of YuNet in FER2013 lie where EYES_Y and EYE_DISTANCE say: the medians over a hundred pictures."""
    file, table = (
        shared_data / "detectors" / "face_detection_yunet_2026may.onnx",
        shared_data / "fer2013" / "fer2013.csv.gz",
    )
    if not file.is_file() or not table.is_file():
        pytest.skip(f"needs {file.name} and {table.name}")
    net = cv2.FaceDetectorYN.create(str(file), "", (288, 288), 0.6)
    marks = []
    with gzip.open(table, "rt") as lines:
        next(lines)
        for line, _ in zip(lines, range(100)):
            grey = np.array(line.split(",")[1].split(), np.uint8).reshape(48, 48)
            large = cv2.resize(grey, (192, 192), interpolation=cv2.INTER_CUBIC)
            large = cv2.copyMakeBorder(large, 48, 48, 48, 48, cv2.BORDER_REPLICATE)
            faces = net.detect(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR))[1]
            if faces is not None:
                marks.append((faces[0][4:14].reshape(5, 2) - 48) / 192)
    right, left, _, *mouth = np.median(marks, axis=0)
    assert left[0] - right[0] == pytest.approx(EYE_DISTANCE, abs=0.03)
    assert (left[1] + right[1]) / 2 == pytest.approx(EYES_Y, abs=0.03)
    assert np.mean(mouth, axis=0)[1] == pytest.approx(MOUTH_Y, abs=0.03)
