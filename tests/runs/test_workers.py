"""The pool: every unit once, the first error is the one raised, and no worker outlives its parent."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pool_units
import pytest

from seqfer.cli import messages_on_stderr
from seqfer.core.errors import InputError, SettingsError, TrainingError
from seqfer.runs import workers
from seqfer.runs.workers import Workers, run_units

posix = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture(autouse=True)
def _shown_messages():
    with messages_on_stderr():
        yield


def running(pid: int) -> bool:
    """Whether a process is at work; one that has ended and waits to be collected is not."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            return stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


def pids(folder: Path) -> list[int]:
    return [int(file.read_text()) for file in sorted(folder.glob("*.pid"))]


def test_inline_units_run_in_order(tmp_path, capsys):
    run_units(pool_units.square, tmp_path, (3, 1, 2), jobs=1, what="squares")
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("): ")[2] for line in lines] == ["3 done", "1 done", "2 done"]
    assert lines[2].startswith("squares 3/3")
    assert {(tmp_path / f"{n}.txt").read_text() for n in (1, 2, 3)} == {f"{n * n} {os.getpid()}" for n in (1, 2, 3)}


def test_two_processes_do_every_unit_once(tmp_path, capsys):
    run_units(pool_units.square, tmp_path, (3, 1, 2, 4), jobs=2)
    lines = capsys.readouterr().err.splitlines()
    assert sorted(line.partition("): ")[2] for line in lines) == ["1 done", "2 done", "3 done", "4 done"]
    found = {n: (tmp_path / f"{n}.txt").read_text().split() for n in (1, 2, 3, 4)}
    assert {n: int(square) for n, (square, _) in found.items()} == {1: 1, 2: 4, 3: 9, 4: 16}
    assert str(os.getpid()) not in {pid for _, pid in found.values()}


def test_no_units_is_no_work(tmp_path):
    run_units(pool_units.die, tmp_path, (), quiet=True)


@pytest.mark.parametrize("jobs", [-1, -3])
def test_negative_jobs_are_refused(tmp_path, jobs):
    with pytest.raises(SettingsError, match=rf"^jobs = {jobs}; allowed: 0 \(one per core\) or more$"):
        run_units(pool_units.square, tmp_path, (1,), jobs=jobs)
    assert list(tmp_path.iterdir()) == []


def test_inline_the_first_error_ends_the_run(tmp_path):
    with pytest.raises(pool_units.TwoArgumentsError, match="salt and pepper"):
        run_units(pool_units.raise_two_arguments, tmp_path, (0, 1), jobs=1, quiet=True)


def test_the_first_error_ends_the_run_at_once(tmp_path):
    started = time.monotonic()
    with pytest.raises(RuntimeError) as caught:
        run_units(pool_units.fail_second, tmp_path, range(100), jobs=2, quiet=True)
    assert time.monotonic() - started < 60  # unit 0 would hold for ten minutes
    assert not (tmp_path / "99.txt").exists()
    assert not any(running(pid) for pid in pids(tmp_path))
    for words in ("TwoArgumentsError: salt and pepper", "pool_units.py", "raise_two_arguments"):
        assert words in str(caught.value)


def test_in_a_worker_only_errors_of_the_input_keep_their_type(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_messages", queue.Queue())
    with pytest.raises(InputError, match=r"^unit 1 is no good$"):
        workers._call(pool_units.refuse, tmp_path, 1)
    with pytest.raises(RuntimeError, match="salt and pepper") as caught:
        workers._call(pool_units.raise_two_arguments, tmp_path, 1)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_the_first_units_own_error_is_raised():
    futures = [Future() for _ in range(4)]
    futures[0].set_exception(BrokenProcessPool())  # a broken pool fails every unit that was not finished
    futures[2].set_exception(InputError("unit 2"))
    futures[3].set_exception(InputError("unit 3"))
    with pytest.raises(InputError, match="unit 2"):
        workers._raise_first(futures)
    with pytest.raises(BrokenProcessPool):
        workers._raise_first(futures[:2])
    workers._raise_first(futures[1:2])


def test_a_killed_worker_is_one_line(tmp_path):
    with pytest.raises(TrainingError, match=r"a worker process was killed.*--resume") as caught:
        run_units(pool_units.die, tmp_path, (0, 1, 2), jobs=2, quiet=True)
    assert "\n" not in str(caught.value)


def test_messages_end_though_the_queue_stays_locked(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE_S", 0.2)
    messages = workers.multiprocessing.get_context("spawn").Queue()
    listener = threading.Thread(
        target=workers._listen, args=(messages, workers.ProgressBar(1, "units", quiet=True)), daemon=True
    )
    listener.start()
    with messages._wlock:  # as a worker leaves it that is killed while it writes
        started = time.monotonic()
        workers._end_messages(messages, listener)
        assert time.monotonic() - started < 2
        assert listener.is_alive()
    assert until(lambda: not listener.is_alive(), 5)


@posix
def test_ctrl_c_is_for_the_parent_which_ends_its_workers(tmp_path):
    seen = []

    def press() -> None:
        until(lambda: len(pids(tmp_path)) == 2, 60)
        for pid in pids(tmp_path):
            os.kill(pid, signal.SIGINT)
        time.sleep(0.5)
        seen.extend(pid for pid in pids(tmp_path) if running(pid))
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    finger = threading.Thread(target=press, daemon=True)
    finger.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run_units(pool_units.hold, tmp_path, range(6), jobs=2, quiet=True)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(seen) == 2  # the signal did not reach the workers
    assert until(lambda: not any(running(pid) for pid in seen), 2)
    assert len(pids(tmp_path)) == 2  # and none of the pending units was begun


@posix
def test_workers_end_when_the_parent_is_killed(tmp_path):
    process = subprocess.Popen([sys.executable, pool_units.__file__, str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: len(pids(tmp_path)) == 2, 60)
        workers = pids(tmp_path)
        assert all(running(pid) for pid in workers)
    finally:
        process.kill()
        process.wait()
    assert until(lambda: not any(running(pid) for pid in workers), 5)


@pytest.mark.parametrize("jobs", [2, 3])
def test_a_killed_worker_costs_only_its_own_unit_and_one_more_try(tmp_path, jobs):
    """One `os._exit` ends a worker; the unit is tried once more, in a new worker, and left the second time. No other unit is tried twice."""
    left = []

    def killed(unit):
        left.append(unit)
        return f"{unit} left"

    run_units(pool_units.die_on_two, tmp_path, range(8), jobs=jobs, quiet=True, workers=Workers(on_killed=killed))
    assert left == [2]
    made = {int(file.stem) for file in tmp_path.glob("*.txt")}
    assert made == {0, 1, 3, 4, 5, 6, 7}
    tries = {unit: (tmp_path / f"{unit}.tries").read_text() for unit in range(8)}
    assert tries == {unit: "xx" if unit in (2, 3) else "x" for unit in range(8)}


def test_a_unit_that_is_killed_twice_ends_a_run_that_needs_all(tmp_path):
    with pytest.raises(TrainingError, match="a worker process was killed"):
        run_units(pool_units.die_on_two, tmp_path, (2, 4), jobs=2, quiet=True)
    assert (tmp_path / "2.tries").read_text() == "xx"
