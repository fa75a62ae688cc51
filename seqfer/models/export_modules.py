"""Models in the form in which they are exported: torch modules from pixels to logits and calibrated probabilities.

A temporal head sees one track at a time, so nothing is padded, and sequences need not be packed: packing exports badly.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqfer.core.errors import SettingsError
from seqfer.models.features import to_pixels
from seqfer.models.film_model import FilmModel
from seqfer.models.image_model import ImageModel
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.models.logit_correction import LogitCorrection
from seqfer.models.video_model import AVERAGE


class ExportModule(nn.Module):
    """Base of both. `first` is the name of the first dimension of inputs and outputs; `inputs` and `outputs` describe each one in words."""

    first: str
    encoder: FrameEncoder
    temperature: float

    @property
    def inputs(self) -> dict[str, str]:
        """Name -> what to give, in the order of `forward`."""
        side = self.encoder.input_size
        colour = "grey" if self.encoder.channels == 1 else "RGB"
        images = f"float32 ({self.first}, {self.encoder.channels}, {side}, {side}), {colour} pixels divided by 255"
        return {"images": images}

    @property
    def outputs(self) -> dict[str, str]:
        """Name -> what is returned."""
        shape = f"float32 ({self.first}, class)"
        return {"logits": shape, "probabilities": f"{shape}, softmax of logits / temperature"}

    def inputs_of(self, faces: np.ndarray) -> dict[str, Tensor]:
        """uint8 (face height width) or (face height width 3) of the model's size -> the inputs, for a track with faces 0.1 s apart."""
        tenths = torch.arange(len(faces), dtype=torch.double) / 10
        known = {"images": to_pixels(faces).contiguous(), "times_s": tenths}
        return {name: known[name] for name in self.inputs}

    def example(self, count: int) -> dict[str, Tensor]:
        """Inputs of so many random faces."""
        return self.inputs_of(self.random_faces(count))

    def random_faces(self, count: int) -> np.ndarray:
        """uint8 (face height width) or (face height width 3), the same ones every time."""
        shape = (count, *(self.encoder.input_size,) * 2, *((3,) if self.encoder.channels == 3 else ()))
        return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


class FaceModule(ExportModule):
    """A model of single faces."""

    first = "face"

    def __init__(self, model: ImageModel) -> None:
        super().__init__()
        self.encoder, self.temperature = fuse_conv_bn(model.encoder).cpu(), model.temperature

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """(face channel height width) in [0, 1] -> logits (face class), probabilities (face class)."""
        logits = self.encoder.classifier(self.encoder.embed(images))
        if self.encoder.two_views:
            logits = (logits + self.encoder.classifier(self.encoder.embed(images.flip(-1)))) / 2
        return logits, (logits / self.temperature).softmax(-1)


class TrackModule(ExportModule):
    """A model of the faces of one track in time order."""

    first = "time"

    def __init__(self, model: FilmModel) -> None:
        super().__init__()
        assert model.head is not None
        self.encoder, self.temperature = copy.deepcopy(model.encoder).cpu(), model.temperature
        self.head = copy.deepcopy(model.head).cpu()
        self.head.head = nn.Identity() if model.head_name == AVERAGE else _WithoutPadding(self.head.head, model)

    @property
    def inputs(self) -> dict[str, str]:
        """As of single faces; a model that averages over time takes times too."""
        averages = isinstance(self.head, LogitCorrection) and self.head.uses_later_frames
        times = {"times_s": "float64 (time,), seconds, rising"} if averages else {}
        return {**super().inputs, **times}

    def forward(self, images: Tensor, times_s: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(time channel height width) in [0, 1], (time,) seconds -> logits (time class), probabilities (time class)."""
        inputs = self.head.frame_inputs(self.encoder.embed(images), self.encoder.classifier)[None]
        mask = torch.ones_like(inputs[..., 0], dtype=torch.bool)
        times_s = inputs.new_zeros(inputs.shape[1]) if times_s is None else times_s
        logits = self.head.look(inputs, mask, times_s[None])[0]
        return logits, (logits / self.temperature).softmax(-1)


class _WithoutPadding(nn.Module):
    """A head whose mask is True everywhere."""

    def __init__(self, head: nn.Module, model: FilmModel) -> None:
        super().__init__()
        self.head = head
        self.way: Any = getattr(head, "whole", None) or getattr(head, "step", None)
        if self.way is None:
            raise SettingsError(
                f"{model.name}: head {model.head_name} has neither step() nor whole(), which export needs"
            )

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        made: Any = self.way(features)
        logits: Tensor = made[0] if isinstance(made, tuple) else made
        return logits
