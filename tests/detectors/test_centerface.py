"""The detector that ships: its maps to faces, its file, and the faces that the published network finds."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.detectors import centerface

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "centerface.json").read_text())
sys.path.insert(0, str(ROOT / "tools"))

from face_composites import drawn_picture  # noqa: E402

BLACK = np.zeros((60, 80, 3), np.uint8)


def maps(rows: int = 16, columns: int = 24) -> list[np.ndarray]:
    """The network's outputs without a face."""
    return [np.zeros((1, channels, rows, columns), np.float32) for channels in (1, 2, 2, 10)]


def put(made: list[np.ndarray], row: int, column: int, score: float, size_px: tuple[float, float]) -> None:
    """A face in a cell, `size_px` high and wide, a quarter cell below and an eighth to the right of its centre."""
    made[0][0, 0, row, column] = score
    made[1][0, :, row, column] = np.log(np.array(size_px) / 4)
    made[2][0, :, row, column] = 0.25, 0.125
    made[3][0, :, row, column] = np.array([(0.4, 0.3), (0.4, 0.7), (0.6, 0.5), (0.8, 0.35), (0.8, 0.65)]).ravel()


def test_maps_become_faces() -> None:
    made = maps()
    put(made, 8, 10, 0.9, (40, 32))
    put(made, 8, 11, 0.7, (40, 32))  # the same face
    put(made, 2, 20, 0.2, (12, 12))  # not likely enough
    (face,) = centerface.faces_of(made, 0.25, 0.3)
    assert face.box_xyxy_px == pytest.approx((42.5 - 16, 35 - 20, 42.5 + 16, 35 + 20))
    assert face.score == pytest.approx(0.9)
    assert face.landmarks_xy_px is not None
    assert np.allclose(face.landmarks_xy_px, [(36.1, 31), (48.9, 31), (42.5, 39), (37.7, 47), (47.3, 47)])


def test_two_faces_beside_each_other_are_two() -> None:
    made = maps()
    put(made, 8, 6, 0.8, (40, 32))
    put(made, 8, 16, 0.9, (40, 32))
    assert [face.score for face in centerface.faces_of(made, 0.25, 0.3)] == pytest.approx([0.9, 0.8])


def test_numbers_that_are_no_box_are_left_out() -> None:
    made = maps()
    put(made, 8, 10, 0.9, (0.5, 0.5))
    put(made, 2, 2, 0.9, (40, 32))
    made[3][0, 4, 2, 2] = np.nan
    assert centerface.faces_of(made, 0.25, 0.3) == []
    assert centerface.faces_of(maps(), 0.25, 0.3) == []


def test_pictures_are_padded_to_whole_multiples() -> None:
    picture = np.full((60, 80, 3), 9, np.uint8)
    made = centerface.padded(picture)
    assert made.shape == (64, 96, 3)
    assert np.array_equal(made[:60, :80], picture)
    assert not made[60:].any()
    assert not made[:, 80:].any()
    assert centerface.padded(made) is made


def test_it_takes_no_weights_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has its own weights"):
        centerface.build(tmp_path / "other.onnx")
    with pytest.raises(SettingsError, match=r"score is 1\.5"):
        centerface.build(score=1.5)
    damaged = tmp_path / "centerface.onnx"
    damaged.write_bytes(centerface.PATH.read_bytes()[:-1] + b"\0")
    with monkeypatch.context() as patch:
        patch.setattr(centerface, "PATH", damaged)
        with pytest.raises(WeightsError, match=r"checksum .* install seqfer again"):
            centerface.build()
    monkeypatch.setattr(centerface, "is_available", lambda: False)
    with pytest.raises(SettingsError, match="needs the package onnxruntime; install it, or use --detector haar"):
        centerface.build()


def test_a_higher_threshold_leaves_faces_out() -> None:
    picture = drawn_picture(1)
    assert len(centerface.build().detect(picture)) == 2
    assert centerface.build(score=0.99).detect(picture) == []
    assert centerface.build().detect(BLACK) == []


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"seed{golden['seed']}")
def test_it_finds_the_faces_of_the_published_network(golden: dict) -> None:
    """Golden: `python tools/convert_detector.py WHEEL --golden tests/golden/centerface.json`, the fp32 network from the wheel."""
    found = sorted(centerface.build().detect(drawn_picture(golden["seed"])), key=lambda face: face.box_xyxy_px)
    known = sorted(golden["faces"], key=lambda face: face["box"])
    assert len(found) == len(known) == 2
    for ours, theirs in zip(found, known, strict=True):
        width = theirs["box"][2] - theirs["box"][0]
        assert ours.score == pytest.approx(theirs["score"], abs=0.08)
        assert np.abs(np.subtract(ours.box_xyxy_px, theirs["box"])).max() < 0.1 * width
        assert np.abs(np.subtract(ours.landmarks_xy_px, theirs["landmarks"])).max() < 0.05 * width
