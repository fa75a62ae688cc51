"""A drawn person stored in other pixel formats gives the same faces and probabilities as the plain copy."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from drawn_film import HEIGHT, RATE, WIDTH, looks
from hdr_files import TRANSFERS, write_hdr

from seqfer.cli import main
from seqfer.core.emotions import EMOTIONS
from seqfer.results.annotation import read_annotation

NUMBER_OF_FRAMES = 12


def write(
    path: Path,
    codec: str,
    pixel_format: str,
    bars_px: int = 0,
    grey: bool = False,
    half_black: bool = False,
    full_range: bool = False,
    interlaced: bool = False,
) -> Path:
    options = {"flags": "+ilme+ildct", "x264-params": "tff=1"} if interlaced else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH * (1 + half_black), HEIGHT + 2 * bars_px, pixel_format
        if full_range:
            stream.codec_context.color_range = 2
        for number in range(NUMBER_OF_FRAMES):
            drawn = np.pad(looks()[number // 3], ((bars_px, bars_px), (0, WIDTH * half_black), (0, 0)))
            if interlaced:  # the lower field is the next moment, in which the person has moved
                drawn[1::2] = np.roll(looks()[min(number + 1, NUMBER_OF_FRAMES - 1) // 3], 2, axis=1)[1::2]
            if grey:
                drawn = np.repeat(drawn.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
            frame = stored(drawn, pixel_format, full_range)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def stored(drawn: np.ndarray, pixel_format: str, full_range: bool) -> av.VideoFrame:
    if pixel_format == "pal8":  # a palette of 256 greys
        palette = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
        palette[:, 0] = 255
        return av.VideoFrame.from_ndarray((drawn.mean(axis=2).astype(np.uint8), palette), format="pal8")
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(drawn), format="rgb24")
    return frame.reformat(format=pixel_format, dst_color_range=2 if full_range else None)


def results(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (frame emotion) and boxes (frame 4) in pixels."""
    out = path.with_suffix(".r")
    assert main(["annotate-video", str(path), "--detector", "haar", "--quiet", "--out", str(out)]) == 0
    frames = read_annotation(out).frames
    assert frames["frame"].tolist() == list(range(NUMBER_OF_FRAMES))
    assert frames["face"].notna().all()
    boxes = frames[["x1", "y1", "x2", "y2"]].to_numpy(float)
    return frames[[name for name in EMOTIONS if name in frames]].to_numpy(float), boxes


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, np.ndarray]:
    return results(write(tmp_path_factory.mktemp("plain") / "a.mp4", "libx264", "yuv420p"))


def check(path: Path, plain: tuple[np.ndarray, np.ndarray], down_px: int = 0) -> None:
    probabilities, boxes = results(path)
    assert np.abs(probabilities - plain[0]).mean() < 0.05
    assert np.abs(boxes - [0, down_px, 0, down_px] - plain[1]).max() < 8  # a twelfth of the face


@pytest.mark.parametrize(
    ("codec", "pixel_format", "name", "changes"),
    [
        ("libx264", "yuv422p", "a.mp4", {}),
        ("libx264", "yuvj420p", "a.mp4", {}),
        ("libx264", "yuv420p", "a.mp4", {"full_range": True}),
        ("libx264", "yuv420p", "a.mp4", {"bars_px": 40}),
        ("libx264", "yuv420p", "a.mp4", {"half_black": True}),
        ("libx264", "yuv420p", "a.mp4", {"grey": True}),
        ("libx264", "yuv420p", "a.mp4", {"interlaced": True}),
        ("png", "rgba", "a.mov", {}),
        ("png", "gray", "a.mov", {}),
        ("png", "pal8", "a.mov", {}),
        ("gif", "pal8", "a.gif", {}),
    ],
)
def test_same_faces(
    tmp_path: Path, plain: tuple[np.ndarray, np.ndarray], codec: str, pixel_format: str, name: str, changes: dict
) -> None:
    check(write(tmp_path / name, codec, pixel_format, **changes), plain, changes.get("bars_px", 0))


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_ten_bits_and_high_dynamic_range(tmp_path: Path, plain: tuple[np.ndarray, np.ndarray], transfer: int) -> None:
    pictures = [looks()[number // 3] for number in range(NUMBER_OF_FRAMES)]
    check(write_hdr(tmp_path / "a.mkv", pictures, transfer), plain)
