"""Settings and fitting of the linear support vector machines.

scikit-learn's SGDClassifier with the hinge loss, one class against the rest, its weights averaged over the steps. savoiu2017 (section 3.1) trained
with scikit-learn by stochastic gradient descent as well, margin 1; penalty, passes and averaging are not stated there. On the Training split of
FER2013 it needs half the memory of LinearSVC (which copies its input in double precision) for about the same accuracy on people held back.
"""

from __future__ import annotations

import math

import numpy as np

from seqfer.core.errors import InputError

STEPS = 270_000  # images seen in one fit where the passes are not given; ten passes over FER2013's Training split
LEAST_PASSES, MOST_PASSES = 10, 2000
FRAMES_PENALTY = 0.01
UNSEEN_MARGIN = (
    -1e4
)  # bias of a class without a training image: its probability is 0 at every temperature, and float16 can represent it


def fit_linear(
    features: np.ndarray, labels: np.ndarray, classes: int, *, penalty: float, passes: int = 0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """(weights (class, feature), biases (class,)) float32 from centred features (image, feature) float32 and labels (image,).

    `penalty` is the usual C, of C * sum(hinge) + |w|^2 / 2. Raises InputError for images of fewer than two classes.
    """
    from sklearn.linear_model import SGDClassifier

    found = np.unique(labels)
    if len(found) < 2:
        raise InputError(
            f"images of {len(found)} class to train on; a support vector machine needs at least two classes"
        )
    passes = passes or int(np.clip(math.ceil(STEPS / len(labels)), LEAST_PASSES, MOST_PASSES))
    # SGD's first steps fit features of length 1; with longer ones the weights become so large that their average never recovers.
    length = math.sqrt(float(np.einsum("ij,ij->", features, features, dtype=np.float64)) / len(features)) or 1.0
    model = SGDClassifier(
        alpha=1 / (penalty * length**2 * len(labels)),
        average=max(1, passes // 2 * len(labels)),
        max_iter=passes,
        tol=None,
        random_state=seed,
    )
    model.fit(features / np.float32(length), labels)
    rows, offsets = model.coef_ / length, model.intercept_
    if len(found) == 2:  # two classes come as one margin
        rows, offsets = np.concatenate([-rows, rows]), np.concatenate([-offsets, offsets])
    weights = np.zeros((classes, features.shape[1]), np.float32)
    biases = np.full(classes, UNSEEN_MARGIN, np.float32)
    weights[found], biases[found] = rows, offsets
    return weights, biases


def frame_scores(train: np.ndarray, labels: np.ndarray, test: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """Scores (test image, class), with rows that sum to 1, from uncentred features (image, feature) float32 of the frames of clips.

    scikit-learn's LinearSVC (squared hinge, exact, and fast for some hundred frames) with C = 0.01: the features in [0, 1] are many and correlated.
    """
    from scipy.special import softmax
    from sklearn.svm import LinearSVC

    mean = train.mean(0)
    model = LinearSVC(C=FRAMES_PENALTY, random_state=seed, max_iter=5000).fit(train - mean, labels)
    margins = model.decision_function(test - mean)
    if margins.ndim == 1:  # two classes come as one margin
        margins = np.stack([-margins, margins], 1)
    scores = np.zeros((len(test), classes))
    scores[:, model.classes_] = softmax(margins, axis=1)
    return scores
