"""A temporal head that corrects the encoder's own logits, by a limited amount.

A head that classifies alone can be far surer of an emotion than any frame it has seen: it has learned from few sequences, and on other faces it
invents. Here every frame keeps the encoder's logits; with a head that uses later frames they are averaged over the moments at which the face looks
the same; and the head adds at most `limit` to each log-probability. So the odds between two emotions are those of the frames times a factor of at
most exp(2 limit). Original work.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from seqfer.models.appearance_average import READING, average_where_alike
from seqfer.models.recurrent import LOWEST, SCALE
from seqfer.models.sequence import PROJECTION, SequenceModel


def averaged_logits(training_inputs: Tensor, classes: int) -> Tensor:
    """The last part of `LogitCorrection.training_inputs`: (... feature+class+class) -> (... class)."""
    return training_inputs[..., -classes:]


class LogitCorrection(SequenceModel):
    """Features and logits of the encoder -> corrected log-probabilities of every frame, up to a constant.

    `temperature` is the encoder's. Projection and feature statistics are those of a plain `SequenceModel` and are not trained, see `take_projection`.
    """

    temperature: Tensor

    def __init__(
        self,
        feature_dim: int,
        head: str,
        classes: int,
        dropout: float = 0.0,
        projection: int = PROJECTION,
        *,
        limit: float,
        temperature: float,
    ) -> None:
        super().__init__(feature_dim, head, classes, dropout, projection)
        self.limit, self.corrects = limit, True
        self.register_buffer("temperature", torch.tensor(temperature))
        self.average_temperature = 1.0  # calibrates the average alone, divided by `temperature` already

    def build_head(self, head: str, classes: int) -> nn.Module:
        """The head takes the encoder's log-probabilities beside the projected features."""
        self.classes = classes
        self.input_dim += classes
        return super().build_head(head, classes)

    def take_projection(self, plain: SequenceModel) -> None:
        """Take over projection and feature statistics from a trained model, and keep them as they are."""
        self.projection.load_state_dict(plain.projection.state_dict())
        self.projection.requires_grad_(False)
        self.feature_mean.copy_(plain.feature_mean)
        self.feature_std.copy_(plain.feature_std)

    def fit_statistics(self, features: Tensor) -> None:
        """Nothing: the statistics belong to the projection."""

    @property
    def noise_std(self) -> Tensor:
        """Logits get no noise."""
        return torch.cat([self.feature_std, self.feature_std.new_zeros(2 * self.classes)])

    def frame_inputs(self, features: Tensor, classifier: Callable[[Tensor], Tensor]) -> Tensor:
        """(face feature) -> (face projection+class)."""
        return torch.cat([self.project(features), classifier(features)], -1)

    def without_correction(self) -> LogitCorrection:
        """A copy whose outputs are the averaged logits alone."""
        alone = copy.copy(self)
        alone.corrects = False
        return alone

    def average(self, logits: Tensor, projected: Tensor, mask: Tensor, times_s: Tensor) -> Tensor:
        """Logits (batch time class) averaged over the moments at which the face looks and reads the same; as they are, where the head uses no
        later frames."""
        if not self.uses_later_frames:
            return logits
        probabilities = (logits / self.temperature).softmax(-1)
        return average_where_alike(logits, self.appearance(projected), mask, times_s, READING * probabilities)

    def look(self, inputs: Tensor, mask: Tensor, times_s: Tensor) -> Tensor:
        """(batch time projection+class), (batch time) bool, (batch time) seconds -> (batch time class)."""
        projected, logits = self._parts(inputs)
        averaged = self.average(logits, projected, mask, times_s)
        if not self.corrects:
            return averaged / self.temperature
        return self._corrected(averaged, self.head(self._head_inputs(projected, logits), mask))

    def step(self, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """As `look`, of a head that uses no later frames."""
        projected, logits = self._parts(inputs)
        corrections, after = self.head_step(self._head_inputs(projected, logits), state)
        return self._corrected(logits, corrections), after

    def training_inputs(self, features: Tensor, logits: Tensor, times_s: Tensor) -> Tensor:
        """(batch time feature), (batch time class), (time,) seconds -> (batch time feature+class+class) of `forward`; all frames are real."""
        times_s, mask = times_s.expand(logits.shape[:2]), torch.ones(logits.shape[:2], dtype=torch.bool)
        averaged = self.average(logits, self.project(features), mask, times_s)
        return torch.cat([features, logits, averaged], -1)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """(batch time feature+class+class) of `training_inputs`, (batch time) bool -> (batch time class)."""
        width = self.feature_mean.numel()
        logits, averaged = features[..., width : width + self.classes], averaged_logits(features, self.classes)
        projected = self.project(features[..., :width])
        return self._corrected(averaged, self.head(self._head_inputs(projected, logits), mask))

    def _parts(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        return inputs[..., : -self.classes], inputs[..., -self.classes :]

    def _head_inputs(self, projected: Tensor, logits: Tensor) -> Tensor:
        log_probabilities = (logits / self.temperature).log_softmax(-1).clamp_min(LOWEST)
        return torch.cat([projected, SCALE * log_probabilities], -1)

    def _corrected(self, logits: Tensor, corrections: Tensor) -> Tensor:
        return logits / self.temperature + self.limit * torch.tanh(corrections / self.limit)
