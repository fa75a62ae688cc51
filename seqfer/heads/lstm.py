"""Unidirectional LSTM of 120 cells: the output of a frame depends on the frames before it only, so it can label a live video.

Source: Sharma and Jain 2019 (sharma2019), section IV. The 94,606 weights stated there belong to no plain LSTM of 30 inputs and 120 cells with
6 outputs; ours has torch's two bias vectors per gate.
"""

from __future__ import annotations

from torch import Tensor, nn

TITLE = "LSTM"
CAUSAL = True
FAMILY = "lstm"
STATED_PARAMETERS = 94_606


def build(input_dim: int, output_dim: int, cells: int = 120) -> nn.Module:
    """(batch time input_dim) -> (batch time output_dim)."""
    return LstmHead(input_dim, output_dim, cells)


class LstmHead(nn.Module):
    """LSTM and a linear layer on every frame."""

    def __init__(self, input_dim: int, output_dim: int, cells: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_dim, cells, batch_first=True)
        self.output = nn.Linear(cells, output_dim)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """(batch time feature), (batch time) bool -> logits (batch time class). Padding is at the end and does not affect earlier frames."""
        return self.step(features, None)[0]

    def step(
        self, features: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Further frames (batch time feature) after those that made `state` (None: the first ones) -> logits and the state after them."""
        cells, state = self.lstm(features, state)
        return self.output(cells), state
