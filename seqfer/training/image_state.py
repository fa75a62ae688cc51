"""The state of a training on images: weights, their moving average, the best weights, the optimizer and the history; its checkpoint on disk."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from seqfer.training.checkpoint import State, copy_state, read_checkpoint, write_checkpoint
from seqfer.training.history import History


def moving_average(model: nn.Module, decay: float) -> AveragedModel:
    """Exponential moving average of the weights and buffers of `model`; it begins as a copy of them.

    Update t, counted from 0, keeps min(decay, (1 + t) / (10 + t)) of the average: a short memory at first, or the random initialisation would remain
    in it for long. Counters of batch norm are copied.
    """

    def update(averaged: Sequence[Tensor], current: Sequence[Tensor], updates: Tensor | int) -> None:
        done = int(updates) - 1
        kept = min(decay, (1 + done) / (10 + done))
        for average, value in zip(averaged, current, strict=True):
            if average.is_floating_point():
                average.lerp_(value, 1 - kept)
            else:
                average.copy_(value)

    average = AveragedModel(model, multi_avg_fn=update, use_buffers=True)
    set_updates(average, 0)
    return average


def set_updates(average: AveragedModel, updates: int) -> None:
    """Tell an average how many updates it has seen. The copy it begins with counts as one: torch would replace it at the first update."""
    average.n_averaged.fill_(updates + 1)


class TrainingState:
    """The variables of a training. `average` is None without a moving average; `best` are the weights of the lowest validation loss, where kept."""

    def __init__(self, model: nn.Module, optimizer: Optimizer, ema: float) -> None:
        self.model, self.optimizer = model, optimizer
        self.average = moving_average(model, ema) if ema else None
        self.history, self.best_loss = History(), math.inf
        self.best: State | None = None

    @property
    def evaluated(self) -> nn.Module:
        """The model whose weights are validated and kept: the moving average where there is one."""
        return self.model if self.average is None else self.average.module

    def update_average(self) -> None:
        """After every step."""
        if self.average is not None:
            self.average.update_parameters(self.model)

    def keep_if_best(self, loss: float) -> None:
        """Keep a copy of the evaluated weights where their validation loss is the lowest so far."""
        if loss < self.best_loss:
            self.best_loss, self.best = loss, copy_state(self.evaluated)

    def is_out_of_patience(self, patience: int) -> bool:
        """Whether the lowest validation loss is `patience` epochs old or older; never with a patience of 0."""
        losses = self.history.validation_loss
        return bool(patience and losses) and len(losses) - 1 - int(np.argmin(losses)) >= patience

    def load_final_weights(self) -> None:
        """Put the best weights, or where none are kept the evaluated ones, into the model; leave it in eval mode."""
        self.model.load_state_dict(self.best or self.evaluated.state_dict())
        self.model.eval()

    def save(self, path: Path, epochs: int, seed: int) -> None:
        """Write a checkpoint after `epochs` whole epochs."""
        best = None if math.isinf(self.best_loss) else self.best_loss
        meta = {"epoch": epochs, "history": vars(self.history), "best_loss": best, "seed": seed}
        average = {} if self.average is None else self.evaluated.state_dict()
        states = {"model": self.model.state_dict(), "average": average, "best": self.best or {}}
        write_checkpoint(path, states, self.optimizer, meta)

    def load(self, path: Path, steps_per_epoch: int) -> int:
        """Load a checkpoint; returns the number of its epochs. Raises TrainingError for one of another architecture."""
        states, meta = read_checkpoint(path, self.model, self.optimizer)
        epochs = int(meta["epoch"])
        if self.average is not None:
            self.average.module.load_state_dict(states["average"])
            set_updates(self.average, epochs * steps_per_epoch)
        self.best = states["best"] or None
        self.best_loss = math.inf if meta["best_loss"] is None else meta["best_loss"]
        self.history = History(**meta["history"])
        return epochs
