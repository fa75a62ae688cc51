"""`seqfer.SequenceClassifier`: the temporal heads of seqfer on features of frames, as a scikit-learn classifier.

Model and training are those of `seqfer cv`: features are standardised and projected to thirty numbers, a head of `seqfer/heads/` gives class
logits on every step, and the probabilities of a sequence are the mean over its steps (`seqfer.models.sequence`, `seqfer.training.sequence_loop`).
What differs: predictions are computed in double precision, so that they do not depend on which sequences are predicted together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state

from seqfer.core import registry
from seqfer.estimators._input import Sequences, check_fitted, check_labels, check_sequences, one_line_errors, seed_of

if TYPE_CHECKING:
    from seqfer.models.sequence import SequenceModel
    from seqfer.training.sequence_loop import ClipSet
    from seqfer.training.settings import HeadTraining


class SequenceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A temporal head on features of frames: one label per sequence.

    X is a list of arrays (time, feature) of any lengths, an array (sequence, time, feature), or rows (sequence, feature), each a sequence of one
    step; y has a label per sequence. The features of faces are those of `seqfer.load_model(...).embed(faces)`, or any other numbers.

    Parameters, with the defaults of `seqfer cv`: `head` is lstm, bilstm, gru, mean (every step by itself), or the dotted path of a module of your
    own; `epochs`, `batch_size` (sequences), `learning_rate`, `dropout` and `noise` (standard deviations of the features) are the settings
    `head_training.*` of docs/commands.md. `random_state` is a whole number for equal results in every call.

    After `fit`: `classes_` (class,), `n_features_in_`, `loss_curve_` (epoch,), the mean loss of every epoch, and `model_`, the torch module.

    Raises EstimatorInputError, which is a ValueError, for unusable X or y; SettingsError for a parameter out of range or an unknown head;
    TrainingError where the loss is undefined.

    Example:
        >>> import numpy as np
        >>> import seqfer
        >>> rng = np.random.default_rng(0)
        >>> y = np.array(["happiness", "fear"] * 20)
        >>> X = [rng.normal(size=(steps, 8)) + (label == "happiness") for steps, label in zip(rng.integers(5, 15, 40), y)]
        >>> model = seqfer.SequenceClassifier("lstm", epochs=10, random_state=0).fit(X[:30], y[:30])
        >>> model.predict_proba(X[30:]).shape
        (10, 2)
        >>> float(model.score(X[30:], y[30:]))
        1.0
    """

    def __init__(
        self,
        head: str = "bilstm",
        epochs: int = 25,
        batch_size: int = 32,
        learning_rate: float = 3e-3,
        dropout: float = 0.5,
        noise: float = 1.0,
        random_state: Any = None,
    ) -> None:
        self.head = head
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.noise = noise
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Train the head on sequences X with the labels y (sequence,)."""
        import torch

        from seqfer.models.sequence import SequenceModel
        from seqfer.runs.process_tuning import torch_threads
        from seqfer.training.sequence_loop import fit_sequence

        self.check_parameters()
        settings, seed = self._settings(), seed_of(self.random_state)
        with one_line_errors():
            sequences = check_sequences(self, X, fitting=True)
            labels = check_labels(self, y, len(sequences.lengths))
        clips = _clips(sequences, labels.codes)
        with torch_threads(1), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = SequenceModel(self.n_features_in_, self.head, len(labels.classes), settings.dropout)
            history = fit_sequence(model, clips, None, settings, seed=seed)
        self.classes_ = labels.classes
        self.loss_curve_ = np.array(history.train_loss)
        self.model_: SequenceModel = model.double()
        return self

    def check_parameters(self) -> None:
        """What `fit` checks of the parameters, before long computations. Raises SettingsError for an unknown head or a number out of range, and
        EstimatorInputError for an unusable `random_state`."""
        registry.find("heads", self.head)
        self._settings()
        with one_line_errors():
            check_random_state(self.random_state)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (sequence, class) float64 in the order of `classes_`: the mean over the steps of each sequence."""
        from dataclasses import replace

        from seqfer.runs.process_tuning import torch_threads
        from seqfer.training.sequence_loop import predict_clips

        check_fitted(self)
        with one_line_errors():
            sequences = check_sequences(self, X, fitting=False)
        clips = _clips(sequences, np.zeros(len(sequences.lengths), np.int64))
        with torch_threads(1):
            return predict_clips(self.model_, replace(clips, features=clips.features.double()))

    def predict(self, X: Any) -> np.ndarray:
        """The most probable label of each sequence (sequence,)."""
        probabilities = self.predict_proba(X)
        labels: np.ndarray = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def _settings(self) -> HeadTraining:
        from seqfer.training.settings import HeadTraining

        names = ("epochs", "batch_size", "learning_rate", "dropout", "noise")
        given = {name: getattr(self, name) for name in names}
        # a grid of a search may be an array, and settings are strict about types
        return HeadTraining(**{name: v.item() if isinstance(v, np.generic) else v for name, v in given.items()})


def _clips(sequences: Sequences, codes: np.ndarray) -> ClipSet:
    from seqfer.training.sequence_loop import pad_clips

    return pad_clips([sequences.steps.astype(np.float32)], sequences.lengths, codes)
