"""Small files that state far more pixels than are decoded: every format that is read, and every place in which a format states a size."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np

Chunk = tuple[bytes, bytes]
BIG = 60_000
GREY_STRIP = [(258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8)]  # of a TIFF: 8 bits, not compressed, grey, its place


def encoded(suffix: str, width: int = 37, height: int = 21, *options: int) -> bytes:
    """A small picture of noise in a format."""
    grey = suffix in (".pgm", ".pbm")
    picture = np.random.default_rng(0).integers(0, 256, (height, width) + (() if grey else (3,)), np.uint8)
    return cv2.imencode(suffix, picture, options)[1].tobytes()


def png(*chunks: Chunk) -> bytes:
    """A PNG of these chunks and IEND."""
    made = (
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in (*chunks, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def png_head(width: int, height: int, bits: int = 1, colours: int = 0, interlaced: int = 0) -> Chunk:
    """IHDR."""
    return b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, interlaced)


def whole_png(width: int, height: int) -> bytes:
    """A PNG of one bit per pixel and a few KB, all black, with all its rows."""
    packer = zlib.compressobj(9)
    row = bytes(1 + -(-width // 8))
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png(png_head(width, height), (b"IDAT", rows))


def tiff(order: str, tags: list[tuple[int, int, int]], big: bool = False) -> bytes:
    """The header and the only directory of a TIFF: (tag, kind, value) each."""
    field, count, offset = ("HHQQ", "Q", "Q") if big else ("HHII", "H", "I")
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 43 if big else 42)
    head += struct.pack(f"{order}HHQ", 8, 0, 16) if big else struct.pack(f"{order}I", 8)
    rows = b"".join(struct.pack(f"{order}{field}", tag, kind, 1, value) for tag, kind, value in tags)
    return head + struct.pack(f"{order}{count}", len(tags)) + rows + struct.pack(f"{order}{offset}", 0) + bytes(100)


def _jpeg_bombs() -> dict[str, bytes]:
    plain, size = encoded(".jpg"), struct.pack(">HH", BIG, BIG)
    progressive = encoded(".jpg", 37, 21, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    at, later = plain.index(b"\xff\xc0") + 5, progressive.index(b"\xff\xc2") + 5
    comment = b"\xff\xfe" + struct.pack(">H", 65_000) + bytes(64_998)
    bomb = plain[:at] + size + plain[at + 4 :]
    return {
        "baseline.jpg": bomb,
        "progressive.jpg": progressive[:later] + size + progressive[later + 4 :],
        "arithmetic.jpg": bomb.replace(b"\xff\xc0", b"\xff\xc9", 1),
        "after_comments.jpg": bomb[:2] + comment * 3 + bomb[2:],
        "after_padding.jpg": bomb[:2] + b"\xff" * 5000 + bomb[2:],
    }


def _webp_bombs() -> dict[str, bytes]:
    lossy, whole = (
        encoded(".webp", 37, 21, cv2.IMWRITE_WEBP_QUALITY, 50),
        encoded(".webp", 37, 21, cv2.IMWRITE_WEBP_QUALITY, 101),
    )
    most = struct.pack("<HH", 0x3FFF, 0x3FFF)
    return {
        "extended.webp": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + b"\0\0\0\0" + b"\xff\xff\x3f" * 2,
        "lossy.webp": lossy[:26] + most + lossy[30:],
        "lossless.webp": whole[:21] + struct.pack("<I", 0x0FFFFFFF) + whole[25:],
    }


def bombs() -> dict[str, bytes]:
    """File name -> content."""
    bmp, gif = encoded(".bmp"), encoded(".gif")
    sides, strips = [(256, 4, BIG), (257, 4, BIG)], [*GREY_STRIP, (278, 4, BIG), (279, 4, 100)]
    return {
        "whole.png": whole_png(32_000, 32_000),
        "one_row.png": png(png_head(2_000_000_000, 1), (b"IDAT", zlib.compress(bytes(1000)))),
        "sixteen_bits.png": png(png_head(30_000, 30_000, 16, 6), (b"IDAT", zlib.compress(bytes(1000)))),
        "interlaced.png": png(png_head(BIG, BIG, 8, 2, 1), (b"IDAT", zlib.compress(bytes(1000)))),
        "animated.png": png(png_head(BIG, BIG, 8, 2), (b"acTL", struct.pack(">II", 9, 0)), (b"IDAT", zlib.compress(bytes(1000)))),
        "negative_height.bmp": bmp[:18] + struct.pack("<ii", 40_000, -40_000) + bmp[26:],
        "first_header.bmp": b"BM" + bytes(8) + struct.pack("<IIHHHH", 26, 12, BIG, BIG, 1, 24) + bytes(100),
        "run_lengths.bmp": bmp[:18] + struct.pack("<iiHHI", BIG, BIG, 1, 8, 1) + bmp[34:],
        "screen.gif": gif[:6] + struct.pack("<HH", 65_000, 65_000) + gif[10:],
        "little_endian.tif": tiff("<", sides + strips),
        "big_endian.tif": tiff(">", sides + strips),
        "big.tif": tiff("<", sides + strips, big=True),
        "tiles.tif": tiff("<", [(256, 4, 10), (257, 4, 10), *GREY_STRIP[:3], (322, 4, 65_536), (323, 4, 65_536), (324, 4, 8), (325, 4, 100)]),
        "colours.ppm": b"P6 60000 60000 255\n" + bytes(100),
        "comment.pgm": b"P5\n# much\n99999999 99999999\n255\n" + bytes(100),
        "bits.pbm": b"P4 90000 90000\n" + bytes(100),
        "text.ppm": b"P3 60000 60000 255\n" + b"0 " * 100,
        **_jpeg_bombs(),
        **_webp_bombs(),
    }  # fmt: skip


def hidden_bombs() -> dict[str, bytes]:
    """Files of a small size whose later parts state or hold much: read in little memory, or refused in one line."""
    gif, rows = encoded(".gif"), zlib.compress(bytes(22 * 38 * 3))
    at = gif.index(b",", 13 + 3 * 256)
    frame = struct.pack(">IIIIIHHBB", 0, BIG, BIG, 0, 0, 1, 10, 0, 0)
    jpeg = encoded(".jpg")
    start = jpeg.index(b"\xff\xc0")
    second = jpeg[start : start + 5] + struct.pack(">HH", BIG, BIG) + jpeg[start + 9 : start + 19]
    profile = b"p\0\0" + zlib.compress(bytes(300_000_000), 9)
    return {
        "frame_beyond_the_screen.gif": gif[:at] + b"," + struct.pack("<HHHH", 0, 0, 65_000, 65_000) + gif[at + 9 :],
        "frame_beyond_the_picture.png": png(png_head(37, 21, 8, 2), (b"acTL", struct.pack(">II", 1, 0)), (b"fcTL", frame), (b"IDAT", rows)),
        "profile.png": png(png_head(37, 21, 8, 2), (b"iCCP", profile), (b"IDAT", rows)),
        "text.png": png(png_head(37, 21, 8, 2), (b"zTXt", profile), (b"IDAT", rows)),
        "rows_without_end.png": png(png_head(37, 21, 8, 2), (b"IDAT", zlib.compress(bytes(300_000_000), 9))),
        "second_size.jpg": jpeg[: start + 19] + second + jpeg[start + 19 :],
        "long_strip.tif": tiff("<", [(256, 4, 37), (257, 4, 21), *GREY_STRIP, (278, 4, 2**32 - 1), (279, 4, 2**32 - 1)]),
    }  # fmt: skip
