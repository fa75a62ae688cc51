"""`torch`: PyTorch itself, on every device; in bfloat16 on GPUs that have it."""

from __future__ import annotations

from typing import TypeVar

from seqfer.models.film_model import FilmModel

StillModel = TypeVar("StillModel")

ABOUT = "PyTorch, on every device"
PRECISIONS = ("fp32", "bf16")
AUTO_RANK = 2


def suits(model: FilmModel) -> bool:
    """It computes every model."""
    return True


def prepare_still(model: StillModel) -> StillModel:
    """The same model."""
    return model


def prepare(model: FilmModel) -> FilmModel:
    """The same model."""
    return model
