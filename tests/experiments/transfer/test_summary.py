"""The report of a transfer: before and after each step, under both divisions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from mock_corpus import write_mock
from page_checks import Page, check_accessible, check_self_contained

from seqfer.cli import main
from seqfer.core import registry
from seqfer.corpus.manifest import read_manifest
from seqfer.corpus.stills import image_set
from seqfer.models.weights import read_encoder, save_encoder
from seqfer.training.image_loop import fit_images
from seqfer.training.settings import ImageTraining

LABELS = ("anger", "happiness", "surprise")


QUICK = ["training.epochs=2", "head_training.epochs=2", "scratch_training.epochs=2"]


SETS = [word for setting in QUICK for word in ("--set", setting)]


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQFER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


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


def transfer(*arguments: object) -> int:
    return main(["transfer", *map(str, arguments), *SETS, "--quiet", "--jobs", "1"])


@pytest.fixture(scope="module")
def done(model, data, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    more = ["--unfreeze", "last:1", "--stages", "all", "--split-protocol", "person,plain", "--from-scratch"]
    assert transfer(model, "--data", data, *more, "--out", out) == 0
    return out


def test_before_and_after(done):
    report = json.loads((done / "report.json").read_text())
    assert report["new_classes"] == ["surprise"]
    for protocol in ("person", "plain"):
        rows = {row["name"]: row for row in report["protocols"][protocol]}
        assert list(rows) == ["zero-shot", "head", "last-1", "all", "scratch"]
        assert rows["zero-shot"]["count"] + rows["zero-shot"]["left_out"] == rows["head"]["count"]
        assert rows["zero-shot"]["left_out"] == sum(rows["head"]["confusion"][2]) > 0
        assert rows["head"]["trainable"] == 64 * 3 + 3
        assert rows["head"]["trainable"] < rows["last-1"]["trainable"] < rows["all"]["trainable"]
        assert rows["all"]["over_scratch"]["low"] <= rows["all"]["over_scratch"]["value"]
    assert report["sizes"]["person"]["people_in_both"] == [0]
    assert report["sizes"]["plain"]["people_in_both"][0] > 0
    assert report["sizes"]["person"] == {"train": [48], "validation": [6], "test": [6], "people_in_both": [0]}
    text = (done / "report.html").read_text()
    check_self_contained(text)
    check_accessible(text)
    assert "plain image split (savoiu2017)" in Page(text).text
    _, meta = read_encoder(str(done / "encoder.safetensors"))
    assert meta["classes"] == list(LABELS)
    assert meta["transferred"] == report["chosen"]
