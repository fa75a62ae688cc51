"""The numbers that cached arrays are made of, against stored ones: they say when a version constant of a cache key must be raised.

A cached array is found again by a key that holds a version constant instead of the code that made it. When code is changed so that it computes other
numbers, these tests fail and name the constant. Raise it, then write the new numbers with `python tests/golden/test_cache_versions.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from seqfer.core import registry
from seqfer.core.records import Clip
from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import Manifest
from seqfer.experiments.stress.corruptions import choose
from seqfer.models.features import run_frames
from seqfer.models.layers import fuse_conv_bn
from seqfer.models.opening import open_model
from seqfer.models.weights import build_encoder
from seqfer.posed import paint_head, sample_person
from seqfer.training.moving_stills import moving_stills

FILE = Path(__file__).with_name("cache_versions.json")
ENCODERS = tuple(name for name in registry.names("encoders") if name not in ("resnet50", "vgg16", "vgg16_bn"))
VERSIONS = {
    "features": "FEATURES_VERSION (seqfer/models/features.py), or VERSION of the encoder's own file where only one differs,"
}
VERSIONS |= {
    "faces": "FACES_VERSION (seqfer/corpus/face_stack.py)",
    "motion": "MOTION_VERSION (seqfer/training/moving_stills.py)",
}
VERSIONS |= {"corruptions": "CORRUPTIONS_VERSION (seqfer/experiments/stress/corruptions.py)"}


def pictures() -> np.ndarray:
    """Two drawn faces, uint8 (image 48 48 3) RGB."""
    made = np.full((2, 48, 48, 3), 150, np.uint8)
    for number, picture in enumerate(made):
        paint_head(picture, sample_person(number + 1), {}, centre_xy_px=(24, 24), unit_px=12)
    return made


def grey(size: int) -> np.ndarray:
    """The same faces in grey, uint8 (image size size)."""
    faces = [cv2.resize(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (size, size)) for face in pictures()]
    return np.stack(faces)


def summary(numbers: np.ndarray) -> list[float]:
    """Mean, deviation, and six of the numbers themselves."""
    flat = np.asarray(numbers, np.float64).ravel()
    places = np.linspace(0, flat.size - 1, 6).astype(int)
    return [float(flat.mean()), float(flat.std()), *map(float, flat[places])]


def encoder_features(name: str) -> list[float]:
    """`describe` of an encoder with seeded random weights, or of `small` with the included ones."""
    if name == "small":
        encoder = open_model("small", kind="image", device="cpu").encoder
    else:
        torch.manual_seed(0)
        encoder = build_encoder(name, 7).eval()
    return summary(run_frames(fuse_conv_bn(encoder).describe, grey(encoder.input_size)).numpy())


def face_pixels(folder: Path) -> list[float]:
    """Faces read from a picture file: resized, and in grey."""
    cv2.imwrite(str(folder / "a.png"), cv2.cvtColor(pictures()[0], cv2.COLOR_RGB2BGR))
    clip = Clip(clip="a", person="p", frames=("a.png",), label="anger", corpus="drawn")
    manifest = Manifest(corpus="drawn", classes=("anger",), clips=(clip,), root=folder)
    read = [load_clip_faces(manifest, clip, 32, channels, set()) for channels in (1, 3)]
    return [number for faces in read for number in summary(faces)]


def motion() -> list[float]:
    """Pixels and probabilities of a sequence of two stills."""
    frames, shares = moving_stills(grey(32), np.eye(2, dtype=np.float32), 12, torch.Generator().manual_seed(0))
    return [*summary(frames), *summary(shares)]


def corrupted(name: str) -> list[float]:
    """Pixels under a corruption at its third level."""
    corruption = next(one for one in choose(()) if one.name == name)
    return summary(corruption(grey(48), min(3, len(corruption.levels)), 0, np.arange(2)))


def stored() -> dict[str, dict[str, list[float]]]:
    """Kind -> name -> numbers."""
    return json.loads(FILE.read_text())


def check(kind: str, name: str, found: list[float], tolerance: float) -> None:
    """Compare with the stored numbers, and say what to do where they differ."""
    wanted = stored()[kind].get(name)
    advice = f"bump {VERSIONS[kind]} and the golden file: python tests/golden/test_cache_versions.py"
    assert wanted is not None, f"{kind} of {name} are not stored yet: python tests/golden/test_cache_versions.py"
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance, err_msg=advice)


@pytest.mark.parametrize("name", [*ENCODERS, "small"])
def test_features_are_those_of_their_version(name: str) -> None:
    check("features", name, encoder_features(name), 1e-3)


def test_faces_are_those_of_their_version(tmp_path: Path) -> None:
    check("faces", "drawn", face_pixels(tmp_path), 1e-6)


def test_moving_stills_are_those_of_their_version() -> None:
    check("motion", "drawn", motion(), 1e-3)


@pytest.mark.parametrize("name", [corruption.name for corruption in choose(())])
def test_corruptions_are_those_of_their_version(name: str) -> None:
    check("corruptions", name, corrupted(name), 1e-3)


def test_other_numbers_fail_with_the_constant_to_raise() -> None:
    with pytest.raises(AssertionError, match="bump FEATURES_VERSION"):
        check("features", "tiny", [x + 0.1 for x in stored()["features"]["tiny"]], 1e-3)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        numbers = {
            "features": {name: encoder_features(name) for name in (*ENCODERS, "small")},
            "faces": {"drawn": face_pixels(Path(place))},
            "motion": {"drawn": motion()},
            "corruptions": {corruption.name: corrupted(corruption.name) for corruption in choose(())},
        }
    FILE.write_text(json.dumps(numbers, indent=1) + "\n")
