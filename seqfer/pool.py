"""Independent pieces of training on all cores: one process per core with one thread each, which small nets use best."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

import torch

from seqfer.device import tune_allocator
from seqfer.errors import TrainingError
from seqfer.progress import ProgressBar
from seqfer.runfolder import available_cores

Note = Callable[[str], None]
Work = Callable[[Any, Any, Note], str]
_notes: Any = None  # the queue to the parent, set once in each worker process


def run_units(
    work: Work, plan: Any, units: Sequence[Any], *, jobs: int = 0, what: str = "units", quiet: bool = False
) -> None:
    """`work(plan, unit, note)` for every unit, `jobs` at a time (0: one per core), with progress on screen.

    The first error ends the run: units not begun are dropped, the error is raised here. Results do not depend on `jobs`: every unit
    computes on one thread.
    """
    jobs = min(jobs or available_cores(), len(units))
    bar = None if quiet else ProgressBar(len(units), what)
    try:
        if jobs == 1:
            with _one_thread():
                for unit in units:
                    line = work(plan, unit, bar.note if bar else lambda message: None)
                    if bar:
                        bar.step(line)
        else:
            _in_processes(work, plan, units, jobs, bar)
    finally:
        if bar:
            bar.close()


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _in_processes(work: Work, plan: Any, units: Sequence[Any], jobs: int, bar: ProgressBar | None) -> None:
    context = multiprocessing.get_context("spawn")  # fork would copy torch's thread pool in an undefined state
    notes = context.Queue()
    listener = threading.Thread(target=_listen, args=(notes, bar), daemon=True)
    listener.start()
    with ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_begin_worker, initargs=(notes, os.getpid())
    ) as pool:
        futures = [pool.submit(_call, work, plan, unit) for unit in units]
        for future in futures:
            future.add_done_callback(
                lambda f: bar.step(f.result()) if bar and not f.cancelled() and not f.exception() else None
            )
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        failed = next((f.exception() for f in done if f.exception()), None)
        if failed:
            pool.shutdown(cancel_futures=True)
    notes.put(None)
    listener.join()
    if isinstance(failed, BrokenProcessPool):
        raise TrainingError(
            "a worker process was killed (out of memory?); run again with --resume, and --jobs 1 if memory is short"
        ) from None
    if failed:
        raise failed


def _listen(notes: Any, bar: ProgressBar | None) -> None:
    while (message := notes.get()) is not None:
        if bar:
            bar.note(message)


def _begin_worker(notes: Any, parent: int) -> None:
    global _notes
    _notes = notes
    torch.set_num_threads(1)
    tune_allocator()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this worker when its parent is gone: after a kill -9 nobody else would, and it would go on writing into the run folder."""
    stop = threading.Event()
    while not stop.wait(1.0):
        if os.getppid() != parent:
            os._exit(1)


def _call(work: Work, plan: Any, unit: Any) -> str:
    return work(plan, unit, _notes.put)
