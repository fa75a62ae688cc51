"""Evaluation of an encoder: its scores are those of the probabilities of its frames, added up over each clip."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from mock_corpus import LABELS, write_mock

from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.corpus.manifest import read_manifest
from seqfer.experiments.evaluate import evaluate_encoder
from seqfer.experiments.prediction_files import read_predictions
from seqfer.experiments.settings import EvaluateSettings
from seqfer.models.features import classify_images
from seqfer.models.weights import save_encoder

ORDER = ("happiness", "surprise", "anger")  # of the model; the manifest has another one


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))


def model_of(tmp_path, classes=ORDER, **meta):
    torch.manual_seed(3)
    encoder = registry.find("encoders", "tiny").build(classes=len(classes)).eval()
    save_encoder(tmp_path / "tiny.safetensors", "tiny", encoder, classes, {"temperature": 1.5, **meta})
    return str(tmp_path / "tiny.safetensors"), encoder


def by_hand(encoder, manifest, divided_by=None):
    """(actual, predicted) class names of each clip: softmax of logits / 1.5, summed over its frames."""
    faces, pairs, start = np.load(manifest.root / "mock.npy"), [], 0
    for clip in manifest.clips:
        logits = classify_images(encoder, faces[start : start + len(clip.frames)]).numpy() / 1.5
        start += len(clip.frames)
        shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True) / (1 if divided_by is None else divided_by)
        shares /= shares.sum(1, keepdims=True)
        pairs.append((clip.label, ORDER[shares.sum(0).argmax()]))
    return pairs


def test_scores_are_those_of_clips_classified_by_the_sum_of_their_frames(tmp_path):
    path, encoder = model_of(tmp_path)
    data = write_mock(tmp_path / "data", people=4)
    report = evaluate_encoder(EvaluateSettings(path, str(data)))
    pairs = by_hand(encoder, read_manifest(data))
    assert report.images == report.as_given.count == 12
    assert report.as_given.accuracy == pytest.approx(np.mean([actual == found for actual, found in pairs]))
    index = {name: k for k, name in enumerate(report.classes)}
    confusion = np.zeros((3, 3), int)
    for actual, found in pairs:
        confusion[index[actual], index[found]] += 1
    assert np.array_equal(report.as_given.confusion, confusion)
    assert (report.prior, report.with_training_prior, report.without_crossing_duplicates) == ("training", None, None)
    assert report.temperature == 1.5


def test_equal_classes_divide_by_the_frequencies_of_the_training(tmp_path):
    shares = [0.02, 0.08, 0.9]
    path, encoder = model_of(tmp_path, class_shares=shares, corpus="elsewhere")
    data = write_mock(tmp_path / "data", people=4)
    report = evaluate_encoder(EvaluateSettings(path, str(data)))
    manifest = read_manifest(data)
    assert report.prior == "equal"
    for scores, prior in ((report.as_given, np.array(shares)), (report.with_training_prior, None)):
        pairs = by_hand(encoder, manifest, prior)
        assert scores.accuracy == pytest.approx(np.mean([actual == found for actual, found in pairs]))


def test_clips_with_a_copy_in_the_training_split_are_left_out_of_the_second_score(tmp_path):
    path, encoder = model_of(tmp_path)
    data = write_mock(tmp_path / "data", people=4)
    head, *lines = data.read_text().splitlines()
    marked = [json.loads(line) for line in lines]
    for clip in marked[:5]:
        clip["attributes"] = {"duplicate": "another"}
    data.write_text("\n".join([head, *map(json.dumps, marked)]))
    report = evaluate_encoder(EvaluateSettings(path, str(data)))
    pairs = by_hand(encoder, read_manifest(data))[5:]
    assert report.without_crossing_duplicates.count == 7
    assert report.without_crossing_duplicates.accuracy == pytest.approx(np.mean([a == found for a, found in pairs]))
    assert report.as_given.count == 12


def test_data_with_a_class_that_the_model_does_not_have(tmp_path):
    path, _ = model_of(tmp_path, classes=("anger", "happiness"))
    data = write_mock(tmp_path / "data", people=2, labels=LABELS)
    with pytest.raises(SettingsError, match="surprise") as error:
        evaluate_encoder(EvaluateSettings(path, str(data)))
    assert "\n" not in str(error.value)


def test_the_predictions_of_every_clip_are_left_in_the_folder(tmp_path):
    path, encoder = model_of(tmp_path)
    data = write_mock(tmp_path / "data", people=4)
    report = evaluate_encoder(EvaluateSettings(path, str(data)), out=tmp_path / "run")
    manifest, table = read_manifest(data), read_predictions(tmp_path / "run")
    assert list(table) == ["clip", "person", "label", "predicted", *report.classes]
    assert table["clip"] == [clip.clip for clip in manifest.clips]
    assert table["person"] == [clip.person for clip in manifest.clips]
    assert list(zip(table["label"], table["predicted"])) == by_hand(encoder, manifest)
    assert np.sum([table[name] for name in report.classes], axis=0) == pytest.approx(np.ones(12))
