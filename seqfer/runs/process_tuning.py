"""Settings of the whole process: threads of torch and OpenCV, and glibc's memory allocator.

Only the command line, the tools and the start of a worker process call these functions. Library code does not: a program that imports
seqfer keeps its own settings. `torch_threads` is the exception, because it restores what it found.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from seqfer.runs.folder import available_cores


def tune_for_training() -> None:
    """Set the allocator up for training on a CPU; see `tune_allocator`."""
    tune_allocator()


def tune_for_video(cores: int | None = None) -> None:
    """Set the process up to annotate videos with `cores` cores (None: all that it may use)."""
    import cv2  # not needed by the workers of a cross-validation, which start often

    tune_allocator(one_arena=True)
    torch.set_num_threads(max(1, (cores or available_cores()) - 1))  # one core reads the video and detects faces
    cv2.setNumThreads(
        1
    )  # OpenCV's threads wait actively: they take more time from the decoder than they save in the detector


def tune_worker() -> None:
    """Set a worker process up that computes one unit of work on one core."""
    torch.set_num_threads(1)
    tune_allocator()


def tune_allocator(one_arena: bool = False) -> None:
    """Stop glibc from returning every large block to the kernel, which makes training of small networks on a CPU three times as fast.

    `one_arena`: use one arena where one thread allocates blocks and another frees them; an arena per thread would grow without limit.
    """
    if platform.system() == "Linux" and platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL("libc.so.6")
        m_trim_threshold, m_top_pad, m_mmap_max, m_arena_max = -1, -2, -4, -8
        libc.mallopt(m_mmap_max, 0)
        libc.mallopt(m_trim_threshold, 2**31 - 1)
        libc.mallopt(m_top_pad, 64 * 2**20)
        if one_arena:
            libc.mallopt(m_arena_max, 1)


@contextmanager
def torch_threads(number: int) -> Iterator[None]:
    """Compute on so many threads in the context; the number before is restored."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
