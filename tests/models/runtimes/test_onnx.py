"""Encoders run by ONNX Runtime: torch's numbers, and one clear line where that cannot be."""

import csv
import json
import sys

import numpy as np
import pytest
import torch
from torch import nn

from seqfer.cli import main
from seqfer.core.errors import SettingsError
from seqfer.film import model_choice
from seqfer.film.settings import AnnotateSettings
from seqfer.models.included import TIERS
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.models.opening import open_model
from seqfer.models.runtimes import onnx
from seqfer.models.runtimes.onnx import OnnxEncoder, is_available, prepare
from tests.drawn_film import write_drawn_film


@pytest.mark.parametrize("tier", TIERS)
def test_features_and_classes_are_torchs(tier):
    assert is_available()  # the tests' own requirements hold it
    encoder = fuse_conv_bn(open_model(tier, kind="image").encoder)
    quick = OnnxEncoder(encoder)
    for count in (1, 3, 17):
        faces = torch.rand(count, encoder.channels, encoder.input_size, encoder.input_size)
        wanted = encoder.embed(faces)
        assert (quick.embed(faces) - wanted).abs().max() <= 1e-5 * wanted.abs().max()
        torch.testing.assert_close(
            quick.classify(faces).softmax(1), encoder.classify(faces).softmax(1), atol=1e-5, rtol=0
        )


def test_a_films_rows_are_torchs(tmp_path):
    film = str(write_drawn_film(tmp_path / "film.mp4", there=40, gone=4))
    numbers = {}
    for runtime in ("torch", "onnx"):
        words = ["--valence", "--precision", "fp32", "--runtime", runtime, "--detector", "haar", "--quiet"]
        assert main(["annotate-video", film, *words, "--out", str(tmp_path / runtime)]) == 0
        with (tmp_path / runtime / "frames.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        numbers[runtime] = np.array(
            [[float(row[name]) for name in ("happiness", "neutral", "valence")] for row in rows[:40]]
        )
    np.testing.assert_allclose(numbers["onnx"], numbers["torch"], atol=1e-5)
    summary = json.loads((tmp_path / "onnx" / "summary.json").read_text())
    assert summary["model"]["runtime"].startswith("onnxruntime ")
    assert json.loads((tmp_path / "torch" / "summary.json").read_text())["model"]["runtime"] == "torch"


def test_auto_takes_it_on_the_cpu():
    assert onnx.suits(open_model("small", kind="video", device="cpu"))


class Counting(FrameEncoder):
    """Looks at how many images there are, which a graph takes for a number that never changes."""

    feature_dim, input_size = 1, 8

    def __init__(self):
        super().__init__()
        self.classifier = nn.Linear(1, 2)

    def embed(self, images):
        return images.mean((1, 2, 3))[:, None] * int(images.shape[0])


class Stacking(Counting):
    """The same, where a graph then fails."""

    def embed(self, images):
        return images.flatten(1) + torch.zeros(int(images.shape[0]), 1)


class Unknown(Counting):
    """Does what no graph knows."""

    def embed(self, images):
        return torch.linalg.eigvals(images[:, 0]).real


@pytest.mark.parametrize(
    ("encoder", "words"),
    [
        (Counting, "gives other features than Counting itself; use torch"),
        (Stacking, r"cannot run Stacking \(.*\); use torch"),
        (Unknown, r"cannot run Unknown \(.*\); use torch"),
    ],
)
def test_an_encoder_that_no_graph_repeats_is_refused(encoder, words):
    with pytest.raises(SettingsError, match=words):
        OnnxEncoder(encoder())


def test_auto_falls_back_to_torch(monkeypatch):
    def refuse(model):
        raise SettingsError("cannot")

    monkeypatch.setattr(onnx, "prepare", refuse)
    monkeypatch.setattr(model_choice, "open_graph_model", lambda *args, **kwargs: None)  # a model of one's own
    assert model_choice.open_model(AnnotateSettings(precision="fp32", device="cpu")).runtime == "torch"


def test_a_missing_package_is_said_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SettingsError, match=r"needs the packages onnx and onnxruntime .*pip install seqfer\[onnx\]"):
        prepare(open_model("small", kind="video"))


def test_half_precision_and_onnx_exclude_each_other(tmp_path, capsys):
    words = ["annotate-video", "film.mp4", "--precision", "bf16", "--runtime", "onnx", "--out", str(tmp_path / "o")]
    assert main(words) == 2
    assert "omit one of them" in capsys.readouterr().err
