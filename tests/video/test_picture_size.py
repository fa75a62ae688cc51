"""Sizes by the header alone, for every format that is read, and the limit that an environment variable changes."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.video.images import read_image
from seqfer.video.picture_size import MAX_PIXELS, check_pixels, stated_size


def _encoded(suffix: str, width: int = 37, height: int = 21, *options: int) -> bytes:
    grey = suffix in (".pgm", ".pbm")
    picture = np.random.default_rng(0).integers(0, 256, (height, width) + (() if grey else (3,)), np.uint8)
    return cv2.imencode(suffix, picture, options)[1].tobytes()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp", ".pgm", ".ppm", ".pbm", ".gif"])
def test_the_header_says_the_size_of_what_is_decoded(suffix: str) -> None:
    data = _encoded(suffix)
    assert stated_size(data) == (37, 21)
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYCOLOR).shape[:2] == (21, 37)


def test_webp_without_loss_and_progressive_jpeg() -> None:
    assert stated_size(_encoded(".webp", 37, 21, cv2.IMWRITE_WEBP_QUALITY, 101)) == (37, 21)
    assert stated_size(_encoded(".jpg", 37, 21, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)) == (37, 21)


def test_the_larger_of_a_tiff_and_its_tiles_counts() -> None:
    tags = [(256, 4, 10), (257, 4, 20), (322, 4, 65_536), (323, 3, 4096)]
    for order in "<>":
        words = {3: "HH", 4: "I"}
        fields = b"".join(
            struct.pack(f"{order}HHI{words[kind]}", tag, kind, 1, value, *([0] if kind == 3 else []))
            for tag, kind, value in tags
        )
        head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
        assert stated_size(head + struct.pack(f"{order}H", len(tags)) + fields) == (65_536, 4096)


def test_random_bytes_and_cut_headers_give_none_or_a_size() -> None:
    draw = random.Random(0)
    for suffix in (".png", ".jpg", ".bmp", ".tif", ".webp", ".ppm", ".gif"):
        whole = _encoded(suffix)
        for _ in range(200):
            data = bytearray(whole[: draw.randrange(len(whole))])
            for _ in range(min(4, len(data))):
                data[draw.randrange(min(len(data), 64))] = draw.randrange(256)
            size = stated_size(bytes(data))
            assert size is None or min(size) >= 0
    assert stated_size(b"") is None
    assert stated_size(b"<svg/>") is None


def test_the_message_names_size_and_limit(monkeypatch) -> None:
    check_pixels("a.png: a picture", 10_000, 20_000)
    with pytest.raises(
        InputError,
        match=r"a\.png: a picture of 32,000 x 32,000 pixels; at most 200,000,000 are decoded \(set SEQFER_MAX_PIXELS",
    ):
        check_pixels("a.png: a picture", 32_000, 32_000)
    monkeypatch.setenv(MAX_PIXELS, "100")
    with pytest.raises(InputError, match="at most 100 are decoded"):
        check_pixels("a box", 20, 20)
    with pytest.raises(InputError, match="at least one"):
        check_pixels("a box", 0, 20)
    monkeypatch.setenv(MAX_PIXELS, "many")
    with pytest.raises(SettingsError, match=MAX_PIXELS):
        check_pixels("a box", 20, 20)


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of one bit per pixel and a few KB, all black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + -(-width // 8))
    lines = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def bombs() -> dict[str, bytes]:
    """Small files of every format whose header states more pixels than are decoded."""
    big = struct.pack(">HH", 65_000, 65_000)
    jpeg = _encoded(".jpg")
    at = jpeg.index(b"\xff\xc0") + 5
    bmp = _encoded(".bmp")
    webp = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + b"\0\0\0\0" + b"\xff\xff\x3f" * 2
    gif = b"GIF89a" + struct.pack("<HH", 65_000, 65_000) + b"\x80\0\0" + bytes(6) + b","
    tiff = bytearray(_encoded(".tif"))
    start = struct.unpack("<I", tiff[4:8])[0]
    for place in range(start + 2, start + 2 + 24, 12):
        if struct.unpack("<H", tiff[place : place + 2])[0] in (256, 257):
            tiff[place + 2 : place + 12] = struct.pack("<HII", 4, 1, 60_000)
    return {
        "one.png": png_bomb(32_000, 32_000),
        "two.png": png_bomb(2_000_000_000, 1),
        "a.jpg": jpeg[:at] + big + jpeg[at + 4 :],
        "a.bmp": bmp[:18] + struct.pack("<ii", 40_000, -40_000) + bmp[26:],
        "a.webp": webp,
        "a.gif": gif,
        "a.tif": bytes(tiff),
        "a.ppm": b"P6 60000 60000 255\n" + bytes(100),
        "a.pgm": b"P5\n# much\n99999999 99999999\n255\n" + bytes(100),
    }  # fmt: skip


@pytest.mark.parametrize("name", bombs())
def test_bombs_are_refused_by_their_header(name: str, tmp_path) -> None:
    (tmp_path / name).write_bytes(bombs()[name])
    with pytest.raises(InputError, match=r"pixels; at most 200,000,000 are decoded") as error:
        read_image(tmp_path / name)
    assert len(str(error.value).splitlines()) == 1


def test_a_bomb_takes_no_memory(tmp_path) -> None:
    (tmp_path / "a.png").write_bytes(png_bomb(32_000, 32_000))
    code = (
        "import resource, sys; from pathlib import Path; from seqfer.video.images import read_image\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_image(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.png")], capture_output=True, text=True, check=True
    )
    kind, more = done.stdout.split()
    assert kind == "InputError"
    assert int(more) * (1 if sys.platform == "darwin" else 1024) < 50e6
