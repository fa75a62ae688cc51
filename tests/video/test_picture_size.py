"""Sizes by the header alone, for every format that is read, and the limit that an environment variable changes."""

from __future__ import annotations

import random
import struct
import subprocess
import sys

import cv2
import numpy as np
import pytest
from picture_bombs import bombs, encoded, hidden_bombs

from seqfer.core.errors import InputError, SettingsError
from seqfer.video.images import read_image
from seqfer.video.picture_size import MAX_PIXELS, check_pixels, stated_size


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp", ".pgm", ".ppm", ".pbm", ".gif"])
def test_the_header_says_the_size_of_what_is_decoded(suffix: str) -> None:
    data = encoded(suffix)
    assert stated_size(data) == (37, 21)
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYCOLOR).shape[:2] == (21, 37)


def test_webp_without_loss_and_progressive_jpeg() -> None:
    assert stated_size(encoded(".webp", 37, 21, cv2.IMWRITE_WEBP_QUALITY, 101)) == (37, 21)
    assert stated_size(encoded(".jpg", 37, 21, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)) == (37, 21)


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
        whole = encoded(suffix)
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


@pytest.mark.parametrize("name", bombs())
def test_bombs_are_refused_by_their_header(name: str, tmp_path) -> None:
    (tmp_path / name).write_bytes(bombs()[name])
    with pytest.raises(InputError, match=r"pixels; at most 200,000,000 are decoded") as error:
        read_image(tmp_path / name)
    assert len(str(error.value).splitlines()) == 1


def test_bombs_take_no_memory(tmp_path) -> None:
    """Also those whose header is harmless; all in one process, whose memory may grow by 100 MB at most."""
    every = {**bombs(), **hidden_bombs()}
    assert len(every) >= 30
    for name, content in every.items():
        (tmp_path / name).write_bytes(content)
    code = (
        "import resource, sys; from pathlib import Path; from seqfer.video.images import read_image\n"
        "from seqfer.core.errors import InputError\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "for file in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try: assert max(read_image(file).shape) < 100\n"
        "    except InputError: pass\n"
        "    assert (peak() - before) * (1 if sys.platform == 'darwin' else 1024) < 100e6, file\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
