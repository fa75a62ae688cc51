"""Faces of a clip: from pictures, stacks and videos; crops, channels, sizes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from mock_video import LEVELS, write_video
from video_files import number_in, write_film

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import Clip
from seqfer.corpus.faces import crop_box, load_clip_faces
from seqfer.corpus.manifest import Manifest
from seqfer.video.images import SUFFIXES, read_image, with_channels

RAMP = np.arange(8 * 10, dtype=np.uint8).reshape(8, 10)


def faces(root: Path, frames: tuple[str, ...], size: int = 8, channels: int = 1, boxes=None) -> np.ndarray:
    clip = Clip("c", "p", "anger", frames, "mock", boxes_xyxy_px=boxes)
    return load_clip_faces(Manifest("mock", ("anger",), (clip,), root), clip, size, channels)


def photo(height: int = 60, width: int = 80) -> np.ndarray:
    """A colour picture with enough in it that its file is longer than its headers."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 255, (height, width, 3), dtype=np.uint8)


def test_pictures_keep_their_order_and_values(tmp_path: Path) -> None:
    for name, level in (("b.png", 10), ("a.png", 200)):
        cv2.imwrite(str(tmp_path / name), np.full((8, 8), level, np.uint8))
    loaded = faces(tmp_path, ("b.png", "a.png", "b.png"))
    assert loaded.shape == (3, 8, 8)
    assert loaded.dtype == np.uint8
    assert loaded.mean((1, 2)).tolist() == [10, 200, 10]


def test_colour_is_rgb_and_grey_is_luma(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "red.png"), np.full((8, 8, 3), (0, 0, 255), np.uint8))
    assert faces(tmp_path, ("red.png",), channels=3)[0, 0, 0].tolist() == [255, 0, 0]
    assert faces(tmp_path, ("red.png",))[0, 0, 0] == 76  # 0.299 x 255
    cv2.imwrite(str(tmp_path / "grey.png"), RAMP)
    assert (faces(tmp_path, ("grey.png",), size=4, channels=3).std(-1) == 0).all()
    with pytest.raises(SettingsError, match="channels is 2"):
        with_channels(RAMP, 2)
    with pytest.raises(SettingsError, match="size is 0"):
        faces(tmp_path, ("grey.png",), size=0)


def test_sixteen_bits_are_scaled_to_eight(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "deep.png"), np.full((8, 8), 200 * 256, np.uint16))
    assert faces(tmp_path, ("deep.png",)).max() == 200


def test_shrinking_averages_areas(tmp_path: Path) -> None:
    checks = (np.indices((16, 16)).sum(0) % 2 * 200).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "checks.png"), checks)
    assert set(np.unique(faces(tmp_path, ("checks.png",)))) == {100}
    assert faces(tmp_path, ("checks.png",), size=32).shape == (1, 32, 32)


def test_boxes_cut_out_and_edges_repeat(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "ramp.png"), RAMP)
    inside = faces(tmp_path, ("ramp.png",), size=4, boxes=((3.0, 2.0, 7.0, 6.0),))
    assert np.array_equal(inside[0], RAMP[2:6, 3:7])
    over = faces(tmp_path, ("ramp.png",), size=4, boxes=((-2.0, -1.0, 2.0, 3.0),))
    padded = np.pad(RAMP, 3, mode="edge")
    assert np.array_equal(over[0], padded[2:6, 1:5])
    corner = crop_box(RAMP, (8.0, 6.0, 12.0, 10.0))
    assert np.array_equal(corner, padded[9:13, 11:15])


def test_each_frame_has_its_own_box(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "ramp.png"), RAMP)
    loaded = faces(tmp_path, ("ramp.png", "ramp.png"), size=2, boxes=((0, 0, 2, 2), (4, 4, 6, 6)))
    assert np.array_equal(loaded, [RAMP[:2, :2], RAMP[4:6, 4:6]])


def test_a_box_outside_the_picture_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "ramp.png"), RAMP)
    with pytest.raises(InputError, match=r"ramp\.png: box .* outside the picture of 10x8 pixels"):
        faces(tmp_path, ("ramp.png",), boxes=((20.0, 0.0, 30.0, 10.0),))


