"""A trained model of single faces in torch: an encoder with its classes, temperature and origin, on a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqfer.models.features import features_version, run_frames
from seqfer.models.layers import FrameEncoder, fuse_conv_bn, parameter_counts
from seqfer.models.single_face import SingleFaceModel
from seqfer.runs.device import device_key


@dataclass(frozen=True)
class ImageModel(SingleFaceModel):
    """`name` is what it was opened by; `meta` is what its file says, at least `encoder`, `classes` and `sha256`. `encoder` is in eval mode, and is
    not trained further. `runtime` names what computes it, `computed_by` is the encoder on this runtime where that is not torch."""

    name: str
    encoder: FrameEncoder
    meta: Mapping[str, Any]
    runtime: str = "torch"
    computed_by: FrameEncoder | None = None

    def on_runtime(self, encoder: FrameEncoder, runtime: str) -> ImageModel:
        """The same model computed by its encoder on another runtime."""
        return replace(self, computed_by=encoder, runtime=runtime)

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

    @property
    def feature_dim(self) -> int:
        """Features per face."""
        return self.encoder.feature_dim

    @property
    def parameters(self) -> int:
        """Numbers in its weights, batch norm's statistics included."""
        return parameter_counts(self.encoder)[0]

    @property
    def features_key(self) -> Mapping[str, Any]:
        """The version of the code, and another device than the CPU or another runtime than torch."""
        other = {} if self.computed_by is None else {"runtime": self.runtime}
        return {"version": features_version(self.encoder_name), **device_key(self.device), **other}

    def read(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (face height width), or (face height width 3) RGB -> float32 features (face feature) and logits (face class), in fp32."""
        quick = self._quick

        def both(pixels: Tensor) -> Tensor:
            features = quick.embed(pixels)
            return torch.cat([features, quick.classifier(features)], 1)

        made = run_frames(both, faces, device=quick.device).numpy()
        width = made.shape[1] - len(self.classes)
        return made[:, :width], made[:, width:]

    @cached_property
    def _quick(self) -> FrameEncoder:
        return self.computed_by or fuse_conv_bn(self.encoder)
