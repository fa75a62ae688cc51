"""`torch`: PyTorch itself, on every device and in every precision; in bfloat16 on the CPU with the activations inside the convolutions."""

from __future__ import annotations

from typing import TypeVar

from seqfer.models.film_model import FilmModel
from seqfer.models.fused_bf16 import with_fused_encoders

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
    """The same model, with fused encoders where it computes in bfloat16 on the CPU."""
    return with_fused_encoders(model) if model.bf16 and model.device.type == "cpu" else model
