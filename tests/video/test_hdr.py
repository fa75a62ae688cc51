"""Pictures of high dynamic range are those of the standard copy they were made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hdr_files import HLG, PQ, TRANSFERS, write_hdr

from seqfer import video
from seqfer.video.hdr import to_standard_grey


def ramp(colour: tuple[float, float, float]) -> np.ndarray:
    """Levels 0 to 225 of a colour from left to right."""
    line = np.repeat(np.linspace(0, 225, 32), 4)
    return np.rint(line[None, :, None] * np.array(colour) * np.ones((64, 1, 1))).astype(np.uint8)


@pytest.mark.parametrize("transfer", TRANSFERS)
@pytest.mark.parametrize(("colour", "bound"), [((1, 1, 1), 3), ((1, 0.8, 0.65), 6)])
def test_the_standard_picture_is_restored(
    tmp_path: Path, transfer: int, colour: tuple[float, float, float], bound: int
) -> None:
    picture = ramp(colour)
    path = write_hdr(tmp_path / "a.mkv", [picture], transfer)
    frame = next(video.open_source(path).frames())
    rgb, small = frame.rgb().astype(int), frame.small(64)[0][..., ::-1].astype(int)
    assert np.abs(rgb - picture).max() <= bound
    assert np.abs(next(video.read_frames(path))[2] - picture.astype(int)).max() <= bound
    assert np.abs(small - picture[::2, ::2].astype(int)).max() <= bound + 5
    grey = picture @ [0.2126, 0.7152, 0.0722] if transfer else picture @ [0.299, 0.587, 0.114]
    assert np.abs(frame.grey() - grey).max() <= bound
    assert np.array_equal(frame.grey_part(lambda whole: whole), frame.grey())


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_brighter_is_never_darker_and_white_is_reached(transfer: int) -> None:
    levels = to_standard_grey(np.arange(1 << 16, dtype=np.uint16)[None], transfer)[0].astype(int)
    assert (np.diff(levels) >= 0).all()
    assert (levels[0], levels[-1]) == (0, 255)
