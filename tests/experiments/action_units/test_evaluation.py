import math

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from seqfer.core.errors import SettingsError
from seqfer.experiments.action_units.evaluation import evaluate_units, folds_of, mean_of
from seqfer.experiments.action_units.labels import AuLabels, LabelledVideo
from seqfer.experiments.action_units.matching import MatchedVideo
from seqfer.experiments.settings import EvaluateAusSettings
from seqfer.metrics.agreement import icc31
from seqfer.metrics.traces import mae, pcc


def coded(people=4, frames=50, noise=0.1, occurrences=False):
    """Labels of AU12 with estimates; each person's estimates have a level of their own."""
    random = np.random.default_rng(1)
    videos = []
    for number in range(people):
        truth = random.integers(0, 2 if occurrences else 6, frames).astype(float)
        estimate = truth / (1 if occurrences else 5) * 0.5 + 0.05 * number + random.normal(0, noise, frames)
        labels = LabelledVideo(f"v{number}", f"P{number}", np.arange(frames), (12,), truth[:, None])
        videos.append(MatchedVideo(labels, labels.name, {12: estimate}))
    return AuLabels("csv", not occurrences, tuple(video.labels for video in videos)), videos


def test_scaling_and_threshold_of_a_person_are_fitted_on_the_others():
    labels, videos = coded()
    (unit,) = evaluate_units(labels, videos, EvaluateAusSettings(samples=20))
    truths = [video.labels.values[:, 0] for video in videos]
    estimates = [video.estimates[12] for video in videos]
    scaled, decided = [], []
    for own in range(4):
        others = [k for k in range(4) if k != own]
        x, z = (np.concatenate([values[k] for k in others]) for values in (estimates, truths))
        slope, offset = np.polyfit(x, z, 1)
        scaled.append(np.clip(slope * estimates[own] + offset, 0, 5))
        best = max(x, key=lambda threshold: (f1_score(z >= 2, x >= threshold), -threshold))
        decided.append(estimates[own] >= best)
    truth, estimate = np.concatenate(truths), np.concatenate(estimates)
    assert unit.pcc == pytest.approx(pcc(estimate, truth))
    assert unit.icc31 == pytest.approx(icc31([np.concatenate(scaled), truth]))
    assert unit.mae == pytest.approx(mae(np.concatenate(scaled), truth))
    assert unit.f1 == pytest.approx(f1_score(truth >= 2, np.concatenate(decided)), abs=0.01)
    assert unit.auc == pytest.approx(roc_auc_score(truth >= 2, estimate))
    assert (unit.action_unit, unit.frames, unit.people, unit.active) == (12, 200, 4, int((truth >= 2).sum()))
    assert all(low <= getattr(unit, name) <= high for name, (low, high) in unit.intervals.items())


def test_of_one_persons_labels_nothing_reaches_its_own_scaling():
    labels, videos = coded(people=2)
    own = videos[0].labels
    inverted = LabelledVideo(own.name, own.person, own.frames, own.units, 5 - own.values)
    changed = [MatchedVideo(inverted, own.name, videos[0].estimates), videos[1]]
    with_own, without = (evaluate_units(labels, some, EvaluateAusSettings(samples=1))[0] for some in (videos, changed))
    assert with_own.mae < 1 < without.mae


def test_occurrences_have_no_amounts_to_compare():
    labels, videos = coded(occurrences=True)
    (unit,) = evaluate_units(labels, videos, EvaluateAusSettings(samples=20))
    assert math.isnan(unit.icc31) and math.isnan(unit.mae) and math.isnan(unit.intervals["mae"][0])  # noqa: PT018
    assert unit.f1 > 0.9
    assert unit.auc > 0.9


def test_the_least_intensity_decides_what_is_active():
    labels, videos = coded()
    counts = [
        evaluate_units(labels, videos, EvaluateAusSettings(samples=1, least_intensity=least))[0].active
        for least in (1, 5)
    ]
    truth = np.concatenate([video.labels.values[:, 0] for video in videos])
    assert counts == [int((truth >= 1).sum()), int((truth >= 5).sum())]


def test_frames_without_label_or_estimate_and_units_of_one_person_are_left_out():
    labels, videos = coded()
    values = videos[0].labels.values.copy()
    values[:10] = np.nan
    own = videos[0].labels
    videos[0] = MatchedVideo(
        LabelledVideo(own.name, own.person, own.frames, (12,), values), own.name, videos[0].estimates
    )
    videos[1].estimates[12][:5] = np.nan
    (unit,) = evaluate_units(labels, videos, EvaluateAusSettings(samples=1))
    assert unit.frames == 200 - 15
    assert evaluate_units(labels, videos[:1], EvaluateAusSettings(samples=1)) == ()


def test_folds_divide_people_evenly():
    person = np.repeat([3, 5, 8, 9, 11], 4)
    fold = folds_of(person, 2, seed=0)
    assert all(len(set(fold[person == one])) == 1 for one in set(person))
    assert sorted(len(set(person[fold == one])) for one in set(fold)) == [2, 3]
    assert len(set(folds_of(person, 0, 0))) == len(set(folds_of(person, 9, 0))) == 5
    labels, videos = coded()
    with pytest.raises(SettingsError, match=r"folds is 5 with 4 people; allowed: 0 \(one per person\), or 2 to 4"):
        evaluate_units(labels, videos, EvaluateAusSettings(folds=5))


def test_the_mean_is_over_units_with_a_value():
    labels, videos = coded()
    (unit,) = evaluate_units(labels, videos, EvaluateAusSettings(samples=1))
    other = type(unit)(**{**vars(unit), "pcc": 0.0, "f1": math.nan, "mae": math.nan})
    mean = mean_of([unit, other])
    assert mean["pcc"] == pytest.approx(unit.pcc / 2)
    assert mean["f1"] == unit.f1
    assert math.isnan(mean_of([type(unit)(**{**vars(unit), "auc": math.nan})])["auc"])
