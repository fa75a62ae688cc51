"""Units of work for tests/test_pool.py, in a module of their own because worker processes import them by name.

As a script (`pool_units.py FOLDER`): two units that never end, each with its process id in a file of the folder.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.runs.progress import OnProgress, Progress


class TwoArgumentsError(Exception):
    """Cannot be unpickled: its pickle holds one argument, its constructor needs two."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def square(folder: Path, unit: int, on_progress: OnProgress) -> str:
    on_progress(Progress(f"squaring {unit}"))
    (folder / f"{unit}.txt").write_text(f"{unit * unit} {os.getpid()}")
    return f"{unit} done"


def refuse(folder: Path, unit: int, on_progress: OnProgress) -> str:
    raise InputError(f"unit {unit} is no good")


def raise_two_arguments(folder: Path, unit: int, on_progress: OnProgress) -> str:
    raise TwoArgumentsError("salt", "pepper")


def fail_second(folder: Path, unit: int, on_progress: OnProgress) -> str:
    """Unit 0 never ends, unit 1 fails, the others are quick."""
    return (hold, raise_two_arguments, square)[min(unit, 2)](folder, unit, on_progress)


def die(folder: Path, unit: int, on_progress: OnProgress) -> str:
    os._exit(9)


def die_on_two(folder: Path, unit: int, on_progress: OnProgress) -> str:
    """Unit 2 kills its worker every time, unit 3 the first time; all others are squared."""
    with open(folder / f"{unit}.tries", "a") as tries:
        tries.write("x")
    if unit == 2 or (unit == 3 and (folder / "3.tries").read_text() == "x"):
        os._exit(9)
    return square(folder, unit, on_progress)


def hold(folder: Path, unit: int, on_progress: OnProgress) -> str:
    """Say who is at work, then stay at it."""
    (folder / f"{unit}.tmp").write_text(str(os.getpid()))
    (folder / f"{unit}.tmp").rename(folder / f"{unit}.pid")
    time.sleep(600)
    return "never"


if __name__ == "__main__":
    from seqfer.runs.workers import run_units

    run_units(hold, Path(sys.argv[1]), (0, 1), jobs=2, quiet=True)
