"""Linear multiclass support vector machine on mean-centred pixels, the baseline of Savoiu and Wong 2017 (savoiu2017, section 3.1).

The paper does not state its penalty; scikit-learn's LinearSVC (one against the rest) is used with C chosen small for pixels in [0, 1], since
single pixels are many and alike.
"""

from __future__ import annotations

import numpy as np

TITLE = "Linear SVM"
PENALTY = 0.01


def fit_predict(
    train_frames: np.ndarray, train_labels: np.ndarray, test_frames: np.ndarray, classes: int, seed: int
) -> np.ndarray:
    """Train on uint8 (image height width) and return scores (test image class) that add up to 1 in each row.

    The scores are the softmax of the margins: an order of classes, not calibrated probabilities. A class without a training image
    scores 0.
    """
    from scipy.special import softmax
    from sklearn.svm import LinearSVC

    train, test = (frames.reshape(len(frames), -1).astype(np.float32) / 255 for frames in (train_frames, test_frames))
    mean = train.mean(0)
    model = LinearSVC(C=PENALTY, random_state=seed, max_iter=5000).fit(train - mean, train_labels)
    margins = model.decision_function(test - mean)
    if margins.ndim == 1:  # two classes come as one margin
        margins = np.stack([-margins, margins], 1)
    scores = np.zeros((len(test), classes))
    scores[:, model.classes_] = softmax(margins, axis=1)
    return scores
