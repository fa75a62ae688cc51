"""`seqfer.PersonKFold`: person-disjoint, even over the classes, the folds of `seqfer.corpus.folds`."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, cross_val_score, cross_validate

import seqfer
from seqfer.core.records import Clip
from seqfer.corpus.folds import make_folds

LABELS = ("anger", "fear", "happiness")


def data(people: int = 20, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (sample 3), classes, people; a person has 2 to 8 samples, of one class more often than of the others."""
    rng = np.random.default_rng(seed)
    y, groups = [], []
    for person in range(people):
        count = int(rng.integers(2, 9))
        y += list(rng.choice(LABELS, count, p=np.roll([0.6, 0.3, 0.1], person)))
        groups += [f"P{person:02}"] * count
    codes = np.searchsorted(LABELS, y)
    return np.eye(3)[codes] + rng.normal(size=(len(y), 3)), np.array(y), np.array(groups)


def unevenness(y: np.ndarray, parts: list[np.ndarray]) -> float:
    """Squared distance of the samples per class and part from even parts, over the even count."""
    return sum(
        ((y[part] == label).sum() - (y == label).sum() / len(parts)) ** 2 / (y == label).sum()
        for part in parts
        for label in LABELS
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_folds_are_those_of_a_cross_validation(seed: int) -> None:
    X, y, groups = data(seed=seed)
    clips = [Clip(f"c{k}", person, label, ("x.png",), "drawn") for k, (label, person) in enumerate(zip(y, groups))]
    wanted = make_folds(clips, 5, seed, validation_share=0)
    found = list(seqfer.PersonKFold(5, shuffle=True, random_state=seed).split(X, y, groups))
    assert len(found) == 5
    for fold, (train, test) in zip(wanted, found):
        assert set(groups[test]) == fold.test
        assert set(groups[train]) == fold.train
    tested = np.concatenate([test for _, test in found])
    assert sorted(tested) == list(range(len(y)))


def test_classes_are_spread_more_evenly_than_by_scikit_learns_splitter() -> None:
    ours = theirs = 0.0
    for seed in range(5):
        X, y, groups = data(seed=seed)
        ours += unevenness(y, [test for _, test in seqfer.PersonKFold(5).split(X, y, groups)])
        theirs += unevenness(y, [test for _, test in StratifiedGroupKFold(5).split(X, y, groups)])
    assert ours < theirs


def test_it_works_inside_scikit_learn() -> None:
    X, y, groups = data()
    folds = seqfer.PersonKFold(4, shuffle=True, random_state=1)
    assert folds.get_n_splits(X, y, groups) == 4
    model = LogisticRegression()
    scores = cross_val_score(model, X, y, cv=folds, groups=groups)
    by_hand = [
        model.fit(X[train], y[train]).score(X[test], y[test]) for train, test in folds.split(X, y, groups=groups)
    ]
    np.testing.assert_allclose(scores, by_hand)
    search = GridSearchCV(model, {"C": [0.1, 1.0]}, cv=folds).fit(X, y, groups=groups)
    assert search.n_splits_ == 4
    found = cross_validate(model, X, y, cv=folds, groups=groups, return_indices=True)["indices"]
    for train, test in zip(found["train"], found["test"]):
        assert not set(groups[train]) & set(groups[test])


def test_the_order_is_drawn_only_with_shuffle() -> None:
    X, y, groups = data()

    def tests(**values: object) -> list[list[int]]:
        return [test.tolist() for _, test in seqfer.PersonKFold(4, **values).split(X, y, groups)]

    assert tests() == tests() == tests(shuffle=True, random_state=0)
    assert tests(shuffle=True, random_state=1) != tests()
    generator = np.random.RandomState(0)
    assert tests(shuffle=True, random_state=generator) != tests(shuffle=True, random_state=generator)
    assert repr(seqfer.PersonKFold(4)) == "PersonKFold(n_splits=4, random_state=None, shuffle=False)"


def test_valence_and_missing_labels_are_split_by_person_alone() -> None:
    X, _, groups = data()
    valence = X[:, 0] / 10
    for y in (valence, None):
        for train, test in seqfer.PersonKFold(4).split(X, y, groups):
            assert not set(groups[train]) & set(groups[test])
            assert len(groups) / 8 < len(test) < len(groups) / 2
    assert len(cross_val_score(Ridge(), X, valence, cv=seqfer.PersonKFold(4), groups=groups)) == 4


def test_unusable_input_is_one_line() -> None:
    X, y, groups = data(people=3)
    for call, said in (
        (lambda: next(seqfer.PersonKFold(2).split(X, y)), "give the person of each sample as groups="),
        (lambda: next(seqfer.PersonKFold(4).split(X, y, groups)), "3 people for 4 folds"),
        (lambda: next(seqfer.PersonKFold(2).split(X, y, groups[:-1])), "inconsistent numbers of samples"),
        (lambda: seqfer.PersonKFold(1), "n_splits=2 or more"),
        (lambda: seqfer.PersonKFold(2, random_state=0), "random_state"),
    ):
        with pytest.raises(seqfer.SeqferError, match=said) as error:
            call()
        assert "\n" not in str(error.value)
