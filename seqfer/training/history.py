"""Defines `History`, the record of each epoch of a training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class History:
    """One entry per epoch; the validation lists stay empty without a validation set."""

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_error: list[float] = field(default_factory=list)

    def as_fields(self) -> dict[str, Any]:
        """The lists as tuples, for a record that has fields of the same names."""
        return {name: tuple(values) for name, values in vars(self).items()}
