"""Settings of the whole process: threads of torch and OpenCV, and glibc's memory allocator.

Only the command line, the tools and the start of a worker process call these functions. Library code does not: a program that imports
seqfer keeps its own settings. `torch_threads` is the exception, because it restores what it found.

Sums over several threads differ in their last digits from sums over one. So the number of threads never follows from the number of cores: it is a
setting of the run (`threads_field`), stored with it. Cores are used by what cannot change a number: processes, and batches side by side.
"""

from __future__ import annotations

import ctypes
import functools
import platform
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from seqfer.runs.folder import available_cores

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class _Threads:
    """A context of `torch_threads`: its number, and that before it where torch was set."""

    number: int
    before: int | None = None


_entered: list[_Threads] = []
_cores: int | None = None  # for batches side by side; None: all that this process may use


class HasThreads(Protocol):
    """Settings of a run that computes on a stated number of threads."""

    @property
    def threads(self) -> int:
        """Threads of torch."""


S = TypeVar("S", bound=HasThreads)


def tune_for_training() -> None:
    """Set the allocator up for training on a CPU; see `tune_allocator`."""
    tune_allocator()


def tune_for_video(cores: int | None = None) -> None:
    """Set the process up to annotate videos with `cores` cores (None: all that it may use)."""
    import cv2  # not needed by the workers of a cross-validation, which start often

    tune_allocator(one_arena=True)
    use_cores(max(1, (cores or available_cores()) - 1))  # one core reads the video and detects faces
    cv2.setNumThreads(
        1
    )  # OpenCV's threads wait actively: they take more time from the decoder than they save in the detector


def tune_worker(threads: int = 1) -> None:
    """Set a worker process up that computes one unit of work on one core, or on as many as it has threads."""
    import torch

    torch.set_num_threads(threads)
    use_cores(threads)
    tune_allocator()


def use_cores(number: int) -> None:
    """How many batches are computed side by side from now on; no result depends on it."""
    global _cores
    _cores = number


def usable_cores() -> int:
    """How many batches to compute side by side."""
    return _cores or available_cores()


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
    """Compute on so many threads in the context; the number before is restored. Also a decorator: `@torch_threads(1)`.

    Where torch is not imported yet it is not imported here: what imports it in the context calls `set_threads_of_torch`.
    """
    entry = _Threads(number)
    _entered.append(entry)
    set_threads_of_torch()
    try:
        yield
    finally:
        _entered.remove(entry)
        if entry.before is not None:
            _torch().set_num_threads(entry.before)


def set_threads_of_torch() -> None:
    """Set torch, once it is imported, to the number of threads of the contexts of `torch_threads` that this is called in."""
    for entry in _entered:
        if entry.before is None and _torch() is not None:
            entry.before = _torch().get_num_threads()
            _torch().set_num_threads(entry.number)


def _torch() -> Any:
    """The module, or None where nothing has imported it: a video of an included model needs none of it."""
    return sys.modules.get("torch")


def threads_beside(number: int) -> ThreadPoolExecutor:
    """A pool of so many threads of Python, each of which computes on as many threads of torch as this one: new ones may compute on all cores."""
    if _torch() is None:
        return ThreadPoolExecutor(number)
    return ThreadPoolExecutor(number, initializer=_torch().set_num_threads, initargs=(_torch().get_num_threads(),))


def on_recorded_threads(function: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Decorator of a function whose first argument is the settings of a run: it computes on the threads that they state."""

    @functools.wraps(function)
    def call(settings: S, /, *args: P.args, **values: P.kwargs) -> R:
        with torch_threads(settings.threads):
            return function(settings, *args, **values)

    return call
