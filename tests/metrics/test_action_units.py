import math

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from seqfer.core.errors import InputError
from seqfer.metrics.action_units import MEASURES, AuFrames, au_scores, best_threshold, fit_line
from seqfer.metrics.agreement import icc31
from seqfer.metrics.traces import mae, pcc


def drawn_frames(seed=0, people=6, frames=80):
    random = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), frames)
    truth = random.integers(0, 6, len(person)).astype(float)
    estimate = np.round(truth / 5 + random.normal(0, 0.4, len(person)) + 0.1 * person, 1)  # with ties
    scaled = np.clip(4 * estimate, 0, 5)
    return AuFrames(truth, truth >= 2, estimate, scaled, estimate > 0.5, person)


def direct(frames):
    """The measures by the functions for whole traces, and scikit-learn's."""
    return {
        "pcc": pcc(frames.estimate, frames.truth),
        "icc31": icc31([frames.scaled, frames.truth]),
        "mae": mae(frames.scaled, frames.truth),
        "f1": f1_score(frames.active, frames.decided),
        "auc": roc_auc_score(frames.active, frames.estimate),
    }


def of_people(frames, people):
    chosen = np.concatenate([np.flatnonzero(frames.person == person) for person in people])
    return AuFrames(*(getattr(frames, name)[chosen] for name in frames.__dataclass_fields__))


@pytest.mark.parametrize("seed", range(4))
def test_measures_are_those_of_the_pooled_frames(seed):
    frames = drawn_frames(seed)
    found, wanted = au_scores(frames, samples=10).values, direct(frames)
    assert found.keys() == set(MEASURES)
    for name in MEASURES:
        assert found[name] == pytest.approx(wanted[name], abs=1e-9), name


def test_intervals_are_those_of_frames_of_people_drawn_with_replacement():
    frames, people, samples = drawn_frames(people=5), 5, 40
    found = au_scores(frames, samples=samples, seed=3, level=0.8)
    counts = np.random.default_rng(3).multinomial(people, np.full(people, 1 / people), size=samples)
    draws = [direct(of_people(frames, np.repeat(np.arange(people), row))) for row in counts]
    for name in MEASURES:
        wanted = np.percentile([draw[name] for draw in draws], [10, 90])
        assert found.intervals[name] == pytest.approx(tuple(wanted), abs=1e-9), name


def test_intervals_widen_with_differences_between_people():
    """Frames of one person are no independent samples: 1,200 of them count like few."""
    alike = drawn_frames(people=6, frames=200)
    apart = AuFrames(
        alike.truth,
        alike.active,
        np.where(alike.person < 3, alike.estimate, 1 - alike.estimate),
        alike.scaled,
        alike.decided,
        alike.person,
    )
    widths = [np.diff(au_scores(frames).intervals["pcc"])[0] for frames in (alike, apart)]
    assert widths[1] > 5 * widths[0]


def test_undefined_measures_are_nan():
    zero = np.zeros(6)
    person = np.repeat([0, 1], 3)
    found = au_scores(AuFrames(zero, zero > 0, zero, zero, zero > 0, person))
    assert {name for name in MEASURES if math.isnan(found.values[name])} == {"pcc", "icc31", "f1", "auc"}
    assert found.values["mae"] == 0
    alone = au_scores(of_people(drawn_frames(), [2]))
    assert not math.isnan(alone.values["pcc"])
    assert all(math.isnan(end) for end in alone.intervals["pcc"])


def test_a_line_is_fitted_by_least_squares():
    random = np.random.default_rng(0)
    estimate = random.random(50)
    truth = 3 * estimate + 0.5 + random.normal(0, 0.1, 50)
    assert fit_line(estimate, truth) == pytest.approx(np.polyfit(estimate, truth, 1))
    assert fit_line(np.full(4, 0.3), np.array([1.0, 2, 3, 4])) == (0.0, 2.5)


def test_the_threshold_has_the_highest_f1():
    frames = drawn_frames()
    best = best_threshold(frames.estimate, frames.active)
    scores = {value: f1_score(frames.active, frames.estimate >= value) for value in np.unique(frames.estimate)}
    assert scores[best] == max(scores.values())
    assert best_threshold(np.array([0.1, 0.9]), np.array([False, False])) == math.inf


def test_arrays_of_different_lengths_and_no_frames_are_refused():
    two, three = np.zeros(2), np.zeros(3)
    with pytest.raises(InputError, match="one length"):
        AuFrames(two, two > 0, three, two, two > 0, np.zeros(2, int))
    none = np.zeros(0)
    with pytest.raises(InputError, match="without frames"):
        au_scores(AuFrames(none, none > 0, none, none, none > 0, np.zeros(0, int)))
