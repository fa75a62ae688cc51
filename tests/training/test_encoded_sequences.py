"""Sequences of moving stills: the same in whatever order they are made, read from the cache, and different in the two parts."""

import numpy as np
import pytest
import torch

from seqfer.core import registry
from seqfer.corpus.stills import ImageSet
from seqfer.training import encoded_sequences
from seqfer.training.encoded_sequences import HELD_BACK, TRAIN, SequenceEncoder, Stills, blocks_of
from seqfer.training.settings import HeadSettings

CLASSES = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]


@pytest.fixture
def maker(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path))
    torch.manual_seed(0)
    encoder = registry.find("encoders", "tiny").build(classes=7).eval()
    meta = {"encoder": "tiny", "classes": CLASSES, "sha256": "0" * 64}
    return SequenceEncoder(HeadSettings(length=9, seed=3), encoder, meta)


def stills():
    rng = np.random.default_rng(0)
    return Stills(ImageSet(rng.integers(0, 256, (12, 48, 48), dtype=np.uint8), np.arange(12) % 7))


def test_blocks_cover_all_sequences():
    assert blocks_of(250) == [(0, 100), (100, 100), (200, 50)]
    assert blocks_of(100) == [(0, 100)]


def test_shapes_and_what_is_in_them(maker):
    made = maker.encode(stills(), TRAIN, 4)
    features = maker.encoder.feature_dim
    assert made.values.shape == (4, 9, features + 21)
    clips = made.clips()
    assert clips.features.shape == (1, 4, 9, features)
    assert clips.mask.all()
    assert torch.allclose(clips.labels.sum(-1), torch.ones(4, 9))
    logits = maker.encoder.classifier(clips.features[0])
    assert torch.allclose(made.encoder_logits, logits, atol=1e-5)


def test_the_same_again_from_the_cache_and_other_in_the_other_part(maker, monkeypatch):
    first = maker.encode(stills(), TRAIN, 3).values
    other = maker.encode(stills(), HELD_BACK, 3).values
    monkeypatch.setattr(encoded_sequences, "run_frames", None)  # nothing is computed a second time
    assert np.array_equal(maker.encode(stills(), TRAIN, 3).values, first)
    assert not np.array_equal(first, other)


def test_every_block_is_told(maker, monkeypatch):
    monkeypatch.setattr(encoded_sequences, "BLOCK", 2)
    said = []
    maker.encode(stills(), TRAIN, 5, said.append)
    assert said == ["2 sequences encoded", "2 sequences encoded", "1 sequences encoded"]
