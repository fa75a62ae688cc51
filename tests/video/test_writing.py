"""Films written: true times, even sizes, sound taken along, and nothing left behind by a failure."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from video_files import UNEVEN, copied, number_in, picture, write_film

from seqfer.core.errors import InputError
from seqfer.video import open_source, writing
from seqfer.video.writing import H264Writer


def test_uneven_times_stay(tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", UNEVEN, Fraction(50))
    frames = list(open_source(copied(source, tmp_path / "b.mp4")).frames())
    assert [f.time_s for f in frames] == pytest.approx([tick / 50 for tick in UNEVEN], abs=1e-4)
    assert [number_in(f.grey()) for f in frames] == list(range(len(UNEVEN)))
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "b.mp4"}
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert not container.streams.audio
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    data = (tmp_path / "b.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # a browser can start before it has all


def test_odd_sizes_lose_a_line_and_other_sizes_get_bars(tmp_path: Path) -> None:
    with H264Writer(tmp_path / "a.mp4", 129, 65) as writer:
        writer.write(picture(1, 129, 65), 0.0)
        writer.write(picture(2, 128, 128)[..., ::-1], 0.5, layout="bgr24")
        writer.write(picture(3, 129, 65), 0.5)  # a time that stands still
    frames = list(open_source(tmp_path / "a.mp4").frames())
    assert [(f.width, f.height) for f in frames] == [(128, 64)] * 3
    assert [number_in(frames[0].grey()), number_in(frames[2].grey())] == [1, 3]
    assert frames[1].grey()[:, :20].mean() < 20
    assert frames[1].rgb()[40, 36, 0] > 180
    assert frames[2].time_s == pytest.approx(0.5, abs=1e-3)
    assert frames[2].time_s > frames[1].time_s


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"older")
    with (
        pytest.raises(ValueError, match="ndim `3`"),
        H264Writer(tmp_path / "a.mp4", 128, 64) as writer,
    ):
        writer.write(picture(1)[..., 0], 0.0)  # grey: whoever draws made a mistake
    with pytest.raises(InputError, match="no frame was written"), H264Writer(tmp_path / "a.mp4", 128, 64):
        pass
    with pytest.raises(InputError, match="no sound can be taken"):
        H264Writer(tmp_path / "a.mp4", 128, 64, sound_from=tmp_path / "missing.mp4")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.mp4", b"older")]


def test_places_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be written"):
        H264Writer(tmp_path / "file" / "a.mp4", 128, 64)
    with pytest.raises(InputError, match="a folder"):
        H264Writer(tmp_path, 128, 64)
    with pytest.raises(InputError, match="at least 2x2"):
        H264Writer(tmp_path / "a.mp4", 1, 64)
    monkeypatch.setattr(writing, "ENCODER", "no_such_encoder")
    with pytest.raises(InputError, match="this build of PyAV has no no_such_encoder"):
        H264Writer(tmp_path / "a.mp4", 128, 64)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = H264Writer(tmp_path / "a.mp4", 128, 64)
    writer.write(np.zeros((64, 128, 3), np.uint8), 0.0)
    full = OSError(28, "No space left on device")

    def fail(*arguments: object) -> None:
        raise full

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(InputError, match="No space left on device"):
        writer.close()
    assert list(tmp_path.iterdir()) == []


def test_the_video_is_flushed_to_the_disk_and_read_by_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    flush = os.fsync

    def counted(handle: int) -> None:
        flushed.append(os.fstat(handle).st_size)
        flush(handle)

    monkeypatch.setattr(os, "fsync", counted)
    with H264Writer(tmp_path / "a.mp4", 128, 64) as writer:
        writer.write(np.zeros((64, 128, 3), np.uint8), 0.0)
    assert (tmp_path / "a.mp4").stat().st_size in flushed
    assert (tmp_path / "a.mp4").stat().st_mode & 0o777 == 0o644


def test_two_writers_of_one_video_do_not_share_a_file(tmp_path: Path) -> None:
    first, second = H264Writer(tmp_path / "a.mp4", 128, 64), H264Writer(tmp_path / "a.mp4", 64, 64)
    for number in range(3):
        first.write(np.zeros((64, 128, 3), np.uint8), number / 25)
        second.write(np.zeros((64, 64, 3), np.uint8), number / 25)
    for writer, width in ((first, 128), (second, 64)):
        writer.close()
        with av.open(str(tmp_path / "a.mp4")) as video:
            assert [frame.width for frame in video.decode(video=0)] == [width] * 3
