"""Fixtures of the tests of transfer: a cache of their own, a tiny trained encoder, and a drawn corpus."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from mock_corpus import write_mock
from transfer_calls import transfer

from seqfer.core import registry
from seqfer.corpus.manifest import read_manifest
from seqfer.corpus.stills import image_set
from seqfer.models.weights import save_encoder
from seqfer.training.image_loop import fit_images
from seqfer.training.settings import ImageTraining


@pytest.fixture(scope="module", autouse=True)
def _cache(module_cache):
    """Every test of a file uses its cache."""


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    """A tiny encoder trained on other drawn people, with one class more and without surprise."""
    folder = tmp_path_factory.mktemp("model")
    data = read_manifest(write_mock(folder, people=10, seed=9, labels=("anger", "happiness", "fear")))
    torch.manual_seed(0)
    encoder = registry.find("encoders", "tiny").build(classes=3)
    classes = ("happiness", "anger", "fear")
    settings = ImageTraining(epochs=4, batch_size=16, augment=0.1, cutout=0.0, precision="fp32")
    fit_images(encoder, image_set(data, classes, 24), settings, seed=0)
    save_encoder(folder / "old.safetensors", "tiny", encoder, classes, {"temperature": 1.2})
    return str(folder / "old.safetensors")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_mock(tmp_path_factory.mktemp("data"), people=20)


@pytest.fixture(scope="module")
def done(model, data, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    more = ["--unfreeze", "last:1", "--stages", "all", "--split-protocol", "person,plain", "--from-scratch"]
    assert transfer(model, "--data", data, *more, "--out", out) == 0
    return out
