"""A drawn person stored in other pixel formats gives the same faces and probabilities as the plain copy."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from drawn_film import HEIGHT, RATE, WIDTH, looks

from seqfer.cli import main
from seqfer.core.emotions import EMOTIONS
from seqfer.film.annotation import read_annotation

NUMBER_OF_FRAMES = 12


def write(path: Path, codec: str, pixel_format: str, bars_px: int = 0, grey: bool = False) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT + 2 * bars_px, pixel_format
        for number in range(NUMBER_OF_FRAMES):
            drawn = np.pad(looks()[number // 3], ((bars_px, bars_px), (0, 0), (0, 0)))
            if grey:
                drawn = np.repeat(drawn.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(drawn), format="rgb24").reformat(
                format=pixel_format
            )
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def probabilities(path: Path) -> np.ndarray:
    out = path.with_suffix(".r")
    assert main(["annotate-video", str(path), "--detector", "haar", "--quiet", "--out", str(out)]) == 0
    frames = read_annotation(out).frames
    assert frames["frame"].tolist() == list(range(NUMBER_OF_FRAMES))
    assert frames["face"].notna().all()
    return frames[[name for name in EMOTIONS if name in frames]].to_numpy(float)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return probabilities(write(tmp_path_factory.mktemp("plain") / "a.mp4", "libx264", "yuv420p"))


@pytest.mark.parametrize(
    ("codec", "pixel_format", "name", "changes"),
    [
        ("libx264", "yuv422p", "a.mp4", {}),
        ("libx264", "yuvj420p", "a.mp4", {}),
        ("libx264", "yuv420p", "a.mp4", {"bars_px": 40}),
        ("libx264", "yuv420p", "a.mp4", {"grey": True}),
        ("png", "rgba", "a.mov", {}),
        ("png", "gray", "a.mov", {}),
    ],
)
def test_same_probabilities(
    tmp_path: Path, plain: np.ndarray, codec: str, pixel_format: str, name: str, changes: dict
) -> None:
    other = probabilities(write(tmp_path / name, codec, pixel_format, **changes))
    assert np.abs(other - plain).mean() < 0.05
