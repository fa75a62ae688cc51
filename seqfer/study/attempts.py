"""A rater's attempts at a video: which there are, how far they came, and which one counts.

Below the folder of results: `logs/VIDEO/RATER/attempt-1.csv` and `.events.jsonl`. An attempt is begun, perhaps continued, and finished. The
finished one that was begun last counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from seqfer.study.rating_log import read_events, read_samples

LOGS = "logs"
STARTED, CONTINUED, FINISHED = "started", "continued", "finished"
_NAME = re.compile(r"attempt-(\d+)\.csv")


@dataclass(frozen=True)
class Attempt:
    """One attempt: its number from 1, its log, whether the video was rated to its end, and the time of the last sample in seconds (0 without any)."""

    number: int
    path: Path
    finished: bool
    last_s: float


def attempts_of(out: Path, video: str, rater: str) -> list[Attempt]:
    """All attempts of a rater at a video, oldest first. Raises InputError for damaged logs."""
    folder = _folder(out, video, rater)
    numbered = [(int(name[1]), file) for file in folder.glob("attempt-*.csv") if (name := _NAME.fullmatch(file.name))]
    return [_attempt(number, file) for number, file in sorted(numbered)]


def counted_attempt(out: Path, video: str, rater: str) -> Attempt | None:
    """The attempt whose ratings count: the last finished one; None where there is none."""
    return last_finished(attempts_of(out, video, rater))


def open_attempt(out: Path, video: str, rater: str) -> Attempt | None:
    """The last attempt, if it has not been finished and has samples: the one that can be continued."""
    return last_unfinished(attempts_of(out, video, rater))


def last_finished(attempts: list[Attempt]) -> Attempt | None:
    """As `counted_attempt`, of attempts that are read already."""
    return next((attempt for attempt in reversed(attempts) if attempt.finished), None)


def last_unfinished(attempts: list[Attempt]) -> Attempt | None:
    """As `open_attempt`, of attempts that are read already."""
    last = attempts[-1] if attempts else None
    return last if last and not last.finished and last.last_s > 0 else None


def next_path(out: Path, video: str, rater: str) -> tuple[int, Path]:
    """The number and the log of a new attempt."""
    found = attempts_of(out, video, rater)
    number = found[-1].number + 1 if found else 1
    return number, _folder(out, video, rater) / f"attempt-{number}.csv"


def rated(out: Path) -> dict[str, tuple[str, ...]]:
    """The names of all raters with logs, by video."""
    folders = sorted(path for path in (out / LOGS).glob("*") if path.is_dir())
    return {folder.name: tuple(sorted(path.name for path in folder.iterdir() if path.is_dir())) for folder in folders}


def _folder(out: Path, video: str, rater: str) -> Path:
    return out / LOGS / video / rater


def _attempt(number: int, path: Path) -> Attempt:
    _, times, _ = read_samples(path)
    finished = any(event["event"] == FINISHED for event in read_events(path))
    return Attempt(number, path, finished, float(times[-1]) if len(times) else 0.0)
