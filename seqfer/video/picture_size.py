"""The size of a still picture by its header, before anything is decoded, and the limit on it.

A picture of 100 KB may say that it has 32,000 x 32,000 pixels, which take gigabytes. The formats are those that `seqfer.video.images` reads: PNG (W3C
PNG, 11.2.2), JPEG (ITU-T T.81, B.2.2), BMP, TIFF 6.0 and BigTIFF, WebP (RFC 9649), GIF 89a, and the PNM family of Netpbm.
"""

from __future__ import annotations

import re
import struct

from seqfer.core.errors import InputError
from seqfer.core.input_files import limit

MAX_PIXELS = "SEQFER_MAX_PIXELS"
MOST_PICTURE_PIXELS = 200_000_000  # the largest sensors of phones have 200 million
MOST_FRAME_PIXELS = 40_000_000  # of a video: 8K has 35 million, and a decoder keeps some 20 frames
_SIZED = re.compile(rb"P[1-6](?:\s+|#[^\n]*\n)+(\d{1,9})(?:\s+|#[^\n]*\n)+(\d{1,9})")
_NO_FRAME = {0xC4, 0xC8, 0xCC}  # markers among JPEG's SOF0 to SOF15 that begin no frame
_TAG_SIZES = {1: 1, 3: 2, 4: 4, 16: 8}  # bytes of TIFF's whole numbers
_WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT = 256, 257, 322, 323


def most_pixels(default: int) -> int:
    """The largest picture that is decoded: `default`, or what the environment variable SEQFER_MAX_PIXELS says. Raises SettingsError."""
    return limit(MAX_PIXELS, default)


def check_pixels(what: str, width: int, height: int, default: int = MOST_PICTURE_PIXELS) -> None:
    """Raises InputError, which names the limit, for more pixels than are decoded, and for none."""
    most = most_pixels(default)
    if width * height > most:
        raise InputError(
            f"{what} of {width:,} x {height:,} pixels; at most {most:,} are decoded (set {MAX_PIXELS} to allow more), so reduce it"
        )
    if width < 1 or height < 1:
        raise InputError(f"{what} of {width} x {height} pixels; at least one is needed")


def stated_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels as the header says, the larger ones of a picture and its tiles. None for what is no picture of these formats."""
    try:
        for magic, read in _FORMATS:
            if data.startswith(magic):
                return read(data)
    except (struct.error, KeyError, ValueError):
        return None
    return None


def _png(data: bytes) -> tuple[int, int] | None:
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _gif(data: bytes) -> tuple[int, int] | None:
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def _bmp(data: bytes) -> tuple[int, int] | None:
    if struct.unpack("<I", data[14:18])[0] == 12:
        width, height = struct.unpack("<HH", data[18:22])
        return width, height
    width, height = struct.unpack("<ii", data[18:26])
    return abs(width), abs(height)


def _jpeg(data: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(data):
        if data[place] != 0xFF:  # libjpeg skips what is between two markers
            place = data.find(b"\xff", place)
            if place < 0:
                return None
            continue
        marker = data[place + 1]
        if marker == 0xFF or marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8:
            place += 1 if marker == 0xFF else 2
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        else:
            place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if data[8:12] != b"WEBP":
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = struct.unpack("<I", data[21:25])[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _pnm(data: bytes) -> tuple[int, int] | None:
    found = _SIZED.match(data[:4096])
    return (int(found[1]), int(found[2])) if found else None


def _tiff(data: bytes) -> tuple[int, int] | None:
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack(f"{order}H", data[2:4])[0] == 43
    start = struct.unpack(f"{order}Q", data[8:16])[0] if big else struct.unpack(f"{order}I", data[4:8])[0]
    count = struct.unpack(f"{order}{'Q' if big else 'H'}", data[start : start + (8 if big else 2)])[0]
    place, step = start + (8 if big else 2), 20 if big else 12
    tags: dict[int, int] = {}
    for at in range(place, place + step * min(count, 4096), step):
        tag, kind = struct.unpack(f"{order}HH", data[at : at + 4])
        if kind in _TAG_SIZES:
            value = data[at + (12 if big else 8) :][: _TAG_SIZES[kind]]
            tags.setdefault(tag, int.from_bytes(value, "little" if order == "<" else "big"))
    width, height = tags[_WIDTH], tags[_HEIGHT]
    return max(width, tags.get(_TILE_WIDTH, 0)), max(height, tags.get(_TILE_HEIGHT, 0))


_FORMATS = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8", _jpeg),
    (b"GIF8", _gif),
    (b"BM", _bmp),
    (b"RIFF", _webp),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"II+\0", _tiff),
    (b"MM\0+", _tiff),
    *((b"P%d" % number, _pnm) for number in range(1, 7)),
)
