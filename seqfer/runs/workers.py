"""Runs independent units of work in parallel: one process per core with one thread each, the fastest division for small networks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

from seqfer.core.errors import SeqferError, SettingsError, TrainingError
from seqfer.runs.folder import available_cores
from seqfer.runs.process_tuning import torch_threads, tune_worker
from seqfer.runs.progress import OnProgress, Progress, ProgressBar

Work = Callable[[Any, Any, OnProgress], str]
PATIENCE_S = 3.0  # how long to wait for an ended worker or for the last messages
_messages: Any = None  # the queue to the parent, set once in each worker process


def check_jobs(jobs: int) -> None:
    """Raises SettingsError for a negative number of jobs."""
    if jobs < 0:
        raise SettingsError(f"jobs = {jobs}; allowed: 0 (one per core) or more")


def run_units(
    work: Work,
    plan: Any,
    units: Sequence[Any],
    *,
    jobs: int = 0,
    what: str = "units",
    quiet: bool = False,
    tune: Callable[[], None] | None = None,
) -> None:
    """`work(plan, unit, on_progress)` for every unit, `jobs` at a time (0: one per core), with progress on screen.

    The first error, and Ctrl-C, end the run at once: units that have not started are cancelled, running units are ended, finished results
    are kept, and the error is raised here. Results do not depend on `jobs`: every unit computes on one thread. `tune`, where given, is called at
    the start of each worker process in place of that, and must be picklable; with one job this process stays as it is. Raises SettingsError for
    negative `jobs`, TrainingError when a worker was killed, a SeqferError of a unit as it is; any other error of a unit in a worker process
    becomes a RuntimeError that holds its traceback.
    """
    check_jobs(jobs)
    jobs = min(jobs or available_cores(), len(units))
    with ProgressBar(len(units), what, quiet) as bar:
        if jobs <= 1:
            with torch_threads(1) if tune is None else nullcontext():
                for unit in units:
                    bar.step(work(plan, unit, partial(_show, bar)))
        else:
            _in_processes(work, plan, units, jobs, bar, tune or tune_worker)


def _show(bar: ProgressBar, progress: Progress) -> None:
    """A message of a unit; the bar counts the unit as one step once it is finished."""
    bar.note(progress.message)


def _in_processes(
    work: Work, plan: Any, units: Sequence[Any], jobs: int, bar: ProgressBar, tune: Callable[[], None]
) -> None:
    context = multiprocessing.get_context("spawn")  # fork would copy torch's thread pool in an undefined state
    messages = context.Queue()
    listener = threading.Thread(target=_listen, args=(messages, bar), daemon=True)
    listener.start()
    pool = ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_begin_worker, initargs=(messages, os.getpid(), tune)
    )
    try:
        with _interrupts_held_back():
            futures = [pool.submit(_call, work, plan, unit) for unit in units]
        for future in futures:
            future.add_done_callback(lambda f: _step(bar, f))
        wait(futures, return_when=FIRST_EXCEPTION)
        _raise_first(futures)
        pool.shutdown()
    except BaseException as error:
        _end_workers(pool)
        if isinstance(error, BrokenProcessPool):
            raise TrainingError(
                "a worker process was killed (out of memory?); run again with --resume, and --jobs 1 if memory is short"
            ) from None
        raise
    finally:
        _end_messages(messages, listener)


def _step(bar: ProgressBar, future: Future[str]) -> None:
    if not future.cancelled() and not future.exception():
        bar.step(future.result())


def _raise_first(futures: Sequence[Future[str]]) -> None:
    """Raise the error of the first unit that failed, if any did. A unit's own error says more than BrokenProcessPool, which every unit then has."""
    errors = [error for future in futures if future.done() and (error := future.exception())]
    for error in sorted(errors, key=lambda e: isinstance(e, BrokenProcessPool)):
        if isinstance(error, SeqferError):
            raise error
        raise error from None  # its text has the worker's traceback; a cause would print it a second time


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Processes started in this context have SIGINT blocked: Ctrl-C reaches the whole process group, and only the parent must react."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_workers(pool: ProcessPoolExecutor) -> None:
    """Cancel pending units and end running ones at once; files are written atomically, so none is left incomplete."""
    # Before Python 3.14 (terminate_workers) the pool has no public method for this; shutdown drops its list of processes.
    workers = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(PATIENCE_S)
        if worker.is_alive():
            worker.kill()


def _end_messages(messages: Any, listener: threading.Thread) -> None:
    """Let the listener show the last messages and end, with a time limit: a worker killed while sending one never releases the queue's lock."""
    messages.put(None)
    listener.join(PATIENCE_S)
    messages.cancel_join_thread()
    if not listener.is_alive():
        messages.close()


def _listen(messages: Any, bar: ProgressBar) -> None:
    while True:
        try:
            progress = messages.get()
        except Exception:  # an incomplete message of a killed worker: unpickling may raise anything, and none follows
            return
        if progress is None:
            return
        _show(bar, progress)


def _begin_worker(messages: Any, parent: int, tune: Callable[[], None]) -> None:
    global _messages
    _messages = messages
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tune()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this worker when its parent has ended: after a kill -9 nothing else ends it, and it would continue to write into the run folder."""
    stop = threading.Event()
    while not stop.wait(1.0):
        if os.getppid() != parent:
            os._exit(1)


def _call(work: Work, plan: Any, unit: Any) -> str:
    try:
        return work(plan, unit, _messages.put)
    except SeqferError:
        raise
    except Exception as error:  # as text, because not every exception can be pickled for the parent
        raise RuntimeError("in a worker process:\n" + "".join(traceback.format_exception(error))) from None
