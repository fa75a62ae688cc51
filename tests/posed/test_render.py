"""seqfer.posed: the same seed gives the same person and pixels; action units move what they should; heads can be cut out and painted."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from seqfer import posed
from seqfer.core.errors import InputError
from seqfer.posed.shape import geometry

PERSON = posed.sample_person(3)


def test_same_seed_same_person_and_pixels() -> None:
    assert posed.sample_person(3) == PERSON
    assert posed.sample_person(4) != PERSON
    first, second = (
        posed.render(PERSON, {12: 0.7}, size_px=48, noise=0.02, rng=np.random.default_rng(5)) for _ in range(2)
    )
    assert first.shape == (48, 48, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)


def test_people_differ_in_every_way_the_card_names() -> None:
    people = [posed.sample_person(seed) for seed in range(60)]
    for name, values in (
        ("tone", {1, 2, 3, 4, 5, 6}),
        ("glasses", {"no", "round", "square"}),
        ("style", {"open", "reserved", "lopsided"}),
    ):
        assert {getattr(person, name) for person in people} == values, name
    assert {person.beard for person in people} == {"none", "stubble", "moustache", "full"}
    assert {person.hair for person in people} == {"bald", "short", "parted", "fringe", "long"}


@pytest.mark.parametrize(
    ("unit", "part", "sign"),
    [
        (1, "brow_inner", -1),
        (2, "brow_outer", -1),
        (4, "brow_inner", 1),
        (5, "lid_upper", 1),
        (7, "lid_lower", -1),
        (12, "corner_v", -1),
        (15, "corner_v", 1),
        (20, "corner_u", 1),
        (26, "jaw", 1),
    ],
)
def test_action_units_move_what_facs_says(unit: int, part: str, sign: int) -> None:
    rest, moved = (np.mean(getattr(geometry(PERSON, aus), part)) for aus in ({}, {unit: 1.0}))
    assert (moved - rest) * sign > 0.01


def test_lopsided_person_moves_one_side_more() -> None:
    person = next(p for p in map(posed.sample_person, range(200)) if p.style == "lopsided")
    left, right = geometry(person, {12: 1.0}).corner_v
    assert abs(left - right) > 0.02


def test_every_unit_changes_the_picture_near_the_face_only() -> None:
    bare = dataclasses.replace(PERSON, hair="bald", beard="none", glasses="no", au_gain=((1.0, 1.0),) * len(posed.AUS))
    rest = posed.render(bare, {}, size_px=96).astype(int)
    for unit in posed.AUS:
        change = np.abs(posed.render(bare, {unit: 1.0}, size_px=96).astype(int) - rest).max(axis=2)
        assert change.max() > 12, f"action unit {unit} is not to be seen"
        assert change[:, :8].max() == 0, f"action unit {unit} changes the background"


def test_any_size_draws_the_same_face() -> None:
    small = posed.render(PERSON, {26: 0.5}, (8, -5, 4, 0.1, 0, 1), 64).astype(float)
    large = posed.render(PERSON, {26: 0.5}, (8, -5, 4, 0.1, 0, 1), 192).astype(np.float32)
    again = cv2.resize(large, (64, 64), interpolation=cv2.INTER_AREA)
    assert np.abs(small - again).mean() < 4


def test_yaw_moves_the_nose_to_the_pictures_right_and_pitch_up() -> None:
    bare = dataclasses.replace(PERSON, hair="bald", glasses="no", beard="none")

    def eyes(pose: tuple[float, ...]) -> np.ndarray:
        dark = 255.0 - posed.render(bare, {}, pose, 96).astype(float).mean(axis=2)[28:48, 24:72]
        weight = np.maximum(dark - np.percentile(dark, 90), 0)
        rows, columns = np.indices(weight.shape)
        return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()

    straight = eyes((0, 0, 0, 0, 0, 1))
    assert eyes((10, 0, 0, 0, 0, 1))[0] > straight[0] + 1.5
    assert eyes((0, 8, 0, 0, 0, 1))[1] < straight[1] - 1.5


def test_cut_out_has_a_clear_corner_and_a_solid_middle() -> None:
    rgba = posed.cut_out(PERSON, {}, size_px=64)
    assert rgba.shape == (64, 64, 4)
    assert rgba.dtype == np.uint8
    assert rgba[0, 0, 3] == 0
    assert rgba[28, 32, 3] == 255


def test_paint_head_changes_the_canvas_where_it_says() -> None:
    canvas = np.full((120, 200, 3), 90, np.uint8)
    box = posed.paint_head(canvas, PERSON, {}, centre_xy_px=(150, 50), unit_px=20)
    assert box[0] == pytest.approx(130)
    assert box[2] == pytest.approx(170)
    assert box[1] < 50 < box[3]
    assert (canvas[:, :90] == 90).all()
    assert (canvas[40:80, 140:160] != 90).any(axis=2).mean() > 0.95
    posed.paint_head(canvas, PERSON, {}, centre_xy_px=(-500, 50), unit_px=20)  # all outside: nothing to do
    assert (canvas[:, :90] == 90).all()


def test_bad_input_is_told_in_one_line() -> None:
    for wrong, word in (({99: 1.0}, "99"), (np.zeros(3), "shape")):
        with pytest.raises(InputError, match=word):
            posed.render(PERSON, wrong)
    with pytest.raises(InputError, match="framing"):
        posed.render(PERSON, {}, framing="feet")
    with pytest.raises(InputError, match="size"):
        posed.render(PERSON, {}, size_px=4)
    with pytest.raises(InputError, match="rng"):
        posed.render(PERSON, {}, noise=0.1)
    with pytest.raises(InputError, match="canvas"):
        posed.paint_head(np.zeros((4, 4)), PERSON, {}, centre_xy_px=(0, 0), unit_px=9)
    with pytest.raises(InputError, match="contempt"):
        posed.clip_curves(PERSON, "contempt", 0)
    with pytest.raises(InputError, match="bent"):
        posed.clip_curves(PERSON, "fear", 0, path="bent")
    with pytest.raises(InputError, match="at least 2"):
        posed.clip_curves(PERSON, "fear", 0, frames=1)


@pytest.mark.parametrize("emotion", posed.EXPRESSIONS)
def test_curves_begin_neutral_and_stay_in_range(emotion: str) -> None:
    for seed in range(20):
        aus, valence, pose = posed.clip_curves(PERSON, emotion, seed)
        assert 8 <= len(aus) <= 24
        assert aus.shape[1] == len(posed.AUS)
        assert pose.shape == (len(aus), 6)
        assert len(valence) == len(aus)
        assert not aus[0].any()
        assert valence[0] == 0
        assert aus.min() >= 0
        assert aus.max() <= 1
        assert np.abs(valence).max() <= 1
        if emotion != "neutral":
            assert aus[-1].max() > 0.3


def test_straight_valence_has_the_expressions_sign() -> None:
    for emotion, full in posed.VALENCE.items():
        ends = [posed.clip_curves(PERSON, emotion, seed, path="straight")[1][-1] for seed in range(30)]
        assert np.sign(np.mean(ends)) == np.sign(full)


def test_length_pose_and_distractors_do_not_tell_the_emotion() -> None:
    poses = [posed.clip_curves(PERSON, emotion, 7)[2] for emotion in posed.EXPRESSIONS]
    assert all(np.array_equal(pose, poses[0]) for pose in poses)


def test_crossed_paths_of_a_pair_hold_the_same_frames_in_another_order() -> None:
    first, _, _ = posed.clip_curves(PERSON, "fear", 11, frames=24, path="crossed")
    second, _, _ = posed.clip_curves(PERSON, "surprise", 11, frames=24, path="crossed")
    assert np.abs(first.mean(axis=0) - second.mean(axis=0)).max() < 0.1  # the bag is the same
    assert np.abs(first[-1] - second[-1]).max() < 0.05  # and so is the apex
    assert np.abs(first - second).max() > 0.5  # the order is not
    fear = posed.au_vector("fear")
    assert (second[8] @ fear) > (second[16] @ fear)
    assert (first[8] @ fear) < (first[16] @ fear)


@pytest.mark.data
def test_a_face_detector_finds_the_faces(shared_data) -> None:
    file = shared_data / "detectors" / "face_detection_yunet_2026may.onnx"
    if not file.is_file():
        pytest.skip(f"needs {file.name}")
    detector = cv2.FaceDetectorYN.create(str(file), "", (256, 256), 0.6)
    found = 0
    for seed in range(10):
        picture = posed.render(posed.sample_person(seed), {}, size_px=256, framing="shoulders")
        found += detector.detect(np.ascontiguousarray(picture[..., ::-1]))[1] is not None
    assert found >= 9
