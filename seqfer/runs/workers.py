"""Runs independent units of work in parallel: one process per core with one thread each, the fastest division for small networks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from seqfer.core.errors import SeqferError, SettingsError, TrainingError
from seqfer.runs.folder import available_cores
from seqfer.runs.process_tuning import torch_threads, tune_worker
from seqfer.runs.progress import OnProgress, Progress, ProgressBar

Work = Callable[[Any, Any, OnProgress], str]
OnKilled = Callable[[Any], str]
PATIENCE_S = 3.0  # how long to wait for an ended worker or for the last messages
_messages: Any = None  # the queue to the parent, set once in each worker process


def check_jobs(jobs: int) -> None:
    """Raises SettingsError for a negative number of jobs."""
    if jobs < 0:
        raise SettingsError(f"jobs = {jobs}; allowed: 0 (one per core) or more")


@dataclass(frozen=True)
class Workers:
    """How worker processes begin, and what follows when a unit has killed two of them.

    `tune` is called at the start of each and must be picklable; `on_killed` is called with the unit and returns its line for the screen.
    """

    tune: Callable[[], None] = tune_worker
    on_killed: OnKilled | None = None


def run_units(
    work: Work,
    plan: Any,
    units: Sequence[Any],
    *,
    jobs: int = 0,
    what: str = "units",
    quiet: bool = False,
    workers: Workers | None = None,
) -> None:
    """`work(plan, unit, on_progress)` for every unit, `jobs` at a time (0: one per core), with progress on screen.

    The first error, and Ctrl-C, end the run at once: units that have not started are cancelled, running units are ended, finished results
    are kept, and the error is raised here. Results do not depend on `jobs`: every unit computes on one thread, unless `workers` begin
    otherwise; with these and one job this process stays as it is. A unit whose worker is killed is tried once more. Raises SettingsError for
    negative `jobs`, TrainingError when a unit has killed two workers and `workers` have no `on_killed`, a SeqferError of a unit as it is; any
    other error of a unit in a worker process becomes a RuntimeError that holds its traceback.
    """
    check_jobs(jobs)
    jobs = min(jobs or available_cores(), len(units))
    with ProgressBar(len(units), what, quiet) as bar:
        if jobs <= 1:
            with torch_threads(1) if workers is None else nullcontext():
                for unit in units:
                    bar.step(work(plan, unit, partial(_show, bar)))
        else:
            begin = workers or Workers()
            slots = [_Slot(bar, begin.tune) for _ in range(jobs)]
            whole = False
            try:
                _in_processes(work, plan, units, slots, bar, begin.on_killed or _killed)
                whole = True
            finally:
                for slot in slots:
                    slot.end(at_once=not whole)


def _show(bar: ProgressBar, progress: Progress) -> None:
    """A message of a unit; the bar counts the unit as one step once it is finished."""
    bar.note(progress.message)


class _Slot:
    """One worker process with its own queue of messages. A worker that is killed harms no other, and is replaced by a new one."""

    def __init__(self, bar: ProgressBar, tune: Callable[[], None]) -> None:
        self._bar, self._tune = bar, tune
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")  # fork would copy torch's thread pool in an undefined state
        self._messages = context.Queue()
        self._listener = threading.Thread(target=_listen, args=(self._messages, self._bar), daemon=True)
        self._listener.start()
        given = (self._messages, os.getpid(), self._tune)
        self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_begin_worker, initargs=given)

    def submit(self, work: Work, plan: Any, unit: Any) -> Future[str]:
        """Begin a unit of work."""
        with _interrupts_held_back():
            return self._pool.submit(_call, work, plan, unit)

    def renew(self) -> None:
        """A new worker in place of one that was killed."""
        self.end(at_once=True)
        self._begin()

    def end(self, at_once: bool = False) -> None:
        """End the worker, `at_once` also within a unit of work."""
        if at_once:
            _end_workers(self._pool)
        else:
            self._pool.shutdown()
        _end_messages(self._messages, self._listener)


def _in_processes(
    work: Work, plan: Any, units: Sequence[Any], slots: Sequence[_Slot], bar: ProgressBar, on_killed: OnKilled
) -> None:
    """A unit whose worker is killed is tried once more, after the others; `on_killed` says what follows a second time."""
    waiting, idle, kills = deque(range(len(units))), list(slots), Counter[int]()
    running: dict[Future[str], tuple[_Slot, int]] = {}
    while waiting or running:
        while waiting and idle:
            slot, number = idle.pop(), waiting.popleft()
            running[slot.submit(work, plan, units[number])] = slot, number
        done = sorted(wait(running, return_when=FIRST_COMPLETED).done, key=lambda future: running[future][1])
        _raise_first([future for future in done if not isinstance(future.exception(), BrokenProcessPool)])
        for future in done:
            slot, number = running.pop(future)
            idle.append(slot)
            if not future.exception():
                bar.step(future.result())
            elif kills[number]:
                slot.renew()
                bar.step(on_killed(units[number]))
            else:
                slot.renew()
                kills[number] += 1
                waiting.append(number)


def _raise_first(futures: Sequence[Future[str]]) -> None:
    """Raise the error of the first unit that failed, if any did. A unit's own error says more than that its process ended."""
    errors = [error for future in futures if future.done() and (error := future.exception())]
    for error in sorted(errors, key=lambda e: isinstance(e, BrokenProcessPool)):
        if isinstance(error, SeqferError):
            raise error
        raise error from None  # its text has the worker's traceback; a cause would print it a second time


def _killed(unit: Any) -> str:
    raise TrainingError(
        "a worker process was killed (out of memory?); run again with --resume, and --jobs 1 if memory is short"
    )


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
