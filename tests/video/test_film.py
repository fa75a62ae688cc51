"""Reading videos: frame numbers, times, colours, turns, damage, and what is no video."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from mock_video import LEVELS, write_audio, write_video
from PIL import Image
from video_files import UNEVEN, number_in, turned, write_film
from video_files import picture as numbered

from seqfer import video
from seqfer.core.errors import InputError, SettingsError
from seqfer.video import decoding, picture, sources
from seqfer.video.decoding import Decoding
from seqfer.video.picture import Orientation


def test_frames_come_in_order_with_times_and_rgb(tmp_path: Path) -> None:
    frames = list(video.read_frames(write_video(tmp_path / "a.mp4")))
    assert [index for index, _, _ in frames] == [0, 1, 2, 3, 4]
    assert [time for _, time, _ in frames] == pytest.approx([i * 1001 / 30000 for i in range(5)], abs=1e-4)
    for (_, _, rgb), level in zip(frames, LEVELS):
        assert rgb.shape == (48, 64, 3)
        assert rgb.dtype == np.uint8
        assert rgb[:, 40:].mean() == pytest.approx(level, abs=12)
        red, green, blue = rgb[:, :24].reshape(-1, 3).mean(0)
        assert red > 200
        assert max(green, blue) < 60


def test_probe_says_size_count_rate_and_duration(tmp_path: Path) -> None:
    info = video.probe(write_video(tmp_path / "a.mp4"))
    assert (info.width, info.height, info.frames) == (64, 48, 5)
    assert info.frame_rate_hz == pytest.approx(30000 / 1001, rel=1e-3)
    assert info.duration_s == pytest.approx(5 * 1001 / 30000, rel=0.05)


def test_probe_counts_where_the_header_is_silent(tmp_path: Path) -> None:
    info = video.probe(write_video(tmp_path / "a.mkv"))
    assert info.frames == 5
    assert not math.isnan(info.duration_s)


@pytest.mark.parametrize("reader", [video.probe, lambda path: list(video.read_frames(path))])
def test_what_is_no_video_is_one_line(tmp_path: Path, reader) -> None:
    (tmp_path / "words.mp4").write_bytes(b"these are words, not a film. " * 40)
    (tmp_path / "empty.mp4").write_bytes(b"")
    whole = write_video(tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: whole.index(b"moov") - 4])  # the index of an MP4 is at its end
    write_audio(tmp_path / "sound.wav")
    write_audio(tmp_path / "song.mp4", cover=True)
    for name, said in (
        ("song.mp4", "only sound and a cover picture"),
        ("words.mp4", "not a video"),
        ("empty.mp4", "not a video"),
        ("cut.mp4", "not a video"),
        ("sound.wav", "no video stream, only audio"),
        ("missing.mp4", "no such video"),
    ):
        with pytest.raises(InputError, match=said) as error:
            reader(tmp_path / name)
        assert name in str(error.value)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("reader", [video.probe, lambda path: list(video.read_frames(path))])
def test_zero_frames_are_refused(tmp_path: Path, reader) -> None:
    with pytest.raises(InputError, match="zero frames"):
        reader(write_video(tmp_path / "none.avi", frames=0))


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


def test_the_stream_that_plays_is_read_and_not_a_thumbnail_before_it(tmp_path: Path) -> None:
    """An action camera's file: a small picture as the first video stream, without a mark that says what it is."""
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        thumbnail = container.add_stream("mjpeg", rate=25)
        thumbnail.width, thumbnail.height, thumbnail.pix_fmt = 64, 32, "yuvj420p"
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv420p"
        for number in range(5):
            for one, size in ((thumbnail, (64, 32)), (stream, (128, 64))):
                if one is stream or number == 0:
                    frame = av.VideoFrame.from_ndarray(numbered(number, *size), format="rgb24")
                    frame.pts, frame.time_base = number, Fraction(1, 25)
                    container.mux(one.encode(frame))
        for one in (thumbnail, stream):
            container.mux(one.encode(None))
    assert video.probe(path).frames == 5
    assert [number_in(frame.grey()) for frame in video.open_source(path).frames()] == [0, 1, 2, 3, 4]


def test_rotation_is_told_clockwise(tmp_path: Path) -> None:
    assert video.open_source(turned(write_film(tmp_path / "b.mp4", range(3)), (0, 1, -1, 0))).info.rotation_deg == 90
    assert Orientation(True, False, True).rotation_deg == 270


