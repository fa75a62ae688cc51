"""Videos as they come from the world: titles in odd letters, damaged bytes, headers that promise too much."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from seqfer import video
from seqfer.core.errors import InputError


def film(path: Path, frames: int = 6, title: str = "", codec: str = "mpeg4") -> bytes:
    """A noisy 64x48 video, so that its pictures take more bytes than its headers; and its bytes."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        if title:
            container.metadata["title"] = title
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(frames):
            picture = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def test_a_title_in_another_encoding_is_no_error(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mkv", title="Gluecklich")
    assert b"Gluecklich" in whole
    (tmp_path / "a.mkv").write_bytes(whole.replace(b"Gluecklich", b"Gl\xfccklich\x20"))
    assert video.probe(tmp_path / "a.mkv").frames == 6
    assert len(list(video.read_frames(tmp_path / "a.mkv"))) == 6


def test_an_unknown_codec_is_told(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.avi")
    assert b"FMP4" in whole
    (tmp_path / "a.avi").write_bytes(whole.replace(b"FMP4", b"Q~9z"))
    for reader in (video.probe, lambda path: list(video.read_frames(path))):
        with pytest.raises(InputError, match=r"a\.avi: a video of an unknown codec"):
            reader(tmp_path / "a.avi")


def test_what_is_read_counts_not_what_the_header_says(tmp_path: Path) -> None:
    whole = bytearray(film(tmp_path / "a.avi"))
    length = whole.index(b"strh") + 8 + 32  # dwLength of the stream's header
    whole[length : length + 4] = (9).to_bytes(4, "little")
    (tmp_path / "a.avi").write_bytes(whole)
    assert video.probe(tmp_path / "a.avi").frames == 9
    assert len(list(video.read_frames(tmp_path / "a.avi"))) == 6


def test_where_decoding_breaks_off_is_told(tmp_path: Path) -> None:
    whole = bytearray(film(tmp_path / "a.avi"))
    last = whole.rindex(b"00dc", 0, whole.index(b"idx1"))
    size = int.from_bytes(whole[last + 4 : last + 8], "little")
    whole[last + 8 : last + 8 + size] = bytes(size)
    (tmp_path / "a.avi").write_bytes(whole)
    indices = []
    with pytest.raises(InputError, match=r"a\.avi: decoding stops after 5 frames"):
        indices.extend(index for index, _, _ in video.read_frames(tmp_path / "a.avi"))
    assert indices == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".mpg"])
def test_damage_is_read_over_or_told_but_never_a_traceback(tmp_path: Path, suffix: str) -> None:
    whole = film(tmp_path / f"a{suffix}", codec="mpeg1video" if suffix == ".mpg" else "mpeg4")
    rng = np.random.default_rng(3)
    told = []
    for trial in range(45):
        damaged = bytearray(whole)
        if trial % 3 == 0:
            del damaged[int(rng.integers(1, len(whole))) :]
        elif trial % 3 == 1:
            for place in rng.integers(0, len(whole), 40):
                damaged[place] = int(rng.integers(256))
        else:
            start = int(rng.integers(0, len(whole)))
            del damaged[start : start + 150]
        (tmp_path / f"d{suffix}").write_bytes(damaged)
        for reader in (video.probe, lambda path: list(video.read_frames(path))):
            try:
                reader(tmp_path / f"d{suffix}")
            except InputError as error:
                told.append(str(error))
    assert not any("\n" in line for line in told)
    assert told or suffix == ".mpg"  # MPEG-1 is made to be read over gaps
