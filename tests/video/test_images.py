"""The kinds of picture files that corpora come in, and the places where a picture should be and is not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from seqfer.core.errors import InputError, SettingsError
from seqfer.video.images import SUFFIXES, read_image, with_channels

RAMP = np.arange(20 * 30, dtype=np.uint8).reshape(20, 30)
COLOURS = np.stack([RAMP, RAMP[::-1], 255 - RAMP], axis=-1)


def jpeg(picture: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".tiff", ".pgm"])
def test_grey_files_come_back_as_they_were(tmp_path: Path, suffix: str) -> None:
    cv2.imwrite(str(tmp_path / f"a{suffix}"), RAMP)
    np.testing.assert_array_equal(read_image(tmp_path / f"a{suffix}"), RAMP)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".ppm"])
def test_colour_files_come_back_as_rgb(tmp_path: Path, suffix: str) -> None:
    cv2.imwrite(str(tmp_path / f"a{suffix}"), COLOURS[..., ::-1])
    np.testing.assert_array_equal(read_image(tmp_path / f"a{suffix}"), COLOURS)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp"])
def test_lossy_files_come_back_nearly(tmp_path: Path, suffix: str) -> None:
    smooth = np.full((32, 32, 3), (200, 120, 40), np.uint8)
    cv2.imwrite(str(tmp_path / f"a{suffix}"), smooth[..., ::-1])
    assert np.abs(read_image(tmp_path / f"a{suffix}").astype(int) - smooth).max() < 6


def test_every_suffix_is_read() -> None:
    assert {".png", ".bmp", ".tif", ".tiff", ".pgm", ".ppm", ".jpg", ".jpeg", ".webp"} == set(SUFFIXES)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_eight_bits_of_grey_or_rgb(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray((RAMP.astype(np.uint16) * 257) if mode == "I;16" else COLOURS)
    (picture if mode == "I;16" else picture.convert(mode)).save(tmp_path / "a.png")
    read = read_image(tmp_path / "a.png")
    assert read.dtype == np.uint8
    assert read.shape in ((20, 30), (20, 30, 3))
    assert np.ptp(read) > 100
    if mode in ("RGB", "RGBA"):
        np.testing.assert_array_equal(read, COLOURS)
    if mode == "I;16":
        np.testing.assert_array_equal(read, RAMP)


def test_the_name_does_not_decide_the_format(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(jpeg(COLOURS))
    assert read_image(tmp_path / "a.png").shape == (20, 30, 3)


@pytest.mark.parametrize("mark", [b"", b"\0" * 40, b"words after the picture"])
def test_bytes_after_the_end_are_no_damage(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(COLOURS) + mark)
    (tmp_path / "a.png").write_bytes(cv2.imencode(".png", RAMP)[1].tobytes() + mark)
    assert read_image(tmp_path / "a.jpg").shape == (20, 30, 3)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), RAMP)


@pytest.mark.parametrize("kept", [0.4, 0.7, 0.95])
def test_a_preview_does_not_hide_that_a_jpeg_is_cut(tmp_path: Path, kept: float) -> None:
    """The preview in a camera's JPEG has an end mark of its own."""
    noise = np.random.default_rng(0).integers(0, 255, (90, 90, 3), dtype=np.uint8)
    whole, preview = jpeg(noise), b"Exif\0\0" + jpeg(noise[:16, :16])
    whole = whole[:2] + b"\xff\xe1" + (len(preview) + 2).to_bytes(2, "big") + preview + whole[2:]
    (tmp_path / "whole.jpg").write_bytes(whole)
    (tmp_path / "cut.jpg").write_bytes(whole[: int(kept * len(whole))])
    assert read_image(tmp_path / "whole.jpg").shape == (90, 90, 3)
    with pytest.raises(InputError, match=r"cut\.jpg: truncated"):
        read_image(tmp_path / "cut.jpg")


def test_what_is_not_there_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "words.png").write_text("not a picture")
    (tmp_path / "link.png").symlink_to(tmp_path / "gone")
    for name, said in (
        ("folder.png", "cannot be read"),
        ("missing.png", "cannot be read"),
        ("link.png", "cannot be read"),
        ("empty.png", "empty file"),
        ("words.png", "not a picture"),
    ):
        with pytest.raises(InputError, match=said) as error:
            read_image(tmp_path / name)
        assert str(error.value).startswith(f"{tmp_path / name}: ")
        assert "\n" not in str(error.value)


def test_channels() -> None:
    assert with_channels(RAMP, 1) is RAMP
    np.testing.assert_array_equal(with_channels(RAMP, 3), np.stack([RAMP] * 3, axis=-1))
    luma = COLOURS.astype(float) @ (0.299, 0.587, 0.114)
    assert np.abs(with_channels(COLOURS, 1) - luma).max() <= 1
    with pytest.raises(SettingsError, match=r"channels is 4; allowed: 1 \(grey\) or 3 \(RGB\)"):
        with_channels(COLOURS, 4)
