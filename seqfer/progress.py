"""Progress on screen: a bar where somebody watches a terminal, a plain line per finished step in a log file."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm


class ProgressBar:
    """Counts finished steps of a known number; `note` shows what is going on between them. Writes to stderr only."""

    def __init__(self, total: int, what: str) -> None:
        self.what, self.total, self.done, self.started = what, total, 0, time.monotonic()
        self._bar = (
            tqdm(total=total, desc=what, unit="step", leave=True, dynamic_ncols=True) if sys.stderr.isatty() else None
        )

    def note(self, message: str) -> None:
        """Show a passing message (terminal only)."""
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

    def close(self) -> None:
        """Leave the bar as it is and go to the next line."""
        if self._bar is not None:
            self._bar.close()
