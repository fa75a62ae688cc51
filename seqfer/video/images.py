"""Reads still pictures, and rejects truncated and damaged files.

Decoders differ in how much of a truncated file they accept (some builds decode a PNG without its last chunk, or a JPEG without its lower
half), so the end marker of each of these formats is searched first: the IEND chunk of PNG (W3C PNG
specification, 11.2.5), the EOI marker of JPEG (ITU-T T.81, B.1.1.3).
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from einops import repeat

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.input_files import read_bytes
from seqfer.video.picture_size import check_pixels, stated_size

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
LARGEST_BYTES = 512 << 20
_END_MARKS = {b"\x89PNG\r\n\x1a\n": b"IEND\xaeB`\x82", b"\xff\xd8": b"\xff\xd9"}


def read_image(path: Path) -> np.ndarray:
    """The picture as uint8: (height width) for a grey file, (height width 3) RGB for any other; 16-bit files are scaled to 8 bits.

    Raises InputError, naming the file, when it is missing, empty, truncated or not a picture.
    """
    data = read_bytes(path, "check that the copy is whole", LARGEST_BYTES)
    if not data:
        raise InputError(f"{path}: empty file where a picture is expected; copy it again")
    for magic, mark in _END_MARKS.items():
        if data.startswith(magic) and mark not in data:
            raise InputError(
                f"{path}: truncated picture (its end marker is missing after {len(data)} bytes); copy it again"
            )
    size = stated_size(data)
    if size is not None:
        check_pixels(f"{path}: a picture", *size)
    try:
        picture = None if size is None else cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYCOLOR)
    except (cv2.error, MemoryError):
        picture = None
    if picture is None:
        raise InputError(f"{path}: truncated, damaged or not a picture; allowed: {' '.join(SUFFIXES)}; copy it again")
    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB, dst=picture)


def with_channels(picture: np.ndarray, channels: int) -> np.ndarray:
    """uint8 (height width) or (height width 3) RGB -> (height width) for one channel, (height width 3) RGB for three.

    Grey is ITU-R BT.601 luma, OpenCV's RGB2GRAY. Raises SettingsError for any other number of channels.
    """
    if channels not in (1, 3):
        raise SettingsError(f"channels is {channels}; allowed: 1 (grey) or 3 (RGB)")
    if channels == 1:
        return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return picture if picture.ndim == 3 else repeat(picture, "height width -> height width colour", colour=3)
