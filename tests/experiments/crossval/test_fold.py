"""A fold of a cross-validation: what its test people are labelled changes nothing that they are told."""

from __future__ import annotations

import json

from cv_calls import cv


def test_labels_of_test_people_change_nothing_they_are_told(mock, tmp_path):
    """The leak test: with other labels on one fold's test people, the probabilities for them stay as they were."""
    lines = [json.loads(line) for line in mock.read_text().splitlines()]
    arguments = ("--heads", "bilstm,linear_svm", "--folds-file")
    assert cv(mock, tmp_path / "before") == 0
    folds = tmp_path / "before" / "folds.json"
    tested = set(json.loads(folds.read_text())["repeats"][0][0]["test"])
    turn = {"anger": "happiness", "happiness": "surprise", "surprise": "anger"}
    for clip in lines[1:]:
        if clip["person"] in tested:
            clip["label"] = turn[clip["label"]]
    turned = mock.parent / "turned.jsonl"
    turned.write_text("\n".join(json.dumps(line) for line in lines))
    assert cv(mock, tmp_path / "a", *arguments, str(folds)) == 0
    assert cv(turned, tmp_path / "b", *arguments, str(folds)) == 0
    for head in ("bilstm", "mean", "linear_svm"):
        a, b = (json.loads((tmp_path / run / "parts" / f"repeat0-fold0-{head}.json").read_text()) for run in ("a", "b"))
        assert a["probabilities"] == b["probabilities"]
