"""Evaluation of a valence model: its scores, and the two baselines beside it, from the formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seqfer.core import registry
from seqfer.core.emotions import EMOTIONS, VALENCE_NORMS, class_list
from seqfer.core.errors import InputError
from seqfer.core.rated_valence import LEVEL_NAMES, mean_valence
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, write_manifest
from seqfer.experiments.evaluate_valence import evaluate_valence
from seqfer.experiments.prediction_files import read_predictions
from seqfer.experiments.settings import EvaluateValenceSettings
from seqfer.models.features import classify_images
from seqfer.models.opening import open_model
from seqfer.models.weights import save_encoder

CLASSES = class_list("fer2013")
COUNT = 12


@pytest.fixture
def given(tmp_path, monkeypatch):
    """(settings, votes (image, emotion), faces): eight stills of the Test split, four of Training; the last of Test has two votes only."""
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(4)
    faces = rng.integers(0, 256, (COUNT, 24, 24), dtype=np.uint8)
    votes = np.zeros((COUNT, len(EMOTIONS)))
    glad, sad = EMOTIONS.index("happiness"), EMOTIONS.index("sadness")
    votes[:, glad] = rng.integers(1, 10, COUNT)
    votes[:, sad] = 10 - votes[:, glad]
    votes[7] = 0
    votes[7, glad] = 2
    clips = [
        Clip(
            f"s{k}", f"p{k}", "anger", (f"s.npy#{k}",), "drawn", "Test" if k < 8 else "Training", votes=tuple(votes[k])
        )
        for k in range(COUNT)
    ]
    np.save(tmp_path / "s.npy", faces)
    write_manifest(Manifest("drawn", ("anger",), tuple(clips), tmp_path), tmp_path / "s.jsonl")
    for name, classes in (("valence", LEVEL_NAMES), ("emotions", CLASSES)):
        torch.manual_seed(len(classes))
        encoder = registry.find("encoders", "tiny").build(classes=len(classes)).eval()
        save_encoder(tmp_path / f"{name}.safetensors", "tiny", encoder, classes, {"temperature": 2.0})
    model, emotions = (str(tmp_path / f"{name}.safetensors") for name in ("valence", "emotions"))
    settings = EvaluateValenceSettings(model, str(tmp_path / "s.jsonl"), split="Test", classifier=emotions)
    return settings, votes, faces


def rmse(predicted, truth):
    return np.sqrt(np.mean((predicted - truth) ** 2))


def test_model_and_baselines(given):
    settings, votes, faces = given
    report = evaluate_valence(settings)
    truth = mean_valence(votes[:7])
    assert (report.images, report.left_out, report.split) == (7, 1, "Test")
    predicted = open_model(settings.model, kind="valence").valence(faces[:7])
    assert report.scores["model"].rmse == pytest.approx(rmse(predicted, truth), abs=1e-6)
    constant = mean_valence(votes[8:]).mean()
    assert report.scores["constant"].rmse == pytest.approx(rmse(constant, truth))
    logits = classify_images(open_model(settings.classifier, kind="image").encoder, faces[:7], one_view=True).numpy()
    shares = np.exp(logits / 2) / np.exp(logits / 2).sum(1, keepdims=True)
    norms = shares @ np.array([VALENCE_NORMS[name] for name in CLASSES])
    assert report.scores["norms"].rmse == pytest.approx(rmse(norms, truth), abs=1e-5)
    low, high = report.scores["model"].intervals["rmse"]
    assert low <= report.scores["model"].rmse <= high


def test_fewer_votes_needed_use_more_images(given):
    settings, *_ = given
    from dataclasses import replace

    report = evaluate_valence(replace(settings, min_votes=1))
    assert (report.images, report.left_out) == (8, 0)
    with pytest.raises(InputError, match="0 images with 50 or more votes for an emotion; lower --min-votes"):
        evaluate_valence(replace(settings, min_votes=50))


def test_truth_and_predictions_of_every_image_are_left_in_the_folder(given, tmp_path):
    settings, votes, faces = given
    report = evaluate_valence(settings, out=tmp_path / "run")
    table = read_predictions(tmp_path / "run")
    assert list(table) == ["clip", "person", "truth", "predicted", "norms", "constant"]
    assert table["clip"] == [f"s{k}" for k in range(7)]
    assert table["truth"] == pytest.approx(mean_valence(votes[:7]).tolist())
    assert table["predicted"] == pytest.approx(open_model(settings.model, kind="valence").valence(faces[:7]).tolist())
    found = rmse(np.array(table["norms"]), np.array(table["truth"]))
    assert found == pytest.approx(report.scores["norms"].rmse)
