"""What a film model says of valence: nine levels read off every frame's features, or a temporal head that regresses it over frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d

from seqfer.encoders.liu_valence import expected_valence
from seqfer.layers import FrameEncoder
from seqfer.model import SequenceModel, frame_valence

SMOOTHING = 20  # standard deviation, in frames, of the neighbours' weights where both sides may be looked at


@dataclass(frozen=True)
class FilmValence:
    """`levels` turns features into logits of nine levels; `head`, in its place, regresses valence over time. `encoder` None: both read the
    features of the film model's own encoder, which then runs once. `source` says in words where the numbers come from."""

    name: str
    checksum: str
    source: str
    encoder: FrameEncoder | None = None
    levels: nn.Module | None = None
    head: SequenceModel | None = None
    causal: bool = True

    @property
    def input_dim(self) -> int:
        """Numbers per face that the temporal side is given."""
        return 1 if self.head is None else self.head.projection.out_features

    @torch.no_grad()
    def prepare(self, features: Tensor) -> Tensor:
        """(face feature) -> (face input_dim): valence itself where no head comes after."""
        if self.head is not None:
            return self.head.project(features)
        assert self.levels is not None
        return expected_valence(self.levels(features))[:, None]

    @torch.no_grad()
    def look(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """(batch time input_dim), (batch time) bool -> valence (batch time 1).

        What the levels say flutters with the crop: two pixels up or down change it by a tenth. So it is averaged with its neighbours.
        """
        return _smoothed(inputs, mask) if self.head is None else frame_valence(self.head.head(inputs, mask))[..., None]

    @torch.no_grad()
    def step(self, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """As `look`, for further frames after those that made `state`."""
        if self.head is None:
            return inputs, None
        made, state = self.head.head.step(inputs, state)
        return frame_valence(made)[..., None], state


def _smoothed(values: Tensor, mask: Tensor) -> Tensor:
    """(batch time 1), (batch time) bool -> the mean over the real frames around each one, with Gaussian weights."""
    reach = 3 * SMOOTHING
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / SMOOTHING) ** 2)[None, None]
    real = mask[:, None].float()
    total = conv1d(values[..., 0][:, None] * real, weights, padding=reach)
    return (total / conv1d(real, weights, padding=reach).clamp(min=1e-6))[:, 0, :, None]
