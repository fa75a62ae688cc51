"""No temporal model: a linear layer on every frame by itself, the baseline of every temporal head."""

from __future__ import annotations

from torch import Tensor, nn

TITLE = "Mean of frames"
CAUSAL = True
REFERENCE = True  # every cross-validation has it, and compares the other heads with it


def build(input_dim: int, output_dim: int) -> nn.Module:
    """(batch time input_dim) -> (batch time output_dim)."""
    return MeanHead(input_dim, output_dim)


class MeanHead(nn.Module):
    """One linear layer; the clip's label comes from the mean of the frame probabilities, as for all heads."""

    def __init__(self, input_dim: int, output_dim: int) -> None:
        super().__init__()
        self.output = nn.Linear(input_dim, output_dim)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """(batch time feature), (batch time) bool -> logits (batch time class)."""
        output: Tensor = self.output(features)
        return output

    def step(self, features: Tensor, state: None = None) -> tuple[Tensor, None]:
        """Further frames (batch time feature) -> logits; there is no state to carry."""
        return self.output(features), None
