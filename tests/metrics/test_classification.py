import json
import math

import numpy as np
import pytest
from sklearn import metrics as sk

from seqfer.core.errors import InputError
from seqfer.metrics.classification import (
    accuracy,
    class_scores,
    classification_report,
    confusion_matrix,
    error_rate,
    macro_f1,
    mean_and_standard_error,
    reliability,
)

# Rows actual: class 2 is never predicted, class 3 never occurs, class 4 does neither.
ODD = np.array([[3, 1, 0, 0, 0], [0, 2, 0, 1, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])


def test_confusion_has_actual_rows_and_predicted_columns() -> None:
    assert confusion_matrix([0, 0, 1], [0, 1, 1], 3).tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_confusion_of_nothing_is_all_zero() -> None:
    c = confusion_matrix([], [], 2)
    assert c.tolist() == [[0, 0], [0, 0]]
    assert math.isnan(accuracy(c))
    assert math.isnan(error_rate(c))
    assert math.isnan(macro_f1(c)[0])


@pytest.mark.parametrize(
    ("actual", "predicted"), [([0, 3], [0, 0]), ([0, 0], [-1, 0]), ([0], [0, 1]), ([0.0, 1.0], [0, 1])]
)
def test_confusion_refuses_what_sklearn_would_drop(actual: list[int], predicted: list[int]) -> None:
    with pytest.raises(InputError):
        confusion_matrix(actual, predicted, 3)


def test_accuracy_and_error_rate_add_up_to_one() -> None:
    assert accuracy(ODD) == pytest.approx(5 / 9)
    assert error_rate(ODD) == pytest.approx(4 / 9)


def test_undefined_scores_are_nan_and_counted() -> None:
    scores = class_scores(ODD)
    np.testing.assert_allclose(scores.precision, [3 / 4, 2 / 4, np.nan, 0, np.nan])
    np.testing.assert_allclose(scores.recall, [3 / 4, 2 / 3, 0, np.nan, np.nan])
    np.testing.assert_allclose(scores.f1, [3 / 4, 4 / 7, 0, 0, np.nan])
    assert scores.undefined == {"precision": 2, "recall": 2, "f1": 1}
    value, defined = macro_f1(ODD)
    assert defined == 4
    assert value == pytest.approx((3 / 4 + 4 / 7) / 4)


def test_scores_agree_with_sklearn_where_it_defines_them() -> None:
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    c = confusion_matrix(y, p, 5)
    expected = sk.precision_recall_fscore_support(y, p)
    scores = class_scores(c)
    for ours, theirs in zip((scores.precision, scores.recall, scores.f1), expected[:3], strict=True):
        np.testing.assert_allclose(ours, theirs)
    assert macro_f1(c)[0] == pytest.approx(sk.f1_score(y, p, average="macro"))


@pytest.mark.parametrize("bad", [[[1, 2]], [[0.5, 0.5], [1, 0]], [[1, -1], [0, 1]]])
def test_what_is_no_confusion_matrix_is_refused(bad: list[list[float]]) -> None:
    with pytest.raises(InputError, match="not a confusion matrix"):
        accuracy(bad)


def test_standard_error_is_nan_for_one_value() -> None:
    mean, error = mean_and_standard_error([0.2])
    assert mean == 0.2
    assert math.isnan(error)
    assert all(math.isnan(v) for v in mean_and_standard_error([]))


def test_standard_error_by_hand() -> None:
    # 1, 2, 3, 4: squared distances 2.25 + 0.25 + 0.25 + 2.25 = 5, variance 5 / 3, error sqrt(5 / 12)
    assert mean_and_standard_error([1, 2, 3, 4]) == pytest.approx((2.5, math.sqrt(5 / 12)))


def test_calibration_error_by_hand() -> None:
    # two bins: (0, 0.5] holds one sample of confidence 0.5, right; (0.5, 1] holds 0.8 right and 0.9 wrong
    result = reliability([[0.5, 0.5], [0.8, 0.2], [0.1, 0.9]], [0, 0, 0], bins=2)
    assert result.counts.tolist() == [1, 2]
    np.testing.assert_allclose(result.confidence, [0.5, 0.85])
    np.testing.assert_allclose(result.accuracy, [1.0, 0.5])
    assert result.expected_calibration_error == pytest.approx((1 * 0.5 + 2 * 0.35) / 3)


def test_empty_bins_are_nan_and_counted() -> None:
    result = reliability([[1.0, 0.0]], [0])
    assert len(result.counts) == 15
    assert result.empty == 14
    assert np.isnan(result.confidence).sum() == 14
    assert result.expected_calibration_error == 0.0


def test_calibration_error_without_samples_is_nan() -> None:
    result = reliability(np.zeros((0, 3)), np.zeros(0, int))
    assert math.isnan(result.expected_calibration_error)
    assert result.empty == 15


def test_calibrated_guesses_have_a_small_error_and_bold_ones_a_large_one() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 20000)
    labels = (rng.uniform(size=20000) > sure).astype(int)  # class 0 with the probability that is claimed
    assert reliability(np.stack([sure, 1 - sure], 1), labels).expected_calibration_error < 0.02
    bold = np.stack([np.full(20000, 0.99), np.full(20000, 0.01)], 1)
    assert reliability(bold, labels).expected_calibration_error == pytest.approx(0.24, abs=0.01)


@pytest.mark.parametrize(
    ("probabilities", "labels", "bins"),
    [
        ([[2.0, -1.0]], [0], 15),
        ([[0.5, 0.1]], [0], 15),
        ([[np.nan, 0.5]], [0], 15),
        ([[1.0, 0.0]], [2], 15),
        ([[1.0, 0.0]], [0, 1], 15),
        ([[1.0, 0.0]], [0], 0),
    ],
)
def test_calibration_refuses_bad_input(probabilities: list[list[float]], labels: list[int], bins: int) -> None:
    with pytest.raises(InputError) as caught:
        reliability(probabilities, labels, bins)
    assert "\n" not in str(caught.value)


def test_report_is_strict_json_with_null_for_undefined() -> None:
    names = ["anger", "fear", "sadness", "surprise", "neutral"]
    report = json.loads(json.dumps(classification_report(ODD, names), allow_nan=False))
    assert report["samples"] == 9
    assert report["classes"] == names
    assert report["confusion"] == ODD.tolist()
    assert report["undefined"] == {"precision": 2, "recall": 2, "f1": 1}
    assert report["macro_f1_classes"] == 4
    assert report["per_class"]["sadness"] == {"precision": None, "recall": 0.0, "f1": 0.0, "support": 2, "predicted": 0}
    assert report["per_class"]["neutral"]["f1"] is None


def test_report_of_nothing_is_all_undefined() -> None:
    report = classification_report(np.zeros((2, 2), int), ["anger", "fear"])
    assert report["accuracy"] is None
    assert report["macro_f1"] is None
    assert report["macro_f1_classes"] == 0


def test_report_wants_one_name_a_class() -> None:
    with pytest.raises(InputError, match="1 class names"):
        classification_report(np.eye(2, dtype=int), ["anger"])
