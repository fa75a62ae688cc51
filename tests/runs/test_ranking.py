"""Protocols that may be ranked together, and the standard error of a proportion."""

from __future__ import annotations

import math

import pytest

from seqfer.runs.ranking import Row, on_test_set, with_binomial_error


def row(error: float, clips: int) -> Row:
    return Row("r", "m", clips, error, 0.0, "folds", 0.5, 0.1)


def test_standard_error_of_a_proportion_of_clips() -> None:
    found = with_binomial_error(row(0.2, 100))
    assert found.standard_error == pytest.approx(0.04)  # sqrt(0.2 * 0.8 / 100)
    assert found.standard_error_over == "clips"
    assert with_binomial_error(row(0.0, 100)).standard_error == 0.0
    assert math.isnan(with_binomial_error(row(0.2, 0)).standard_error)


def test_names_of_a_corpus_do_not_matter_and_its_clips_do() -> None:
    first = on_test_set("fer", "Test", ("anger", "fear"), "1")
    assert first == on_test_set("copy", "Test", ("anger", "fear"), "1")
    assert first != on_test_set("fer", "Test", ("anger", "fear"), "2")
    assert first != on_test_set("fer", "Test", ("fear", "anger"), "1")
    assert first != on_test_set("fer", "all", ("anger", "fear"), "1")
    assert first.how == "split Test"
    assert on_test_set("fer", "all", (), "1").how == "all clips"
