"""LSTM layers in NumPy, with the weights of torch's `nn.LSTM`: for videos, whose temporal heads are small, without torch.

Source: Hochreiter and Schmidhuber 1997 with forget gates (Gers et al. 2000), in the order of gates and with the two biases of torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

# What a head that corrects logits takes of them, beside projected features: log-probabilities.
LOWEST = -8.0  # those below it are alike to the head
SCALE = 1 / 3  # brings them to the spread of the other inputs


class LstmState(NamedTuple):
    """(batch cell) each: what a layer returned last, and its memory."""

    output: np.ndarray
    memory: np.ndarray


@dataclass(frozen=True)
class Lstm:
    """One direction: (4 cells, input), (4 cells, cells), (4 cells,); the gates are input, forget, candidate, output."""

    of_inputs: np.ndarray
    of_cells: np.ndarray
    bias: np.ndarray

    def run(self, inputs: np.ndarray, state: LstmState | None = None) -> tuple[np.ndarray, LstmState]:
        """(batch time input) -> (batch time cell), and the state after the last frame."""
        cells = self.of_cells.shape[1]
        zeros = np.zeros((len(inputs), cells), np.float32)
        output, memory = state or LstmState(zeros, zeros)
        gates = inputs @ self.of_inputs.T + self.bias
        made = np.empty((*inputs.shape[:2], cells), np.float32)
        for time in range(inputs.shape[1]):
            now = gates[:, time] + output @ self.of_cells.T
            keep = _sigmoid(now)  # of the candidate too, which is not used
            memory = keep[:, cells : 2 * cells] * memory + keep[:, :cells] * np.tanh(now[:, 2 * cells : 3 * cells])
            output = keep[:, 3 * cells :] * np.tanh(memory)
            made[:, time] = output
        return made, LstmState(output, memory)


@dataclass(frozen=True)
class RecurrentHead:
    """An LSTM, or two in both directions, and a linear layer on every frame."""

    forward: Lstm
    backward: Lstm | None
    weight: np.ndarray
    bias: np.ndarray

    @property
    def uses_later_frames(self) -> bool:
        """Whether a frame's output depends on later frames."""
        return self.backward is not None

    def look(self, inputs: np.ndarray) -> np.ndarray:
        """(batch time input) of whole sequences, without padding -> (batch time output)."""
        if self.backward is None:
            return self.step(inputs)[0]
        cells = [self.forward.run(inputs)[0], self.backward.run(inputs[:, ::-1])[0][:, ::-1]]
        return self._output(np.concatenate(cells, -1))

    def step(self, inputs: np.ndarray, state: LstmState | None = None) -> tuple[np.ndarray, LstmState]:
        """As `look`, for further frames after those that made `state`; of a head of one direction."""
        cells, state = self.forward.run(inputs, state)
        return self._output(cells), state

    def _output(self, cells: np.ndarray) -> np.ndarray:
        result: np.ndarray = cells @ self.weight.T + self.bias
        return result


def head_of(arrays: Mapping[str, np.ndarray], prefix: str) -> RecurrentHead:
    """The head whose tensors begin with `prefix` in a weights file of `seqfer train-head`, an LSTM or a BiLSTM."""
    backward = _lstm(arrays, prefix, "_reverse") if f"{prefix}lstm.weight_ih_l0_reverse" in arrays else None
    return RecurrentHead(
        _lstm(arrays, prefix, ""), backward, arrays[f"{prefix}output.weight"], arrays[f"{prefix}output.bias"]
    )


def _lstm(arrays: Mapping[str, np.ndarray], prefix: str, direction: str) -> Lstm:
    weights = [
        arrays[f"{prefix}lstm.{name}_l0{direction}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    return Lstm(weights[0], weights[1], weights[2] + weights[3])


def _sigmoid(x: np.ndarray) -> np.ndarray:
    result: np.ndarray = 0.5 * (1 + np.tanh(0.5 * x))  # does not overflow
    return result
