"""Probabilities of clips from logits of frames, and the prior of the training data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mock_corpus import LABELS, write_mock

from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.corpus.manifest import read_manifest
from seqfer.models.classify import class_prior, clip_class_probabilities, frame_logits, known_classes
from seqfer.models.features import classify_images
from seqfer.models.image_model import ImageModel

META = {"classes": ["anger", "fear", "sadness"], "class_shares": [0.5, 0.4, 0.1], "corpus": "fer2013"}


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum(1, keepdims=True)


def test_frames_of_a_clip_are_averaged() -> None:
    logits = np.random.default_rng(0).normal(0, 2, (5, 3))
    found = clip_class_probabilities(logits, np.array([2, 3]), 1.5)
    frames = softmax(logits / 1.5)
    assert found == pytest.approx(np.stack([frames[:2].mean(0), frames[2:].mean(0)]))


def test_a_prior_divides_the_probabilities() -> None:
    logits, prior = np.random.default_rng(0).normal(0, 2, (4, 3)), np.array([0.5, 0.4, 0.1])
    found = clip_class_probabilities(logits, np.ones(4, int), 2.0, prior)
    divided = softmax(logits / 2.0) / prior
    assert found == pytest.approx(divided / divided.sum(1, keepdims=True))


def test_when_the_prior_is_divided_out() -> None:
    names = ("sadness", "anger")
    assert class_prior("training", META, "ck48", names) is None
    assert class_prior("auto", META, "fer2013", names) is None  # the corpus it was trained on
    for choice, corpus in (("auto", "ck48"), ("equal", "fer2013")):
        prior = class_prior(choice, META, corpus, names)
        assert prior is not None
        assert prior.tolist() == [0.1, 0.5]  # in the order of the names
    bare = {"classes": META["classes"]}
    assert class_prior("auto", bare, "ck48", names) is None
    with pytest.raises(SettingsError, match="does not say how frequent its classes were in training"):
        class_prior("equal", bare, "ck48", names)
    with pytest.raises(SettingsError, match="prior = 'uniform'; allowed: auto, training, equal"):
        class_prior("uniform", META, "ck48", names)


def test_a_class_that_never_occurred_does_not_divide_by_zero() -> None:
    prior = class_prior("equal", META | {"class_shares": [0.6, 0.4, 0.0]}, "x", META["classes"])
    assert prior is not None
    assert prior[2] == 1e-6


def test_classes_to_score(tmp_path) -> None:
    manifest = read_manifest(write_mock(tmp_path, people=2))
    assert known_classes(manifest, "", ("surprise", "anger", "fear", "happiness")) == ("surprise", "anger", "happiness")
    assert (
        known_classes(manifest, "six", ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"))[1]
        == "disgust"
    )
    with pytest.raises(SettingsError, match="does not know surprise; it knows anger, happiness: choose with --classes"):
        known_classes(manifest, "", ("anger", "happiness"))


def test_logits_are_in_the_order_of_the_names(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    manifest = read_manifest(write_mock(tmp_path, people=2))
    torch.manual_seed(0)
    encoder = registry.find("encoders", "tiny").build(classes=3).eval()
    model = ImageModel("tiny", encoder, {"encoder": "tiny", "classes": list(LABELS)})
    logits, lengths = frame_logits(model, manifest, manifest.checksum(), ("surprise", "anger"))
    assert lengths.tolist() == [len(clip.frames) for clip in manifest.clips]
    every = classify_images(encoder, np.load(tmp_path / "mock.npy")).numpy()
    assert logits == pytest.approx(every[:, [2, 0]], abs=1e-5)
