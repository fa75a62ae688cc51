"""What the estimators accept as X and y. scikit-learn checks the values; its messages, which may have several lines, become one line."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state, check_X_y
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from seqfer.core.errors import InputError

LARGEST_SEED = 2**31 - 1


class EstimatorInputError(InputError, ValueError, TypeError):
    """X, y or groups that an estimator cannot use. It is a ValueError and a TypeError too, which scikit-learn's own checks raise."""


class UnfittedEstimatorError(InputError, NotFittedError):  # type: ignore[misc]  # scikit-learn has no types
    """An estimator that is asked for a prediction before `fit`."""


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Inside, a ValueError or TypeError of scikit-learn or NumPy is raised as an error of seqfer, in one line."""
    try:
        yield
    except InputError:
        raise
    except NotFittedError as error:
        raise UnfittedEstimatorError(" ".join(str(error).split())) from None
    except (ValueError, TypeError) as error:
        raise EstimatorInputError(" ".join(str(error).split())) from None


def seed_of(random_state: Any) -> int:
    """The seed that a `random_state` of scikit-learn stands for: a whole number is its own seed; None and a RandomState draw one."""
    with one_line_errors():
        generator = check_random_state(random_state)
    whole = isinstance(random_state, numbers.Integral)
    return int(random_state) if whole else int(generator.randint(LARGEST_SEED))


def check_rows(estimator: Any, rows: Any, *, fitting: bool) -> np.ndarray:
    """Finite numbers (sample, feature) float64. `fitting` stores the number and the names of features in the estimator, else they must agree."""
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # scikit-learn before 1.6
        return np.asarray(estimator._validate_data(rows, reset=fitting, dtype=np.float64))
    return np.asarray(validate_data(estimator, rows, reset=fitting, dtype=np.float64))


def check_fitted(estimator: Any) -> None:
    """Raises UnfittedEstimatorError before `fit`."""
    with one_line_errors():
        check_is_fitted(estimator)


class Labels(NamedTuple):
    """Labels as numbers: `classes` (class,) sorted, and `codes` (sample,), the place of each label in them."""

    classes: np.ndarray
    codes: np.ndarray


def check_labels(estimator: Any, y: Any, samples: int) -> Labels:
    """The classes of so many samples, two at least."""
    # X is checked already, and sequences have no rows that check_X_y takes, so y is checked beside a column of zeros
    _, checked = check_X_y(np.zeros((samples, 1)), y, estimator=estimator)
    check_classification_targets(checked)
    classes, codes = np.unique(checked, return_inverse=True)
    if len(classes) < 2:
        raise EstimatorInputError(f"y has 1 class, {classes[0]!s}; give samples of 2 classes at least")
    return Labels(classes, codes.ravel().astype(np.int64))


class Sequences(NamedTuple):
    """Features of all steps, one sequence after the other (step feature), and the number of steps of each (sequence,)."""

    steps: np.ndarray
    lengths: np.ndarray


def check_sequences(estimator: Any, X: Any, *, fitting: bool) -> Sequences:
    """Sequences from a list of arrays (time feature), an array (sequence time feature), or rows (sequence feature) as sequences of one step."""
    if not _holds_sequences(X):
        rows = check_rows(estimator, X, fitting=fitting)
        return Sequences(rows, np.ones(len(rows), np.int64))
    arrays = [np.asarray(one) for one in X]
    for number, array in enumerate(arrays):
        width = arrays[0].shape[-1]
        if array.ndim != 2 or not len(array) or array.shape[1] != width:
            raise EstimatorInputError(
                f"sequence {number} has the shape {array.shape}; each is (time, feature), with 1 step or more and {width} features as the first"
            )
    lengths = np.array([len(array) for array in arrays], np.int64)
    return Sequences(check_rows(estimator, np.concatenate(arrays), fitting=fitting), lengths)


def _holds_sequences(X: Any) -> bool:
    if isinstance(X, list | tuple) or (isinstance(X, np.ndarray) and X.ndim == 1 and X.dtype.hasobject):
        return len(X) > 0 and np.ndim(next(iter(X))) >= 2
    return getattr(X, "ndim", 2) == 3


CLIP_SHAPES = "(time, height, width) or (time, height, width, 3), with 1 picture or more"


def check_clips(X: Any) -> list[Any]:
    """Clips of pictures, from a list or an array, of which every one has its own place; their pictures are not looked at yet.

    Raises EstimatorInputError where there are none, or where one is not (time height width) or (time height width 3).
    """
    clips = list(X)
    if not clips:
        raise EstimatorInputError(f"X has no clips; give a list of arrays {CLIP_SHAPES}")
    for number, clip in enumerate(clips):
        shape = np.shape(clip)
        grey = (
            len(shape) == 3 and shape[2] != 3
        )  # pictures 3 pixels wide: far more likely one colour picture without a time
        if not (grey or (len(shape) == 4 and shape[3] == 3)) or 0 in shape:
            raise EstimatorInputError(f"clip {number} has the shape {shape}; each is {CLIP_SHAPES}")
    return clips


def clip_faces(clip: Any, number: int, size: int, channels: int) -> np.ndarray:
    """The pictures of a clip as the encoder takes them: uint8 (time size size), or (time size size 3) RGB for three channels."""
    from seqfer.corpus.face_arrays import face_stack

    try:
        return face_stack(np.asarray(clip), size, channels)
    except InputError as error:
        raise EstimatorInputError(f"clip {number}: {error}") from None
