"""The valence model of a video model: a layer of nine levels on every frame's features, or a temporal head that regresses valence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from seqfer.models.appearance_average import average_where_alike
from seqfer.models.layers import FrameEncoder, expected_valence
from seqfer.models.sequence import SequenceModel, frame_valence


@dataclass(frozen=True)
class FilmValence:
    """`levels` turns features into logits of nine levels; `head`, in its place, regresses valence over time. `encoder` None: both use the
    features of the video model's own encoder, which then runs once. `source` describes the origin of the valence labels."""

    name: str
    checksum: str
    source: str
    encoder: FrameEncoder | None = None
    levels: nn.Module | None = None
    head: SequenceModel | None = None
    causal: bool = True

    def move(self, device: torch.device) -> None:
        """Put the encoder and what reads its features on a device; a temporal head stays on the CPU."""
        for layers in (self.encoder, self.levels):
            if layers is not None:
                layers.to(device)
        if self.head is not None:
            self.head.move_projection(device)

    @property
    def input_dim(self) -> int:
        """Numbers per face that the temporal head takes."""
        return 1 if self.head is None else self.head.projection.out_features

    @torch.no_grad()
    def prepare(self, features: Tensor) -> Tensor:
        """(face feature) -> (face input_dim): valence itself where there is no head."""
        if self.head is not None:
            return self.head.project(features)
        assert self.levels is not None
        return expected_valence(self.levels(features))[:, None]

    @torch.no_grad()
    def look(self, inputs: Tensor, appearance: Tensor, mask: Tensor, times_s: Tensor) -> Tensor:
        """(batch time input_dim), (batch time number) of `average_where_alike`, (batch time) bool, (batch time) -> valence (batch time 1).

        The valence of the levels changes with small shifts of the crop: two pixels change it by a tenth. So it is averaged over the moments at
        which the face looks the same; a head has learned to do so.
        """
        if self.head is None:
            return average_where_alike(inputs, appearance, mask, times_s)
        return frame_valence(self.head.look(inputs, mask, times_s))[..., None]

    @torch.no_grad()
    def step(self, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """As `look`, for further frames after those that made `state`."""
        if self.head is None:
            return inputs, None
        made, state = self.head.step(inputs, state)
        return frame_valence(made)[..., None], state
