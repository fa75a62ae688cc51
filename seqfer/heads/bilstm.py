"""Bidirectional LSTM of 80 cells per direction: the output of every frame depends on the frames before and after it.

Source: Sharma and Jain 2019 (sharma2019), section IV. The 90,292 weights stated there belong to no plain BiLSTM of 30 inputs and 2 x 80 cells
with 6 outputs; ours has torch's two bias vectors per gate.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

TITLE = "BiLSTM"
CAUSAL = False
FAMILY = "lstm"  # of heads that differ only in whether they use later frames
STATED_PARAMETERS = 90_292


def build(input_dim: int, output_dim: int, cells: int = 80) -> nn.Module:
    """(batch time input_dim) -> (batch time output_dim)."""
    return BiLstmHead(input_dim, output_dim, cells)


class BiLstmHead(nn.Module):
    """BiLSTM and a linear layer on both directions' cells of every frame."""

    def __init__(self, input_dim: int, output_dim: int, cells: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_dim, cells, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * cells, output_dim)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """(batch time feature), (batch time) bool -> logits (batch time class). The backward direction starts at each clip's own last frame."""
        lengths = mask.sum(1).clamp(min=1).cpu()  # a clip without frames is not an error; its logits are undefined
        packed = pack_padded_sequence(features, lengths, batch_first=True, enforce_sorted=False)
        cells, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=features.shape[1])
        output: Tensor = self.output(cells)
        return output

    def whole(self, features: Tensor) -> Tensor:
        """As `forward`, of clips without padding."""
        output: Tensor = self.output(self.lstm(features)[0])
        return output
