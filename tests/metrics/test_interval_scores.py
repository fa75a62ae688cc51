"""Scores with intervals over people: values by hand, and the bootstrap repeated independently."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.metrics.interval_scores import accuracy_difference, interval_scores


def test_intervals_are_over_people():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    good = rng.random(40) < 0.7  # whole people are right or wrong
    right = np.repeat(good, 10)
    shares = np.eye(2)[np.where(right, labels, 1 - labels)] * 0.8 + 0.1
    together = interval_scores(shares, labels, [f"p{i // 10}" for i in range(400)], ("anger", "fear"))
    apart = interval_scores(shares, labels, [str(i) for i in range(400)], ("anger", "fear"))
    width = [s["intervals"]["accuracy"][1] - s["intervals"]["accuracy"][0] for s in (together, apart)]
    assert width[0] > 2 * width[1]
    assert together["accuracy"] == pytest.approx(right.mean())
    alone = interval_scores(shares, labels, ["one"] * 400, ("anger", "fear"))
    assert np.isnan(alone["intervals"]["ece"]).all()
    same = accuracy_difference(shares, shares, labels, [str(i) for i in range(400)])
    assert same == {"value": 0.0, "low": 0.0, "high": 0.0}


CLASSES = ("anger", "fear", "sadness")


def example(count=60, seed=4):
    """Probabilities (clip class), labels and people; about two thirds of the clips are right."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    logits = rng.normal(0, 1, (count, 3)) + 1.5 * np.eye(3)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return probabilities, labels, [f"p{i}" for i in rng.integers(0, 17, count)]


def test_scores_by_hand():
    probabilities = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    scores = interval_scores(probabilities, np.array([0, 1, 1, 1]), ["a", "a", "b", "c"], CLASSES)
    assert (scores["count"], scores["people"], scores["accuracy"]) == (4, 3, 0.75)
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)  # sadness occurs nowhere
    assert scores["confusion"] == [[1, 0, 0], [1, 2, 0], [0, 0, 0]]
    assert scores["undefined"] == 3  # precision, recall and F1 of sadness
    # each clip is alone in its bin: the calibration gaps are 0.1, 0.3, 0.6 and 0.2
    assert scores["ece"] == pytest.approx((0.1 + 0.3 + 0.6 + 0.2) / 4)


def test_the_intervals_are_those_of_a_bootstrap_that_draws_clips_one_by_one():
    probabilities, labels, people = example()
    found = interval_scores(probabilities, labels, people, CLASSES, samples=150, seed=9)["intervals"]
    names, rng, drawn = sorted(set(people)), np.random.default_rng(9), []
    for size in (100, 50):
        for counts in rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=size):
            clips = [i for name, n in zip(names, counts) for i in np.flatnonzero(np.array(people) == name).tolist() * n]
            again = interval_scores(probabilities[clips], labels[clips], ["one"] * len(clips), CLASSES)
            drawn.append([again[name] for name in ("accuracy", "macro_f1", "ece")])
    for name, values in zip(("accuracy", "macro_f1", "ece"), np.array(drawn).T):
        assert found[name] == pytest.approx(np.percentile(values, [2.5, 97.5]), abs=1e-6)


def test_independent_clips_have_about_the_normal_interval():
    rng = np.random.default_rng(1)
    right = rng.random(900) < 0.75
    probabilities = np.where(right[:, None], [0.8, 0.2], [0.2, 0.8])
    scores = interval_scores(probabilities, np.zeros(900, int), list(map(str, range(900))), ("anger", "fear"))
    half = 1.96 * np.sqrt(right.mean() * (1 - right.mean()) / 900)
    assert scores["intervals"]["accuracy"] == pytest.approx((right.mean() - half, right.mean() + half), abs=0.004)


def test_a_paired_difference_by_hand_and_its_interval():
    _, labels, people = example()
    wrong, right = np.eye(3)[(labels + 1) % 3], np.eye(3)[labels]
    all_gained = accuracy_difference(wrong, right, labels, people)
    assert all_gained == {"value": 1.0, "low": 1.0, "high": 1.0}
    half = np.where(np.arange(60)[:, None] % 2, wrong, right)
    lost = accuracy_difference(right, half, labels, [str(i) for i in range(60)], samples=2000)
    spread = 1.96 * np.sqrt(0.25 / 60)
    assert lost["value"] == -0.5
    assert (lost["low"], lost["high"]) == pytest.approx((-0.5 - spread, -0.5 + spread), abs=0.02)


def test_without_clips_people_or_samples_intervals_are_undefined():
    probabilities, labels, people = example()
    for some in (
        interval_scores(np.zeros((0, 3)), np.zeros(0, int), [], CLASSES),
        interval_scores(probabilities, labels, people, CLASSES, samples=0),
    ):
        assert np.isnan([edge for pair in some["intervals"].values() for edge in pair]).all()
    empty = accuracy_difference(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, int), [])
    assert np.isnan(list(empty.values())).all()