@pytest.mark.parametrize("angle", [0, 90, -90, 180, -180])
def test_the_angle_alone_gives_the_same_turn(tmp_path: Path, angle: int) -> None:
    matrix = {0: (1, 0, 0, 1), 90: (0, -1, 1, 0), -90: (0, 1, -1, 0)}.get(angle, (-1, 0, 0, -1))
    stored = first_frame(turned(write_film(tmp_path / "b.mp4", range(3)), matrix))
    assert picture._orientation_of_angle(angle) == stored.turn


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


def test_a_part_and_a_rate(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", UNEVEN, Fraction(50))
    source = video.open_source(path)
    shown = [tick / 50 for tick in UNEVEN]
    chosen = list(source.frames(start_s=0.1, end_s=0.5))
    assert [f.time_s for f in chosen] == pytest.approx([t for t in shown if 0.1 <= t < 0.5])
    assert [f.index for f in chosen] == [number_in(f.grey()) for f in chosen]
    assert chosen[0].index == 3
    # ticks 0, .1, .2, ... .8: the first frame at or after each, no frame twice
    assert [round(f.time_s, 3) for f in source.frames(fps=10)] == [0.0, 0.1, 0.3, 0.5, 0.6, 0.8]
    assert len(list(source.frames(fps=1000))) == len(UNEVEN)
    assert list(source.frames(start_s=99)) == []
    assert source.decoded == len(UNEVEN)
    rounded = video.open_source(write_film(tmp_path / "a.mkv", range(30), Fraction(30)))  # Matroska: 33, 67, 100 ms
    assert len(list(rounded.frames(fps=30))) == 30
    assert [f.index for f in rounded.frames(fps=15)] == list(range(0, 30, 2))


@pytest.mark.parametrize("span", [{"start_s": 2, "end_s": 1}, {"fps": 0}, {"end_s": 0}, {"start_s": math.nan}])
def test_a_span_without_frames_is_refused(tmp_path: Path, span: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=r"end is|fps is|start is"):
        video.open_source(write_film(tmp_path / "a.mp4", range(3))).frames(**span)


def test_times_that_are_missing_are_filled_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = video.open_source(write_film(tmp_path / "a.mp4", range(6), Fraction(25)))
    whole = Decoding.frames

    def without_some(self: Decoding):
        for number, frame in enumerate(whole(self)):
            if number in (0, 3):
                frame.pts = frame.dts = None
            yield frame

    monkeypatch.setattr(Decoding, "frames", without_some)
    assert [f.time_s for f in source.frames()] == pytest.approx([0, 0.04, 0.08, 0.12, 0.16, 0.2])
    assert source.times_filled == 2


def test_damage_in_the_middle_is_read_over(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", range(60), options={"g": "10", "bf": "0"})
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        spoilt = [packet for packet in container.demux(video=0) if packet.size][24:26]
        for packet in spoilt:
            data[packet.pos + 4 : packet.pos + packet.size] = bytes(packet.size - 4)
    path.write_bytes(data)
    source = video.open_source(path)
    frames = [(f.index, f.time_s, number_in(f.grey())) for f in source.frames()]
    assert source.damaged >= 1
    assert source.problem is None
    assert len(frames) >= 57
    assert [index for index, _, _ in frames] == list(range(len(frames)))
    good = [(round(time_s * 30000 / 1001), number) for _, time_s, number in frames]
    assert all(tick == number for tick, number in good if tick < 24 or tick >= 30)
    assert [f.time_s for f in source.frames()] == [time_s for _, time_s, _ in frames]  # and the same again


def test_a_file_that_never_ends_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_film(tmp_path / "a.mp4", range(20))
    monkeypatch.setattr(decoding, "BYTES_PER_BYTE", 0)
    monkeypatch.setattr(decoding, "SPARE_BYTES", 900)
    source = video.open_source(path)
    assert 0 < len(list(source.frames())) < 20
    assert "reading the file loops" in str(source.problem)


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp4", "libx264"), ("mkv", "libx264"), ("avi", "mpeg4"), ("ts", "libx264")]
)
def test_any_damage_gives_frames_or_one_line_and_the_same_twice(tmp_path: Path, suffix: str, codec: str) -> None:
    path = write_film(tmp_path / f"a.{suffix}", range(24), codec=codec, options={"g": "8"})
    whole = path.read_bytes()
    rng, told = np.random.default_rng(5), []
    for _ in range(12):
        spoilt = bytearray(whole)
        for place in rng.integers(0, len(whole), 12):
            spoilt[place] = int(rng.integers(256))
        path.write_bytes(spoilt[: int(rng.integers(len(whole) // 2, len(whole) + 1))])
        try:
            source = video.open_source(path)
        except InputError as error:
            told.append(str(error))
            continue
        walks = [[(f.index, f.time_s, f.grey().tobytes()) for f in source.frames()] for _ in range(2)]
        assert walks[0] == walks[1]
        told.append(source.problem or "")
    assert not any("\n" in line for line in told)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.mp4", "no such video"),
        ("words.mp4", "not a video"),
        ("sound.wav", "no video stream, only audio"),
        ("none.avi", "zero frames"),
    ],
)
def test_what_is_no_film_is_one_line(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "words.mp4").write_bytes(b"these are words, not a film. " * 40)
    write_audio(tmp_path / "sound.wav")
    write_video(tmp_path / "none.avi", frames=0)
    with pytest.raises(InputError, match=said) as error:
        video.open_source(tmp_path / name)
    assert "\n" not in str(error.value)


def test_a_folder_of_pictures_is_a_film(tmp_path: Path) -> None:
    for number in (10, 9, 100, 1):
        Image.fromarray(numbered(number, 128, 64 + number)).save(tmp_path / f"f{number}.png")
    (tmp_path / "notes.txt").write_text("not a picture")
    source = video.open_source(tmp_path, folder_fps=10)
    frames = list(source.frames())
    assert [number_in(f.grey()) for f in frames] == [1, 9, 10, 100]
    assert [f.time_s for f in frames] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert [(f.width, f.height) for f in frames] == [(128, 64 + n) for n in (1, 9, 10, 100)]
    assert (source.info.kind, source.info.container_frames, source.info.duration_s) == ("folder", 4, 0.4)
    small, scale = frames[0].small(64)
    assert (small.shape[1], scale, small[20, 2, 2] > 200) == (64, 2.0, True)
    (tmp_path / "f11.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert [frame.index for frame in video.open_source(tmp_path).frames()] == [0, 1, 2, 4]  # its place stays free
    for path in tmp_path.glob("*.png"):
        path.write_bytes(b"")
    with pytest.raises(InputError, match=r"f1\.png"):
        video.open_source(tmp_path)


def test_a_folder_or_camera_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="a folder without pictures"):
        video.open_source(tmp_path)
    with pytest.raises(InputError, match="not a camera; write camera:0"):
        video.open_source("camera:front")
    monkeypatch.setattr(sources.cv2, "VideoCapture", lambda number: Camera(0))
    with pytest.raises(InputError, match="camera:3: no camera of that number"):
        video.open_source("camera:3")
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(SettingsError, match="above 0"):
        video.open_source(tmp_path, folder_fps=0)


class Camera:
    """Stands in for cv2.VideoCapture: gives so many pictures."""

    def __init__(self, pictures: int) -> None:
        self.left, self.open = pictures, True

    def isOpened(self) -> bool:  # noqa: N802
        return self.left > 0

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.left -= 1
        return (True, numbered(7, 128, 64)[..., ::-1]) if self.left >= 0 else (False, None)

    def get(self, what: int) -> float:
        return 0.0

    def release(self) -> None:
        self.open = False


def test_a_camera_counts_from_its_first_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Camera(4)  # the first tells the size
    monkeypatch.setattr(sources.cv2, "VideoCapture", lambda number: camera)
    with video.open_source("camera:0") as source:
        frames = list(source.frames())
    assert [f.index for f in frames] == [0, 1, 2]
    assert frames[0].time_s == 0.0
    assert frames[1].time_s >= 0.0
    assert number_in(frames[0].grey()) == 7
    assert frames[0].rgb()[40, 4, 0] > 200
    assert source.problem == "camera:0: the camera stopped after 3 frames"
    assert not camera.open


def first_frame(path: Path) -> video.VideoFrame:
    return next(iter(video.open_source(path).frames()))
