"""A trained model of single faces: an encoder with its classes, temperature and origin, on a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from seqfer.core.errors import InputError, WeightsError
from seqfer.metrics.calibration import tempered_softmax
from seqfer.models.features import classify_images, embed_images
from seqfer.models.layers import FrameEncoder, fuse_conv_bn


@dataclass(frozen=True)
class ImageModel:
    """`name` is what it was opened by; `meta` is what its file says, at least `encoder`, `classes` and `sha256`. `encoder` is in eval mode, and its
    weights stay as they are: the fused copy that computes is made once."""

    name: str
    encoder: FrameEncoder
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
    def device(self) -> torch.device:
        """Where it computes."""
        return self.encoder.device

    @property
    def input_size(self) -> int:
        """Width and height of a face in pixels."""
        return self.encoder.input_size

    @property
    def channels(self) -> int:
        """1 for grey faces, 3 for RGB."""
        return self.encoder.channels

    @property
    def mirrored(self) -> bool:
        """Whether it classifies a face by the mean over the face and its mirror image."""
        return self.encoder.two_views

    def logits(self, faces: np.ndarray, *, mirror: bool = False) -> np.ndarray:
        """uint8 (face height width), or (face height width 3) RGB, of `input_size` pixels -> class logits (face class) float32.

        With `mirror` the mean over both views. Raises InputError for another shape or type, WeightsError for weights whose sums overflow.
        """
        self._check(faces)
        if not len(faces):
            return np.zeros((0, len(self.classes)), np.float32)
        logits = classify_images(self._fused, faces, mirror=mirror)
        if not logits.isfinite().all():
            raise WeightsError(f"{self.name}: its weights give values that are not finite numbers; train it again")
        return logits.numpy()

    def predict(self, faces: np.ndarray, *, mirror: bool = False) -> np.ndarray:
        """Calibrated probabilities (face class) float64, in the order of `classes`; arguments and errors as for `logits`."""
        return tempered_softmax(self.logits(faces, mirror=mirror), self.temperature)

    def embed(self, faces: np.ndarray) -> np.ndarray:
        """Features (face feature) float32; of a model with two views the mean over both. Argument and errors as for `logits`."""
        self._check(faces)
        if not len(faces):
            return np.zeros((0, self.encoder.feature_dim), np.float32)
        return embed_images(self._fused, faces).float().numpy()

    @cached_property
    def _fused(self) -> FrameEncoder:
        return fuse_conv_bn(self.encoder)  # takes longer than one face

    def _check(self, faces: np.ndarray) -> None:
        grey, size = self.channels == 1, (self.input_size, self.input_size)
        if faces.dtype != np.uint8 or faces.shape[1:] != (size if grey else (*size, 3)):
            wanted = f"uint8 (face, {size[0]}, {size[0]}{'' if grey else ', 3'})"
            raise InputError(f"faces are {faces.dtype} {faces.shape}; {self.name} takes {wanted}: resize them")
