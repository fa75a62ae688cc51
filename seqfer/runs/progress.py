"""Shows progress: a bar in a terminal and in a notebook, else messages of the logger `seqfer`, one per finished step."""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tqdm import TqdmWarning, tqdm

from seqfer.core.one_line import one_line

logger = logging.getLogger("seqfer")
LOG_EVERY_S = 10.0


@dataclass(frozen=True)
class Progress:
    """A message of a long computation. `finished` says that it ends a step that the bar counts, such as an epoch."""

    message: str
    finished: bool = False


OnProgress = Callable[[Progress], None]


def no_progress(progress: Progress) -> None:
    """Ignores it: the default of computations that report progress."""


def within(on_progress: OnProgress, where: str) -> OnProgress:
    """For a part of a step: its messages begin with `where`, and none of them finishes the step."""
    return lambda progress: on_progress(Progress(f"{where}{progress.message}"))


class ProgressBar:
    """A progress bar over a known number of steps; `note` shows a message between two steps. Shows nothing with `quiet`.

    As a context manager it closes itself, after an error too.
    """

    def __init__(self, total: int, what: str, quiet: bool = False) -> None:
        self.what, self.total, self.done, self.started = what, total, 0, time.monotonic()
        self.quiet, self._said = quiet, self.started
        self._bar = None if quiet else _bar(total, one_line(what))

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def show(self, progress: Progress) -> None:
        """A finished step, or a message between steps."""
        (self.step if progress.finished else self.note)(progress.message)

    def note(self, message: str) -> None:
        """Show a temporary message (only where there is a bar)."""
        if self._bar is not None:
            self._bar.set_postfix_str(one_line(message), refresh=True)

    def step(self, message: str) -> None:
        """One step is finished."""
        self.done += 1
        if self._bar is not None:
            self._bar.update()
            self._bar.set_postfix_str(one_line(message))
        else:
            self._log(f"{self.done}/{self.total}", time.monotonic(), message)

    def advance(self, done: int, message: str) -> None:
        """Set the number of finished steps, where there are many short ones: a log file gets a line every ten seconds at most."""
        if self._bar is not None:
            self._bar.set_postfix_str(one_line(message), refresh=False)
            self._bar.update(done - self.done)  # which draws a few times per second at most
        elif time.monotonic() - self._said >= LOG_EVERY_S:
            self._said = time.monotonic()
            self._log(f"{done}/{self.total}" if self.total else f"{done}", self._said, message)
        self.done = done

    def close(self) -> None:
        """End the bar and start a new line."""
        if self._bar is not None:
            self._bar.close()

    def _log(self, count: str, now: float, message: str) -> None:
        if not self.quiet:
            logger.info(one_line(f"{self.what} {count} ({now - self.started:.0f} s): {message}"))


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython else None
    return shell is not None and "IPKernelApp" in shell.config


def _bar(total: int, what: str) -> Any:
    """A bar of tqdm; None where nobody watches."""
    kind: Any = tqdm
    if in_notebook():
        with warnings.catch_warnings():  # without ipywidgets it is a bar of text, which is enough
            warnings.simplefilter("ignore", TqdmWarning)
            from tqdm.auto import tqdm as for_notebooks
        kind = for_notebooks
    elif not sys.stderr.isatty():
        return None
    return kind(total=total, desc=what, unit="step", leave=True, dynamic_ncols=True)
