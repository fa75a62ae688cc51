"""One frame as shown: turned, mirrored, with square pixels, in grey, RGB and small."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from video_files import turned, write_film

from seqfer import video
from seqfer.video import picture
from seqfer.video.picture import Orientation, VideoFrame, resized


@pytest.mark.parametrize(
    ("matrix", "as_shown"),
    [
        ((0, 1, -1, 0), lambda a: np.rot90(a, -1)),
        ((0, -1, 1, 0), lambda a: np.rot90(a, 1)),
        ((-1, 0, 0, -1), lambda a: a[::-1, ::-1]),
        ((-1, 0, 0, 1), lambda a: a[:, ::-1]),
        ((1, 0, 0, -1), lambda a: a[::-1]),
        ((0, 1, 1, 0), lambda a: a.swapaxes(0, 1)),
    ],
)
def test_a_turned_film_is_shown_upright(tmp_path: Path, matrix, as_shown) -> None:
    plain = first_frame(write_film(tmp_path / "a.mp4", range(3)))
    turned_film = turned(write_film(tmp_path / "b.mp4", range(3)), matrix)
    frame = first_frame(turned_film)
    assert np.array_equal(frame.grey(), as_shown(plain.grey()))
    assert np.array_equal(frame.rgb(), as_shown(plain.rgb()))
    small, scale = frame.small(64)
    assert np.array_equal(small, as_shown(plain.small(64)[0]))
    assert (frame.width, frame.height) == frame.grey().shape[::-1]
    assert small.shape[1] * scale == frame.width
    info = video.open_source(turned_film).info
    assert (info.width, info.height) == (frame.width, frame.height)
    assert np.array_equal(
        next(video.read_frames(turned_film))[2], as_shown(next(video.read_frames(tmp_path / "a.mp4"))[2])
    )


@pytest.mark.parametrize(("aspect", "width"), [(Fraction(4, 3), 171), (Fraction(8, 9), 114), (Fraction(1), 128)])
def test_pixels_that_are_not_square_are_made_square(tmp_path: Path, aspect: Fraction, width: int) -> None:
    path = write_film(tmp_path / "a.mp4", range(3), pixel_aspect=aspect)
    plain = first_frame(write_film(tmp_path / "b.mp4", range(3)))
    frame, info = first_frame(path), video.open_source(path).info
    assert (frame.width, frame.height) == (info.width, info.height) == (width, 64)
    assert frame.grey().shape == (64, width)
    assert frame.rgb().shape == next(video.read_frames(path))[2].shape == (64, width, 3)
    assert np.array_equal(frame.grey_part(lambda grey: grey[8:40]), frame.grey()[8:40])
    small, scale = frame.small(64)
    assert small.shape[1] * scale == pytest.approx(width, abs=1)
    wide = cv2.resize(plain.grey(), (width, 64), interpolation=cv2.INTER_LINEAR)
    assert np.abs(frame.grey().astype(int) - wide).mean() < 2


def test_pixels_that_are_not_square_are_made_square_before_the_picture_is_turned(tmp_path: Path) -> None:
    path = turned(write_film(tmp_path / "a.mp4", range(3), pixel_aspect=Fraction(4, 3)), (0, 1, -1, 0))
    frame = first_frame(path)
    assert (frame.width, frame.height) == (64, 171)
    assert frame.rgb().shape == next(video.read_frames(path))[2].shape == (171, 64, 3)


def test_rotation_is_told_clockwise(tmp_path: Path) -> None:
    assert video.open_source(turned(write_film(tmp_path / "b.mp4", range(3)), (0, 1, -1, 0))).info.rotation_deg == 90
    assert Orientation(True, False, True).rotation_deg == 270


@pytest.mark.parametrize("angle", [0, 90, -90, 180, -180])
def test_the_angle_alone_gives_the_same_turn(tmp_path: Path, angle: int) -> None:
    matrix = {0: (1, 0, 0, 1), 90: (0, -1, 1, 0), -90: (0, 1, -1, 0)}.get(angle, (-1, 0, 0, -1))
    stored = first_frame(turned(write_film(tmp_path / "b.mp4", range(3)), matrix))
    assert picture.quarter_turn(-angle) == stored.turn


EVERY_TURN = [Orientation(*(bool(number & bit) for bit in (1, 2, 4))) for number in range(8)]


@pytest.mark.parametrize("first", EVERY_TURN)
@pytest.mark.parametrize("second", EVERY_TURN)
def test_two_turns_make_one(first: Orientation, second: Orientation) -> None:
    stored = np.arange(6).reshape(2, 3)
    assert np.array_equal(first.then(second).of(stored), second.of(first.of(stored)))


@pytest.mark.parametrize("clockwise_deg", [0, 90, 180, 270])
def test_a_video_turned_by_its_container_is_turned_further(tmp_path: Path, clockwise_deg: int) -> None:
    path = turned(write_film(tmp_path / "b.mp4", range(3), pixel_aspect=Fraction(4, 3)), (0, 1, -1, 0))
    before = first_frame(path)
    source = video.open_source(path)
    source.turn(clockwise_deg)
    after = next(source.frames())
    for one, other in (
        (before.rgb(), after.rgb()),
        (before.grey(), after.grey()),
        (before.small(40)[0], after.small(40)[0]),
    ):
        assert np.array_equal(np.rot90(one, -clockwise_deg // 90), other)
    assert np.array_equal(after.grey_part(lambda grey: grey), after.grey())
    assert (after.width, after.height) == (source.info.width, source.info.height) == after.rgb().shape[1::-1]
    assert (source.info.rotation_deg, source.info.turned_deg) == ((90 + clockwise_deg) % 360, clockwise_deg)


@pytest.mark.parametrize(
    ("codec", "suffix", "pix_fmt"),
    [
        ("libx264", "mp4", "yuv420p"),
        ("libx264", "mp4", "yuv420p10le"),
        ("libx264", "mp4", "yuv444p"),
        ("mjpeg", "avi", "yuvj420p"),
        ("png", "mov", "rgb24"),
        ("libx264", "mp4", "gray"),
    ],
)
def test_grey_has_the_full_range(tmp_path: Path, codec: str, suffix: str, pix_fmt: str) -> None:
    path = write_film(tmp_path / f"a.{suffix}", range(3), codec=codec, pix_fmt=pix_fmt, first_number=5, size=(130, 66))
    frame = first_frame(path)
    grey = frame.grey()
    assert (grey.shape, grey.dtype) == ((66, 130), np.uint8)
    assert grey[4:12, 4:12].mean() > 248
    assert grey[4:12, 20:28].mean() < 8
    rgb = frame.rgb().astype(float) @ (0.299, 0.587, 0.114)
    assert np.abs(rgb - grey)[20:60, 30:].mean() < 3
    assert frame.grey() is grey


def test_small_never_enlarges(tmp_path: Path) -> None:
    frame = first_frame(write_film(tmp_path / "a.mp4", range(3)))
    small, scale = frame.small(500)
    assert (small.shape, scale) == ((64, 128, 3), 1.0)
    assert small[40, 4, 2] > 200  # red is last: OpenCV's order
    small, scale = frame.small(50)
    assert (small.shape, scale) == ((25, 50, 3), 128 / 50)
    assert small.flags.c_contiguous


def first_frame(path: Path) -> video.VideoFrame:
    return next(iter(video.open_source(path).frames()))


PICTURE = np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8)


@pytest.mark.parametrize(
    ("turn", "shown", "degrees"),
    [
        (Orientation(), PICTURE, 0),
        (Orientation(True, True, False), np.rot90(PICTURE, -1), 90),
        (Orientation(False, True, True), np.rot90(PICTURE, 2), 180),
        (Orientation(True, False, True), np.rot90(PICTURE, 1), 270),
        (Orientation(mirrored_x=True), np.fliplr(PICTURE), 0),
        (Orientation(mirrored_y=True), np.flipud(PICTURE), 0),
    ],
)
def test_turns_of_a_picture(turn: Orientation, shown: np.ndarray, degrees: int) -> None:
    assert np.array_equal(turn.of(PICTURE), shown)
    assert turn.of(PICTURE).flags.c_contiguous
    assert turn.rotation_deg == degrees


def test_a_frame_of_a_picture() -> None:
    """From a folder or a camera: no stream, so nothing but the picture itself is converted."""
    frame = VideoFrame(3, 1.5, PICTURE)
    assert (frame.width, frame.height) == (9, 6)
    assert np.array_equal(frame.rgb(), PICTURE)
    luma = PICTURE @ (0.299, 0.587, 0.114)
    assert np.abs(frame.grey() - luma).max() <= 1
    assert np.array_equal(frame.small(9)[0], PICTURE[..., ::-1])
    assert frame.small(3)[0].shape == (2, 3, 3)
    assert frame.small(3)[1] == 3.0
    assert np.array_equal(frame.grey_part(lambda grey: grey[2:4, 1:5]), frame.grey()[2:4, 1:5])
    assert frame.tiny_luma() is None
    assert repr(frame) == "<VideoFrame 3 at 1.500 s, 9x6>"


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p", "yuv420p10le", "gray"])
def test_a_part_of_the_grey_picture_is_the_part_of_it(tmp_path: Path, pix_fmt: str) -> None:
    path = turned(write_film(tmp_path / "a.mp4", range(3), pix_fmt=pix_fmt), (0, 1, -1, 0))
    part = first_frame(path).grey_part(lambda grey: grey[10:50, 5:40])  # before the whole picture was asked for
    assert np.abs(part.astype(int) - first_frame(path).grey()[10:50, 5:40]).max() <= 1


def test_the_tiny_luma_is_the_mean_of_the_stored_picture(tmp_path: Path) -> None:
    frame = first_frame(write_film(tmp_path / "a.mp4", range(3), size=(320, 180), first_number=5))
    tiny = frame.tiny_luma()
    assert tiny is not None
    assert tiny.shape == (18, 32)
    limited = frame.grey() * (219 / 255) + 16  # in the stored range
    expected = cv2.resize(limited, (32, 18), interpolation=cv2.INTER_AREA)
    assert np.abs(tiny - expected).mean() < 3


@pytest.mark.parametrize(
    ("size", "pixels"),
    [((9, 6), PICTURE), ((3, 2), PICTURE.reshape(2, 3, 3, 3, 3).mean((1, 3))), ((18, 6), None)],
)
def test_resizing_averages_or_interpolates(size: tuple[int, int], pixels: np.ndarray | None) -> None:
    found = resized(PICTURE, size)
    assert found.shape == (size[1], size[0], 3)
    if pixels is None:  # enlarged: between its neighbours
        between = (0.75 * PICTURE[:, 0].astype(float) + 0.25 * PICTURE[:, 1]).round()
        assert np.abs(found[:, 1] - between).max() <= 1
    else:
        assert np.abs(found - pixels).max() <= 0.51
