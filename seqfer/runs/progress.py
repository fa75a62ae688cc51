"""Shows progress on stderr: a bar on a terminal, one line per finished step in a log file."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

LOG_EVERY_S = 10.0


class ProgressBar:
    """A progress bar over a known number of steps; `note` shows a message between two steps. Writes to stderr only."""

    def __init__(self, total: int, what: str) -> None:
        self.what, self.total, self.done, self.started = what, total, 0, time.monotonic()
        self._said = self.started
        self._bar = (
            tqdm(total=total, desc=what, unit="step", leave=True, dynamic_ncols=True) if sys.stderr.isatty() else None
        )

    def note(self, message: str) -> None:
        """Show a temporary message (terminal only)."""
        if self._bar is not None:
            self._bar.set_postfix_str(message, refresh=True)

    def step(self, message: str) -> None:
        """One step is finished."""
        self.done += 1
        if self._bar is not None:
            self._bar.update()
            self._bar.set_postfix_str(message)
        else:
            print(
                f"{self.what} {self.done}/{self.total} ({time.monotonic() - self.started:.0f} s): {message}",
                file=sys.stderr,
                flush=True,
            )

    def advance(self, done: int, message: str) -> None:
        """Set the number of finished steps, where there are many short ones: a log file gets a line every ten seconds at most."""
        if self._bar is not None:
            self._bar.update(done - self.done)
            self._bar.set_postfix_str(message)
        elif time.monotonic() - self._said >= LOG_EVERY_S:
            self._said = time.monotonic()
            total = f"/{self.total}" if self.total else ""
            print(
                f"{self.what} {done}{total} ({self._said - self.started:.0f} s): {message}", file=sys.stderr, flush=True
            )
        self.done = done

    def close(self) -> None:
        """End the bar and start a new line."""
        if self._bar is not None:
            self._bar.close()
