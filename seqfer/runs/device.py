"""Chooses the device and the precision to compute in."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqfer.core.errors import SettingsError
from seqfer.core.numbers import is_count

if TYPE_CHECKING:
    import torch


def may_have_cuda() -> bool:
    """Whether this machine may have a GPU for torch: told without importing it, by the driver."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return False
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", "C:/Windows"), "System32", "nvcuda.dll").exists()
    return Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()  # the latter in the Windows subsystem for Linux


def pick_device(name: str) -> torch.device:
    """The device of a setting `device`: auto, cpu, cuda, cuda:N or mps. `auto` is CUDA where available, else the CPU.

    Raises SettingsError, which says what is available, for a name that is unknown and for a device that is not there.
    """
    import torch

    if name == "auto":
        # Under torchrun every process on a machine has a GPU of its own.
        return torch.device(f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu")
    reason = _unavailable(name)
    if reason:
        raise SettingsError(f"device {name!r} is unavailable ({reason}); use {_listed(available_devices())}")
    return torch.device(name)


def available_devices() -> tuple[str, ...]:
    """The devices of this machine that a model can run on, by name, `auto` first."""
    import torch

    cuda = [f"cuda:{n}" for n in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return ("auto", "cpu", *cuda, *(["mps"] if torch.backends.mps.is_available() else []))


def _unavailable(name: str) -> str:
    """Why a device cannot be used, in words; nothing for one that can."""
    import torch

    kind, _, number = name.partition(":")
    if name in ("coreml", "directml"):
        return "ONNX Runtime computes there: included models and files of `seqfer export`, where its package for this device is installed"
    if kind not in ("cpu", "cuda", "mps") or (":" in name and (kind != "cuda" or not is_count(number))):
        return "known are auto, cpu, cuda, cuda:N and mps"
    if kind == "cuda" and not torch.cuda.is_available():
        return "torch finds no CUDA device"
    if kind == "cuda" and number and int(number) >= torch.cuda.device_count():
        return f"torch finds {torch.cuda.device_count()} CUDA devices, counted from 0"
    return "torch finds no Metal device" if kind == "mps" and not torch.backends.mps.is_available() else ""


def _listed(names: Sequence[str]) -> str:
    return " or ".join((", ".join(names[:-1]), names[-1]))


def device_key(device: torch.device) -> dict[str, str]:
    """What the key of a cached array says of the device: nothing of the CPU; another kind by its name, because it rounds differently."""
    return {} if device.type == "cpu" else {"device": device.type}


def int8_is_faster() -> bool:
    """Whether to compute in int8 where a network is included in it too: on x86-64, where it was faster with VNNI, with AVX-512 alone and with AVX2
    alone (docs/results.md), and on 64-bit ARM, whose instructions for products of int8 ONNX Runtime uses too (not measured)."""
    return platform.machine().lower() in ("x86_64", "amd64", "aarch64", "arm64")


def uses_bf16(precision: str, device: torch.device) -> bool:
    """Whether to compute in bfloat16: `auto` does where the device has instructions for it."""
    import torch

    if precision != "auto":
        return precision == "bf16"
    if device.type == "cuda":
        result: bool = torch.cuda.is_bf16_supported()
        return result
    return device.type == "cpu" and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
