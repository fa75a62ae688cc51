"""The sequence model on top of frame features: standardise -> project to 30 -> temporal head -> class logits on every frame, or
one output that becomes valence.

Source: Sharma and Jain 2019 (sharma2019), section IV: thirty inputs per frame, LSTM of 120 cells or BiLSTM of 80 cells each way, a softmax over six
classes on every frame, the clip's label from the sum of the frame probabilities. The projection to thirty inputs is linear here; the
paper does not say how its thirty inputs were made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from seqfer.core import registry
from seqfer.models.appearance_average import unit_of_appearance

PROJECTION = 30
_LEAST_SPREAD = 1e-8  # added to CCC's denominator, which is 0 where prediction and truth are equal constants


class Dropout(nn.Module):
    """torch's `nn.Dropout`, in less than half of its time on a CPU, where drawing Bernoulli numbers one by one is slow."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Any shape -> the same shape; in training a fraction of the values is 0 and the others are scaled up, so that the mean is unchanged."""
        if not self.training or not self.share:
            return x
        kept = (
            torch.rand_like(x).ge_(self.share).mul_(1 / (1 - self.share))
        )  # in place, because memory is what takes the time
        return x * kept if x.requires_grad else kept.mul_(x)


class SequenceModel(nn.Module):
    """Features of frames -> class logits of frames.

    The mean and standard deviation of the features are buffers, fitted on training people only (`fit_statistics`).
    """

    feature_mean: Tensor
    feature_std: Tensor

    def __init__(
        self, feature_dim: int, head: str, classes: int, dropout: float = 0.0, projection: int = PROJECTION
    ) -> None:
        super().__init__()
        self.input_dim = projection  # numbers per face that `frame_inputs` makes
        self.uses_later_frames = not registry.find("heads", head).CAUSAL
        self.register_buffer("feature_mean", torch.zeros(feature_dim))
        self.register_buffer("feature_std", torch.ones(feature_dim))
        self.dropout = Dropout(dropout)
        self.projection = nn.Linear(feature_dim, projection)
        self.head = self.build_head(head, classes)

    def build_head(self, head: str, classes: int) -> nn.Module:
        """The temporal head, which takes `input_dim` numbers per face."""
        module: nn.Module = registry.find("heads", head).build(self.input_dim, classes)
        return module

    @property
    def noise_std(self) -> Tensor:
        """(input of `forward`,): the standard deviation that noise in training is a multiple of."""
        return self.feature_std

    def fit_statistics(self, features: Tensor) -> None:
        """Mean and standard deviation over (frame feature) of training people. A constant feature keeps scale 1."""
        std = features.std(0, correction=0)
        self.feature_mean.copy_(features.mean(0))
        self.feature_std.copy_(torch.where(std > 1e-6, std, torch.ones_like(std)))

    def move_projection(self, device: torch.device) -> None:
        """Put everything but the temporal head on a device, so that `project` computes there and the head on the CPU."""
        self.to(device)
        self.head.cpu()

    def project(self, features: Tensor) -> Tensor:
        """(... feature) float -> (... projection): the head's input."""
        standardised = (features - self.feature_mean) / self.feature_std
        output: Tensor = self.dropout(self.projection(self.dropout(standardised)))
        return output

    def frame_inputs(self, features: Tensor, classifier: Callable[[Tensor], Tensor]) -> Tensor:
        """(face feature) -> (face input_dim): what a video's temporal head takes of every face. `classifier` makes the encoder's logits."""
        return self.project(features)

    def appearance(self, inputs: Tensor) -> Tensor:
        """(... input_dim) -> (... projection): what faces look like, in units of `unit_of_appearance`."""
        unit: Tensor = unit_of_appearance(self.projection.weight.detach())
        return inputs[..., : self.projection.out_features] / unit

    def look(self, inputs: Tensor, mask: Tensor, times_s: Tensor) -> Tensor:
        """(batch time input_dim) of `frame_inputs`, (batch time) bool, (batch time) seconds -> outputs of every frame (batch time class)."""
        output: Tensor = self.head(inputs, mask)
        return output

    def step(self, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """As `look`, for further frames after those that made `state` (None: the first ones), and the state after them."""
        return self.head_step(inputs, state)

    def head_step(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """The head alone, from a state to the next one; only of a head that uses no later frames."""
        outputs, after = self.head.step(inputs, state)  # type: ignore[operator]  # torch types every attribute of a module as a tensor
        return outputs, after

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """(batch time feature) float, (batch time) bool -> logits (batch time class). Outputs of padded frames (mask False) are undefined."""
        output: Tensor = self.head(self.project(features), mask)
        return output


def frame_cross_entropy(logits: Tensor, mask: Tensor, labels: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of every real frame (batch time class), averaged over frames (sharma2019, section IV): with its clip's label (batch,), or
    with its own target probabilities (batch time class)."""
    targets = labels[mask] if labels.ndim == 3 else labels[:, None].expand_as(mask)[mask]
    return nn.functional.cross_entropy(logits[mask], targets, label_smoothing=label_smoothing)


def clip_probabilities(logits: Tensor, mask: Tensor) -> Tensor:
    """Frame probabilities of the real frames added up and normalised: (batch time class), (batch time) -> (batch class)."""
    probabilities = logits.softmax(-1) * mask[..., None]
    return probabilities.sum(1) / mask.sum(1, keepdim=True)


def frame_valence(outputs: Tensor) -> Tensor:
    """A head's one output per frame (batch time 1) -> valence (batch time) in (-1, 1), by tanh.

    Raters' scales end at -1 and 1, and so must predictions. Tanh is nearly the identity around neutral and has a gradient
    everywhere; clipping would leave frames outside the range without a gradient.
    """
    return outputs[..., 0].tanh()


def valence_loss(predicted: Tensor, mask: Tensor, truth: Tensor) -> Tensor:
    """(1 - CCC) + MSE over all real frames of a batch together: (batch time) each, `mask` True on real frames, truth NaN where unrated.

    CCC measures the shape and the level of the trace, but is unreliable where a batch hardly varies; MSE is not. Where the truth is
    constant, CCC is 0 for every prediction and only MSE has a gradient. The loss of a batch without ratings is 0.
    """
    rated = mask & ~truth.isnan()
    if not rated.any():
        return predicted[mask].sum() * 0.0
    x, y = predicted[rated], truth[rated]
    covariance = ((x - x.mean()) * (y - y.mean())).mean()
    spread = x.var(correction=0) + y.var(correction=0) + (x.mean() - y.mean()) ** 2
    return 1 - 2 * covariance / (spread + _LEAST_SPREAD) + nn.functional.mse_loss(x, y)
