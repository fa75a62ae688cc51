"""What to compute on, in which precision, and how to keep the allocator out of the way."""

from __future__ import annotations

import ctypes
import os
import platform

import torch

from seqfer.core.errors import SettingsError


def tune_allocator(one_arena: bool = False) -> None:
    """Keep glibc from giving every large block back to the kernel: three times the training speed of small nets on a CPU.

    `one_arena`: where blocks go from thread to thread, an arena per thread would grow for as long as the process runs.
    """
    if platform.system() == "Linux" and platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL("libc.so.6")
        m_trim_threshold, m_top_pad, m_mmap_max, m_arena_max = -1, -2, -4, -8
        libc.mallopt(m_mmap_max, 0)
        libc.mallopt(m_trim_threshold, 2**31 - 1)
        libc.mallopt(m_top_pad, 64 * 2**20)
        if one_arena:
            libc.mallopt(m_arena_max, 1)


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU. Raises SettingsError for a device that is not there."""
    if name == "auto":
        # Under torchrun every process on a machine has a GPU of its own.
        return torch.device(f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu")
    try:
        torch.empty(1, device=name)
        return torch.device(name)
    except (RuntimeError, AssertionError) as error:
        raise SettingsError(
            f"device {name!r} is not to be had ({str(error).splitlines()[0]}); use auto or cpu"
        ) from None


def uses_bf16(precision: str, device: torch.device) -> bool:
    """Whether to compute in bfloat16: `auto` says yes where the processor has instructions for it."""
    if precision != "auto":
        return precision == "bf16"
    return (
        torch.cuda.is_bf16_supported() if device.type == "cuda" else bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    )
