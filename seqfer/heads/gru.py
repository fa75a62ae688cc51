"""Unidirectional GRU of 120 cells (Cho et al. 2014, arXiv 1406.1078), which has fewer parameters than the LSTM; for comparison."""

from __future__ import annotations

from torch import Tensor, nn

TITLE = "GRU"
CAUSAL = True


def build(input_dim: int, output_dim: int, cells: int = 120) -> nn.Module:
    """(batch time input_dim) -> (batch time output_dim)."""
    return GruHead(input_dim, output_dim, cells)


class GruHead(nn.Module):
    """GRU and a linear layer on every frame."""

    def __init__(self, input_dim: int, output_dim: int, cells: int) -> None:
        super().__init__()
        self.gru = nn.GRU(input_dim, cells, batch_first=True)
        self.output = nn.Linear(cells, output_dim)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """(batch time feature), (batch time) bool -> logits (batch time class). Padding is at the end and does not affect earlier frames."""
        return self.step(features, None)[0]

    def step(self, features: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Further frames (batch time feature) after those that made `state` (None: the first ones) -> logits and the state after them."""
        cells, state = self.gru(features, state)
        return self.output(cells), state
