"""`seqfer.ClipClassifier`: an included or trained encoder with a temporal head on clips of faces, as a scikit-learn classifier.

The encoder is frozen: its features of a clip are those of `seqfer.load_model(...).embed(clip)`, and the head is trained on them by
`seqfer.SequenceClassifier`. Every clip is encoded by itself, so that its features do not depend on which clips are given together.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from seqfer.core.errors import WeightsError
from seqfer.estimators._input import check_clips, check_fitted, check_labels, clip_faces, one_line_errors
from seqfer.estimators.sequence_classifier import SequenceClassifier

if TYPE_CHECKING:
    from seqfer.models.single_face import SingleFaceModel


class ClipClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A frozen encoder with a temporal head on clips of faces: one label per clip.

    X is a list of clips, each (time, height, width) grey or (time, height, width, 3) RGB, of any lengths and sizes, or an array of clips of one
    length and size: (clip, time, height, width) or (clip, time, height, width, 3). Pictures are uint8 from 0 to 255 or floats from 0 to 1; a face
    fills its picture as `seqfer.FaceModel` says. y has a label per clip.

    Parameters: `encoder` is the name of an included model (`compact`, `small`) or a .safetensors file of `seqfer train`; `classifier`, the head
    with its settings, is a SequenceClassifier (None: one with its defaults) or another scikit-learn classifier of sequences of features; `device`,
    where the encoder computes, is auto, cpu, cuda, cuda:N or mps; `verbose` shows a progress bar over the clips that are encoded.

    After `fit`: `classes_` (class,), `classifier_`, the fitted head, and `encoder_sha256_`, the checksum of the encoder's weights. They are not
    part of a stored (pickled) classifier: predictions open them again, and refuse others than those of `fit`.

    A search over heads encodes every clip again in every fit. It takes less time on features that are computed once, with the same results:
    a SequenceClassifier on `[seqfer.load_model("compact").embed(clip) for clip in clips]`.

    Raises EstimatorInputError, which is a ValueError, for unusable X or y; SettingsError for an unknown encoder or device; WeightsError for
    damaged weights; and what the classifier raises.

    Example:
        >>> import numpy as np
        >>> import seqfer
        >>> rng = np.random.default_rng(0)
        >>> y = np.array(["happiness", "fear"] * 8)
        >>> X = [rng.integers(0, 120, (steps, 48, 48)).astype(np.uint8) for steps in rng.integers(4, 8, 16)]
        >>> for clip, label in zip(X, y):
        ...     clip[-2:, 30:] += 120 * np.uint8(label == "happiness")  # the last two pictures show the class
        >>> head = seqfer.SequenceClassifier("bilstm", learning_rate=0.02, random_state=0)
        >>> model = seqfer.ClipClassifier("small", head, device="cpu").fit(X[:12], y[:12])
        >>> model.predict_proba(X[12:]).shape
        (4, 2)
        >>> float(model.score(X[12:], y[12:]))
        1.0
    """

    def __init__(
        self,
        encoder: str | os.PathLike[str] = "compact",
        classifier: Any = None,
        device: str = "auto",
        verbose: bool = False,
    ) -> None:
        self.encoder = encoder
        self.classifier = classifier
        self.device = device
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> Self:
        """Encode clips X and train the head on their features with the labels y (clip,)."""
        with one_line_errors():
            clips = check_clips(X)
            check_labels(self, y, len(clips))  # before the long computation
        head = SequenceClassifier() if self.classifier is None else clone(self.classifier)
        if isinstance(head, SequenceClassifier):
            head.check_parameters()
        encoder = self._open()
        features = self._features(encoder, clips)
        self.classifier_ = head.fit(features, y)
        self.classes_: np.ndarray = self.classifier_.classes_
        self.encoder_sha256_ = encoder.checksum
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (clip, class) float64 in the order of `classes_`."""
        features = self._features_again(X)
        return np.asarray(self.classifier_.predict_proba(features))

    def predict(self, X: Any) -> np.ndarray:
        """The most probable label of each clip (clip,)."""
        features = self._features_again(X)
        return np.asarray(self.classifier_.predict(features))

    def _features_again(self, X: Any) -> list[np.ndarray]:
        """Features by the encoder of `fit`. Raises WeightsError where its weights have become others."""
        check_fitted(self)
        with one_line_errors():
            clips = check_clips(X)
        encoder = self._open()
        if encoder.checksum != self.encoder_sha256_:
            raise WeightsError(
                f"{encoder.name}: its weights are not those of the fit any more; fit the classifier again"
            )
        return self._features(encoder, clips)

    def _open(self) -> SingleFaceModel:
        from seqfer.models.image_choice import open_image_model
        from seqfer.models.included import check_included_or_file

        which = os.fspath(self.encoder)
        check_included_or_file(which)
        return open_image_model(which, device=self.device)

    def _features(self, encoder: SingleFaceModel, clips: Sequence[Any]) -> list[np.ndarray]:
        """Features (time feature) of each clip."""
        from seqfer.runs.process_tuning import torch_threads
        from seqfer.runs.progress import ProgressBar

        features = []
        with torch_threads(1), ProgressBar(len(clips), "clips encoded", quiet=not self.verbose) as bar:
            for number, clip in enumerate(clips):
                features.append(encoder.embed(clip_faces(clip, number, encoder.input_size, encoder.channels)))
                bar.advance(number + 1, "")
        return features

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False  # a row of numbers is no clip of pictures
        return tags
