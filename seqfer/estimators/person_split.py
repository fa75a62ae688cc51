"""`seqfer.PersonKFold`: the person-disjoint folds of `seqfer cv` as a splitter of scikit-learn; the assignment is that of `seqfer.corpus.folds`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils.multiclass import type_of_target

from seqfer.corpus.folds import tested_in
from seqfer.estimators._input import EstimatorInputError, one_line_errors, seed_of


class PersonKFold(StratifiedGroupKFold):  # type: ignore[misc]  # scikit-learn has no types
    """K folds in which no person is both in a training and in a test part, with the classes spread as evenly as the people allow.

    For the argument `cv` of `cross_val_score`, `cross_validate`, `GridSearchCV` and others, with the people as `groups`, a name or number per sample.
    With `shuffle=True` and a whole number as `random_state` the folds are those of `seqfer cv` for this seed and without validation people;
    without shuffling they are those of seed 0. Where y is continuous, such as valence, only the number of samples per fold is evened out.

    It stands in for scikit-learn's StratifiedGroupKFold, which spreads small classes less evenly and warns of, or refuses, classes with fewer
    samples than folds.

    Raises EstimatorInputError, which is a ValueError, for missing or unusable groups and for impossible parameters; SettingsError where there
    are fewer people than folds.

    Example:
        >>> import numpy as np
        >>> import seqfer
        >>> people = np.repeat(["P1", "P2", "P3", "P4"], 6)
        >>> y = np.tile(["happiness", "fear", "anger"], 8)
        >>> folds = seqfer.PersonKFold(2, shuffle=True, random_state=0)
        >>> [sorted(set(people[test].tolist())) for _, test in folds.split(y, y, groups=people)]
        [['P2', 'P3'], ['P1', 'P4']]
    """

    def __init__(self, n_splits: int = 5, shuffle: bool = False, random_state: Any = None) -> None:
        with one_line_errors():
            super().__init__(n_splits=n_splits, shuffle=shuffle, random_state=random_state)

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Indices (train, test) of every fold. X gives the number of samples, y their classes (None: one class), `groups` the person of each."""
        if groups is None:
            raise EstimatorInputError("PersonKFold has no groups; give the person of each sample as groups=...")
        with one_line_errors():
            yield from super().split(X, y, groups)

    def _iter_test_indices(self, X: Any, y: Any, groups: Any) -> Iterator[np.ndarray]:
        people = [str(person) for person in np.asarray(groups).ravel()]
        classes = y is not None and not type_of_target(y).startswith("continuous")
        labels = [str(label) for label in np.asarray(y).ravel()] if classes else [""] * len(people)
        seed = seed_of(self.random_state) if self.shuffle else 0
        tested = tested_in(people, labels, self.n_splits, seed)
        for fold in range(self.n_splits):
            yield np.flatnonzero(tested == fold)
