"""`seqfer.rate` and `seqfer rate`: serves the pages on which people rate videos over time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.results._page_server import PageServer, require_web
from seqfer.results._settings import settings_of

if TYPE_CHECKING:
    from seqfer.study.plan import RatingPlan
    from seqfer.web.settings import ServerSettings


class RatingServer(PageServer):
    """A running server of rating pages. As a context manager it stops at the end of the block.

    `link` opens the page for the person who runs the study; `rater_links` has a link for each rater where they are fixed.
    `checks` are the results of the checks of an input device (with `check=True`).
    """

    def __init__(
        self,
        plan: RatingPlan,
        server: ServerSettings,
        *,
        browser: bool = True,
        check: bool = False,
        on_check: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        require_web()
        from seqfer.web.access import OWNER, RATER, keys_in
        from seqfer.web.rating_app import RatingApp

        self.plan, self.checks = plan, list[dict[str, Any]]()
        self._on_check = on_check
        app = RatingApp(plan, check=check, on_check=self._checked)
        super().__init__(app, keys_in(plan.out), server, browser)
        self.rater_links = {role.removeprefix(RATER): link for role, link in self._links.items() if role != OWNER}

    def __repr__(self) -> str:
        from seqfer.report.words import counted

        return f"RatingServer({counted(len(self.plan.videos), 'video')}, results in {self.plan.out})"

    def _checked(self, result: dict[str, Any]) -> None:
        self.checks.append(result)
        if self._on_check is not None:
            self._on_check(result)


def rate(
    videos: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str] = "ratings",
    *,
    browser: bool = True,
    check: bool = False,
    **settings: Any,
) -> RatingServer:
    """Serve pages on which people rate videos over time, with a joystick, mouse, wheel, keys or touch. The command is `seqfer rate`.

    `videos` are files that browsers play (MP4 with H.264, WebM); ratings are written below `out`: logs of every sample, and for each finished video
    means per second as CSV, and CARMA's and DARMA's files. `settings` are those of `seqfer rate`: `axes`, `mode`, `sample_hz`, `order`, ...
    `host`, `port` and `allow_network` are settings too. `check` serves the check of an input device in place of the videos. The server runs in the
    background until `stop`, and answers only on this machine unless `allow_network`; `browser` opens the page.

    Raises SettingsError for settings out of range and where the extra `seqfer[web]` is missing, InputError for a file that browsers cannot play.

    >>> import seqfer
    >>> from pathlib import Path
    >>> from seqfer.posed import PosedFilm, write_posed_film
    >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=1))
    >>> with seqfer.rate("drawn.mp4", port=0, browser=False) as server:
    ...     print(server)
    RatingServer(1 video, results in ratings)
    """
    from seqfer.study.plan import RatingPlan, raters_of, videos_of
    from seqfer.web.settings import RateSettings

    chosen = settings_of(RateSettings, {}, settings)
    given = [videos] if isinstance(videos, str | os.PathLike) else list(videos)
    plan = RatingPlan(videos_of(Path(one) for one in given), chosen, Path(out), raters_of(chosen.raters))
    return RatingServer(plan, chosen, browser=browser, check=check)
