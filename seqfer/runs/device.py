"""Chooses the device and the precision to compute in."""

from __future__ import annotations

import os

import torch

from seqfer.core.errors import SettingsError


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where available, else the CPU. Raises SettingsError for a device that is unavailable."""
    if name == "auto":
        # Under torchrun every process on a machine has a GPU of its own.
        return torch.device(f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu")
    try:
        torch.empty(1, device=name)
        return torch.device(name)
    except (RuntimeError, AssertionError) as error:
        raise SettingsError(f"device {name!r} is unavailable ({str(error).splitlines()[0]}); use auto or cpu") from None


def uses_bf16(precision: str, device: torch.device) -> bool:
    """Whether to compute in bfloat16: `auto` does where the processor has instructions for it."""
    if precision != "auto":
        return precision == "bf16"
    return (
        torch.cuda.is_bf16_supported() if device.type == "cuda" else bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    )
