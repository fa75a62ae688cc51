"""A trained model of single faces, whatever computes it: uint8 faces in, class logits, probabilities and features out. Imports no torch.

`ImageModel` computes with torch, `GraphImageModel` with ONNX Runtime.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from seqfer.core.errors import InputError, WeightsError
from seqfer.metrics.calibration import tempered_softmax


class SingleFaceModel(ABC):
    """`name` is what it was opened by; `meta` is what its file says, at least `encoder`, `classes` and `sha256`."""

    name: str
    meta: Mapping[str, Any]
    has_valence = False
    temporal = False

    @property
    def encoder_name(self) -> str:
        """The plug-in in `seqfer/encoders/` or `seqfer/baselines/`."""
        return str(self.meta["encoder"])

    @property
    def classes(self) -> tuple[str, ...]:
        """In the order of the logits."""
        return tuple(self.meta["classes"])

    @property
    def temperature(self) -> float:
        """Divides the logits, so that probabilities are calibrated; 1.0 where none was fitted."""
        return float(self.meta.get("temperature", 1.0))

    @property
    def checksum(self) -> str:
        """sha256 of the weights file."""
        return str(self.meta["sha256"])

    @property
    @abstractmethod
    def device(self) -> object:
        """Where it computes; `str` of it is the setting `device`."""

    @property
    @abstractmethod
    def runtime(self) -> str:
        """What computes it."""

    @property
    @abstractmethod
    def input_size(self) -> int:
        """Width and height of a face in pixels."""

    @property
    @abstractmethod
    def channels(self) -> int:
        """1 for grey faces, 3 for RGB."""

    @property
    @abstractmethod
    def mirrored(self) -> bool:
        """Whether it classifies a face by the mean over the face and its mirror image."""

    @property
    @abstractmethod
    def feature_dim(self) -> int:
        """Features per face."""

    @property
    @abstractmethod
    def parameters(self) -> int:
        """Numbers in its weights, batch norm's statistics included."""

    @property
    @abstractmethod
    def features_key(self) -> Mapping[str, Any]:
        """What the key of cached features says of how they are computed, beside the checksum of the weights."""

    @abstractmethod
    def read(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (face height width), or (face height width 3) RGB, of `input_size` pixels -> float32 features (face feature) and logits (face class)
        of these views alone."""

    def logits(self, faces: np.ndarray, *, mirror: bool = False, one_view: bool = False) -> np.ndarray:
        """uint8 (face height width), or (face height width 3) RGB, of `input_size` pixels -> class logits (face class) float32.

        With `mirror` the mean over the face and its mirror image, as always where the model is `mirrored`, except with `one_view`, as for videos.
        Raises InputError for another shape or type, WeightsError for weights whose sums overflow.
        """
        self._check(faces)
        if not len(faces):
            return np.zeros((0, len(self.classes)), np.float32)
        logits = self.read(faces)[1]
        if mirror or (self.mirrored and not one_view):
            logits = (logits + self.read(faces[:, :, ::-1])[1]) / 2
        if not np.isfinite(logits).all():
            raise WeightsError(f"{self.name}: its weights give values that are not finite numbers; train it again")
        return logits

    def predict(self, faces: np.ndarray, *, mirror: bool = False) -> np.ndarray:
        """Calibrated probabilities (face class) float64, in the order of `classes`; arguments and errors as for `logits`."""
        return tempered_softmax(self.logits(faces, mirror=mirror), self.temperature)

    def embed(self, faces: np.ndarray) -> np.ndarray:
        """Features (face feature) float32; of a model with two views the mean over both. Argument and errors as for `logits`."""
        self._check(faces)
        if not len(faces):
            return np.zeros((0, self.feature_dim), np.float32)
        features = self.read(faces)[0]
        return (features + self.read(faces[:, :, ::-1])[0]) / 2 if self.mirrored else features

    def _check(self, faces: np.ndarray) -> None:
        grey, size = self.channels == 1, (self.input_size, self.input_size)
        if faces.dtype != np.uint8 or faces.shape[1:] != (size if grey else (*size, 3)):
            wanted = f"uint8 (face, {size[0]}, {size[0]}{'' if grey else ', 3'})"
            raise InputError(f"faces are {faces.dtype} {faces.shape}; {self.name} takes {wanted}: resize them")