def test_stack_by_index(tmp_path: Path) -> None:
    np.save(tmp_path / "s.npy", np.stack([np.full((8, 8), i, np.uint8) for i in range(4)]))
    assert faces(tmp_path, ("s.npy#3", "s.npy#0", "s.npy#3"))[:, 0, 0].tolist() == [3, 0, 3]
    np.save(tmp_path / "floats.npy", np.zeros((2, 8, 8)))
    (tmp_path / "short.npy").write_bytes((tmp_path / "s.npy").read_bytes()[:-100])
    for frame, said in (
        ("s.npy#4", r"s\.npy: frame 4 asked for, the stack has 4 \(0 to 3\)"),
        ("s.npy", r"without a frame; write s\.npy#0"),
        ("floats.npy#0", "float64 of shape"),
        ("short.npy#0", "cannot be read"),
        ("none.npy#0", "cannot be read"),
    ):
        with pytest.raises(InputError, match=said):
            faces(tmp_path, (frame,))


def test_a_few_frames_of_a_long_video_are_sought(tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("decord")
    write_film(tmp_path / "long.mp4", ticks=range(90))
    box = (0, 0, 128, 128)
    monkeypatch.setattr("seqfer.video.read_frames", None)  # whoever reads the film through fails
    sought = faces(tmp_path, ("long.mp4#80", "long.mp4#41", "long.mp4#80"), boxes=(box,) * 3, size=128)
    assert [number_in(face) for face in sought] == [80, 41, 80]
    monkeypatch.undo()
    through = faces(tmp_path, tuple(f"long.mp4#{k}" for k in range(90)), boxes=(box,) * 90, size=128)
    assert np.abs(sought.astype(int) - through[[80, 41, 80]]).mean() < 1


def test_video_by_index(tmp_path: Path) -> None:
    write_video(tmp_path / "v.mp4")
    box = (40.0, 0.0, 64.0, 24.0)
    loaded = faces(tmp_path, ("v.mp4#4", "v.mp4#1", "v.mp4#4"), boxes=(box,) * 3)
    assert loaded.mean((1, 2)) == pytest.approx([LEVELS[4], LEVELS[1], LEVELS[4]], abs=12)
    with pytest.raises(InputError, match=r"v\.mp4: frame 9 asked for, the video has 5 \(0 to 4\)"):
        faces(tmp_path, ("v.mp4#9",))
    with pytest.raises(InputError, match=r"v\.mp4"):
        faces(tmp_path, ("v.mp4",))


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.png: cannot be read") as error:
        faces(tmp_path, ("gone.png",))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9])
def test_every_cut_picture_is_noticed(tmp_path: Path, suffix: str, kept: float) -> None:
    whole = cv2.imencode(suffix, photo()[..., 0] if suffix == ".pgm" else photo())[1].tobytes()
    file = tmp_path / f"cut{suffix}"
    file.write_bytes(whole)
    assert read_image(file).shape[:2] == (60, 80)
    file.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(InputError, match=f"cut{suffix}: ") as error:
        read_image(file)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("missing", [1, 4, 12, 13])
def test_a_png_without_its_last_chunk_is_noticed(tmp_path: Path, missing: int) -> None:
    whole = cv2.imencode(".png", photo())[1].tobytes()
    (tmp_path / "cut.png").write_bytes(whole[:-missing])
    with pytest.raises(InputError, match=r"cut\.png: truncated"):
        read_image(tmp_path / "cut.png")


def test_damage_inside_a_png_and_words_are_noticed(tmp_path: Path) -> None:
    damaged = bytearray(cv2.imencode(".png", photo())[1].tobytes())
    damaged[len(damaged) // 2] ^= 0xFF
    (tmp_path / "damaged.png").write_bytes(damaged)
    (tmp_path / "words.png").write_text("not a picture")
    for name in ("damaged.png", "words.png"):
        with pytest.raises(InputError, match=name):
            read_image(tmp_path / name)
