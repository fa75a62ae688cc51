"""What the server of ratings knows while it runs: who is rating now, how far each rater is, and the open logs."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqfer.core.errors import InputError
from seqfer.core.files import write_json
from seqfer.core.input_files import read_json
from seqfer.study.attempts import CONTINUED, FINISHED, STARTED, attempts_of, last_finished, last_unfinished, next_path
from seqfer.study.ordering import ordered
from seqfer.study.plan import RatedVideo, RatingPlan, rater_file_name
from seqfer.study.rating_files import RatedBy, write_ratings
from seqfer.study.rating_log import RatingLog
from seqfer.web.playable import Playable, check_playable

RATERS_JSON = "raters.json"
SYNC_S = 1.0
MOST_ROWS = 5000  # in one message
SLACK_S = 2.0  # a container's length may be a little short


@dataclass
class OpenRating:
    """One rater rating one video: the log, and what must be right about the rows that come."""

    rater: str
    video: RatedVideo
    number: int
    log: RatingLog
    plan: RatingPlan
    playable: Playable
    lock: threading.Lock = field(default_factory=threading.Lock)

    def append(self, rows: Any) -> None:
        """Write samples. Raises InputError for rows that are no samples of this video, and where the disk refuses."""
        axes, longest = len(self.plan.settings.axes), self.playable.length_s + SLACK_S
        bounded = self.plan.settings.mode == "bounded"
        if not isinstance(rows, list) or len(rows) > MOST_ROWS:
            raise InputError(f"samples must be a list of at most {MOST_ROWS} rows")
        for row in rows:
            numbers = isinstance(row, list) and len(row) == 1 + axes and all(_is_finite(value) for value in row)
            if not numbers or row[0] < 0 or row[0] > longest or (bounded and any(abs(v) > 1 for v in row[1:])):
                raise InputError(f"not a sample: {str(row)[:60]!r}; expected a time of the video and {axes} values")
        with self.lock:
            self.log.append(rows)

    def event(self, name: Any, time_s: Any, detail: Any) -> None:
        """Write an event. Raises InputError where it is none, and where the disk refuses."""
        if not isinstance(name, str) or not name.isidentifier() or len(name) > 40 or not _is_finite(time_s):
            raise InputError("not an event: expected a name and a time of the video")
        with self.lock:
            self.log.event(name, float(time_s), **({"detail": str(detail)[:500]} if detail else {}))

    def sync(self) -> None:
        """Have the disk keep everything; runs in a thread of its own while more is written."""
        self.log.sync()

    def finish(self, dropped: Any) -> list[Path]:
        """Close the log of a video that was rated to its end, and write its files."""
        with self.lock:
            self.log.event(
                FINISHED, self.playable.length_s, missing_samples=dropped if isinstance(dropped, int) else -1
            )
            self.log.sync()
        by = RatedBy(self.video.name, self.video.path.name, self.playable.length_s, self.rater)
        return write_ratings(self.log.path, by, self.plan.settings, self.plan.out)


class RatingDesk:
    """The state of one server of ratings. Made once the videos are known to play: raises InputError for one that does not."""

    def __init__(self, plan: RatingPlan) -> None:
        self.plan = plan
        self.playable = {video.name: check_playable(video.path) for video in plan.videos}
        practice = plan.settings.practice
        self.practice = check_playable(Path(practice)) if practice else None
        self._busy: dict[str, OpenRating] = {}
        self._order = _known_raters(plan)

    def rater(self, name: str) -> str:
        """The rater's name as it is stored. Raises InputError for one that cannot be, or that is not among the plan's."""
        found = rater_file_name(name)
        same = next((known for known in self._order if known.casefold() == found.casefold()), found)
        if self.plan.raters and same not in self.plan.raters:
            raise InputError(f"{found!r} is not a rater of this study; allowed: {', '.join(self.plan.raters)}")
        if same not in self._order:
            self._order.append(same)
            write_json(self.plan.out / RATERS_JSON, self._order)
        return same

    def is_busy(self, rater: str) -> bool:
        """Whether this rater is rating now, in some page."""
        return rater in self._busy

    def videos(self, rater: str) -> list[dict[str, Any]]:
        """The videos in this rater's order, each with `name`, `length_s`, `frame_rate_hz`, `done`, and `resume_s`, where it can be continued."""
        settings = self.plan.settings
        found = []
        for video in ordered(self.plan.videos, settings.order, self._order.index(rater), settings.seed):
            attempts = attempts_of(self.plan.out, video.name, rater)
            unfinished = last_unfinished(attempts)
            about = self.playable[video.name]
            found.append(
                {
                    "name": video.name,
                    "length_s": None if math.isnan(about.length_s) else about.length_s,
                    "frame_rate_hz": about.frame_rate_hz,
                    "done": last_finished(attempts) is not None,
                    "resume_s": unfinished.last_s if unfinished else None,
                }
            )
        return found

    def has_finished(self, rater: str, video: str, number: int) -> bool:
        """Whether this attempt was finished: a page that lost its connection may not have heard it."""
        return any(one.number == number and one.finished for one in attempts_of(self.plan.out, video, rater))

    def open(self, rater: str, video: str, resume: bool, number: int = 0) -> OpenRating:
        """Begin an attempt, continue the attempt `number` of this page, or with `resume` the last one if it is not finished.

        Raises InputError where the rater is rating in another page, for an unknown video, and where the disk refuses.
        """
        if rater in self._busy:
            raise InputError(f"{rater} is rating in another window; close it, or use another name")
        chosen, out = self.plan.video(video), self.plan.out
        attempts = attempts_of(out, video, rater)
        mine = [one for one in attempts if one.number == number and not one.finished]
        unfinished = mine[0] if mine else last_unfinished(attempts) if resume else None
        number, path = (unfinished.number, unfinished.path) if unfinished else next_path(out, video, rater)
        log = RatingLog(path, self.plan.settings.axes)
        opened = OpenRating(rater, chosen, number, log, self.plan, self.playable[video])
        try:
            log.event(CONTINUED if unfinished else STARTED, unfinished.last_s if unfinished else 0.0, rater=rater)
            log.sync()
        except InputError:
            log.close()
            raise
        self._busy[rater] = opened
        return opened

    def close(self, opened: OpenRating) -> None:
        """The rating is finished or its page is gone; may be called again."""
        if self._busy.get(opened.rater) is opened:
            del self._busy[opened.rater]
        opened.log.close()


def _known_raters(plan: RatingPlan) -> list[str]:
    """The raters in the order in which they came, on which their orders of videos depend."""
    path = plan.out / RATERS_JSON
    found = read_json(path, "remove it") if path.exists() else []
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise InputError(f"{path}: is not a list of raters' names; remove it")
    return [*found, *(name for name in plan.raters if name not in found)]


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
