"""The report of a cross-validation is that of its predictions, and both are of people that were not in training."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest


def test_report_holds_what_is_promised(finished):
    report = json.loads((finished / "report.json").read_text())
    protocol = report["protocol"]
    assert (protocol["folds"], protocol["repeats"], protocol["clips"], protocol["people"]) == (2, 2, 24, 8)
    assert protocol["person_disjoint"] is True
    assert protocol["classes"] == ["anger", "happiness", "surprise"]
    assert set(report["heads"]) == {"lstm", "bilstm", "linear_svm", "mean"}
    for head in report["heads"].values():
        assert np.shape(head["error_rates"]) == (2, 2)
        assert np.shape(head["confusion"]) == (3, 3)
        assert np.sum(head["confusion"]) == 48
        assert head["error_rate_mean"] == pytest.approx(np.mean(head["error_rate_per_repeat"]))
        assert head["error_rate_sem_over"] == "repeats"
    assert report["comparison"]["heads"] == ["bilstm", "lstm"]
    assert set(report["comparison"]) >= {"difference", "t", "df", "p_value", "test"}
    assert report["comparison"]["df"] == 3
    assert [c["heads"][1] for c in report["comparisons"]] == ["mean"] * 3
    for name in ("settings.json", "versions.json", "folds.json", "predictions.csv", "report.html"):
        assert (finished / name).stat().st_size > 0
    assert "data_checksum" in json.loads((finished / "settings.json").read_text())


def test_predictions_are_the_report(finished):
    rows = list(csv.DictReader((finished / "predictions.csv").read_text().splitlines()))
    report = json.loads((finished / "report.json").read_text())
    assert len(rows) == 4 * 2 * 24
    for name, head in report["heads"].items():
        mine = [row for row in rows if row["head"] == name]
        assert np.mean([row["label"] != row["predicted"] for row in mine]) == pytest.approx(head["error_rate_mean"])
        assert all(
            sum(float(row[c]) for c in report["protocol"]["classes"]) == pytest.approx(1, abs=1e-5) for row in mine
        )
    folds = json.loads((finished / "folds.json").read_text())["repeats"]
    for row in rows:
        fold = folds[int(row["repeat"])][int(row["fold"])]
        assert row["person"] in fold["test"]
        assert row["person"] not in fold["train"] + fold["validation"]
