"""Features and logits of all frames, in batches and through the cache."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mock_corpus import write_mock

from seqfer.core import registry
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.manifest import read_manifest
from seqfer.models import features as module
from seqfer.models.encoding import Encoding
from seqfer.models.features import classify_images, frame_features, run_frames, to_pixels
from seqfer.runs.cache import open_array

FACES = np.random.default_rng(0).integers(0, 256, (37, 24, 24), np.uint8)


@pytest.fixture
def tiny():
    torch.manual_seed(0)
    encoder = registry.find("encoders", "tiny").build(classes=3)
    for _ in range(3):
        encoder.embed(torch.rand(8, 1, 24, 24))  # running statistics that are not those of the start
    return encoder.eval()


def test_pixels_are_fractions_with_the_channel_first() -> None:
    grey, colour = FACES[:2], np.random.default_rng(1).integers(0, 256, (2, 5, 7, 3), np.uint8)
    assert torch.allclose(to_pixels(grey)[:, 0], torch.from_numpy(grey).float() / 255)
    pixels = to_pixels(colour)
    assert pixels.shape == (2, 3, 5, 7)
    assert torch.allclose(pixels[1, 2], torch.from_numpy(colour[1, :, :, 2]).float() / 255)
    assert pixels.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("batch", [1, 16, 100])
def test_batches_change_nothing_and_keep_the_order(monkeypatch, batch: int) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    sizes = []

    def left_column(pixels: torch.Tensor) -> torch.Tensor:
        sizes.append(len(pixels))
        return pixels[:, 0, :, 0]

    assert torch.allclose(run_frames(left_column, FACES) * 255, torch.from_numpy(FACES[:, :, 0]).float())
    assert sum(sizes) == 37
    assert max(sizes) <= batch
    assert torch.allclose(run_frames(left_column, FACES, mirror=True) * 255, torch.from_numpy(FACES[:, :, -1]).float())


def test_logits_are_the_encoders_and_with_a_mirror_the_mean_of_both(tiny) -> None:
    with torch.no_grad():
        one, other = (
            tiny.classifier(tiny.embed(to_pixels(np.ascontiguousarray(faces)))) for faces in (FACES, FACES[:, :, ::-1])
        )
    assert torch.allclose(classify_images(tiny, FACES), one, atol=1e-5)
    assert torch.allclose(classify_images(tiny, FACES, mirror=True), (one + other) / 2, atol=1e-5)


def test_features_of_faces_and_their_mirror_images_are_kept(tiny, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    manifest = read_manifest(write_mock(tmp_path / "data", people=2))
    file, _ = frame_faces(manifest, 24, 1, manifest.checksum())
    plain, mirrored = (open_array(path) for path in frame_features(tiny, "w1", "tiny", file))
    faces = open_array(file)
    with torch.no_grad():
        expected = tiny.describe(to_pixels(np.asarray(faces)))
        other = tiny.describe(to_pixels(np.ascontiguousarray(faces[:, :, ::-1])))
    assert plain == pytest.approx(expected.numpy(), abs=1e-4)
    assert mirrored == pytest.approx(other.numpy(), abs=1e-4)
    monkeypatch.setattr(module, "run_frames", None)  # nothing is computed again
    assert np.array_equal(open_array(frame_features(tiny, "w1", "tiny", file)[0]), plain)
    with pytest.raises(TypeError):
        frame_features(tiny, "w2", "tiny", file)


def test_random_weights_are_always_trained_and_have_no_checksum() -> None:
    encoding = Encoding("tiny", "none", train=False)
    assert encoding.trains
    assert not Encoding("tiny", "shipped", train=False).trains
    encoder, checksum = encoding.open(("anger", "fear"))
    assert (checksum, encoder.training) == ("none", False)
    assert encoder.classifier(encoder.embed(torch.rand(2, 1, 24, 24))).shape == (2, 2)
