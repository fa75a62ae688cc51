"""`seqfer.FaceSVM`: the linear support vector machine of Savoiu and Wong 2017 as a scikit-learn classifier.

Source: savoiu2017, section 3.1, on mean-centred pixels; the fit is that of `seqfer train --set encoder=linear_svm` (`seqfer.models.svm`). The paper
does not state its penalty; `C` is to be chosen by a search over people, such as GridSearchCV with `PersonKFold`.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from seqfer.core.errors import SettingsError
from seqfer.estimators._input import (
    EstimatorInputError,
    check_fitted,
    check_labels,
    check_rows,
    one_line_errors,
    seed_of,
)


class FaceSVM(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A linear support vector machine on the pixels of faces, one class against the rest.

    X is faces (face, height, width) or (face, height, width, 3), all of one size, or rows (face, pixel) of any numbers; values of uint8 are divided
    by 255. y has a label per face.

    Parameters: `C` is the penalty of an error, `passes` the passes over the faces of the fit (0: chosen by their number), `random_state` a whole
    number for equal results in every call.

    After `fit`: `classes_` (class,), `n_features_in_`, `mean_` (pixel,), `coef_` (class, pixel), `intercept_` (class,).

    Raises EstimatorInputError, which is a ValueError, for unusable X or y; SettingsError for a parameter out of range.

    Example:
        >>> import numpy as np
        >>> import seqfer
        >>> rng = np.random.default_rng(0)
        >>> y = np.array(["happiness", "fear"] * 20)
        >>> faces = rng.integers(0, 200, (40, 16, 16)).astype(np.uint8)
        >>> faces[y == "happiness", :8] += 50
        >>> model = seqfer.FaceSVM(random_state=0).fit(faces[:30], y[:30])
        >>> float(model.score(faces[30:], y[30:]))
        1.0
    """

    def __init__(self, C: float = 0.1, passes: int = 0, random_state: Any = None) -> None:
        self.C = C
        self.passes = passes
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit the machine to faces X with the labels y (face,)."""
        from seqfer.models.svm import fit_linear

        if not self.C > 0 or self.passes < 0:
            raise SettingsError(f"C = {self.C}, passes = {self.passes}; give C above 0, and passes of 0 or more")
        with one_line_errors():
            rows = check_rows(self, _as_rows(X), fitting=True)
            labels = check_labels(self, y, len(rows))
        self.mean_ = rows.mean(axis=0)
        weights, biases = fit_linear(
            (rows - self.mean_).astype(np.float32),
            labels.codes,
            len(labels.classes),
            penalty=float(self.C),
            passes=int(self.passes),
            seed=seed_of(self.random_state),
        )
        self.coef_, self.intercept_ = weights.astype(np.float64), biases.astype(np.float64)
        self.classes_ = labels.classes
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Margins (face, class) float64; with two classes those of the second one alone, (face,), as everywhere in scikit-learn."""
        margins = self._margins(X)
        return margins[:, 1] if len(self.classes_) == 2 else margins

    def predict_proba(self, X: Any) -> np.ndarray:
        """The softmax of the margins (face, class) float64: it ranks the classes, and is no calibrated probability."""
        from scipy.special import softmax

        return np.asarray(softmax(self._margins(X), axis=1))

    def predict(self, X: Any) -> np.ndarray:
        """The label with the largest margin of each face (face,)."""
        margins = self._margins(X)
        labels: np.ndarray = self.classes_[margins.argmax(axis=1)]
        return labels

    def _margins(self, X: Any) -> np.ndarray:
        check_fitted(self)
        with one_line_errors():
            rows = check_rows(self, _as_rows(X), fitting=False)
        margins: np.ndarray = (rows - self.mean_) @ self.coef_.T + self.intercept_
        return margins


def _as_rows(X: Any) -> Any:
    """Faces as rows of pixels, of uint8 in [0, 1]; anything else is left for scikit-learn's checks."""
    if isinstance(X, list | tuple) and len(X) and np.ndim(X[0]) >= 2:
        shapes = sorted({np.shape(face) for face in X})
        if len(shapes) > 1:
            raise EstimatorInputError(f"faces have the shapes {shapes[0]} and {shapes[1]}; resize them to one size")
        X = np.stack(X)
    if getattr(X, "ndim", 0) in (3, 4):
        X = X.reshape(len(X), -1)
    return X / 255.0 if getattr(X, "dtype", None) == np.uint8 and isinstance(X, np.ndarray) else X
