"""`seqfer.view` and `seqfer view`: annotated videos with their rows, in the browser."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError
from seqfer.results._page_server import PageServer, require_web
from seqfer.results._settings import settings_of
from seqfer.results.annotation import read_summary
from seqfer.results.annotations import finished_folders

if TYPE_CHECKING:
    from seqfer.traces.trace import Trace
    from seqfer.web.run_data import RunData
    from seqfer.web.settings import ServerSettings

_Path = str | os.PathLike[str]


class ViewServer(PageServer):
    """A running viewer. As a context manager it stops at the end of the block. `link` opens its page; `runs` are the names of the runs."""

    def __init__(
        self, runs: Mapping[str, RunData], videos: Mapping[str, Path | None], server: ServerSettings, browser: bool
    ) -> None:
        from seqfer.web.access import Keys
        from seqfer.web.view_app import ViewApp

        self.runs = tuple(runs)
        super().__init__(ViewApp(runs, videos), Keys(secrets.token_bytes(32)), server, browser)

    def __repr__(self) -> str:
        from seqfer.report.words import counted

        return f"ViewServer({counted(len(self.runs), 'run')})"


def view(
    runs: _Path | Iterable[_Path],
    *,
    video: _Path | None = None,
    raters: _Path | Iterable[_Path] = (),
    browser: bool = True,
    **settings: Any,
) -> ViewServer:
    """Show annotated videos with boxes, emotions and a timeline, in the browser. The command is `seqfer view`.

    `runs` are folders of `seqfer annotate-video`, or folders of such folders. The video is looked for at its place beside the run and in the current
    folder; `video` is its file where it is elsewhere (of one run). `raters` are files of ratings of one run's video, shown on the same clock.
    The server runs in the background until `stop`. `settings` are `host`, `port` and `allow_network`.

    Raises InputError for a folder without an annotation and for files that cannot be read, SettingsError where the extra `seqfer[web]` is missing.

    >>> import seqfer
    >>> from pathlib import Path
    >>> from seqfer.posed import PosedFilm, write_posed_film
    >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=1))
    >>> _ = seqfer.annotate("drawn.mp4", out="drawn-seqfer", detector="haar", progress=False)
    >>> with seqfer.view("drawn-seqfer", port=0, browser=False) as server:
    ...     print(server)
    ViewServer(1 run)
    """
    require_web()
    from seqfer.film.corrections import read_corrections
    from seqfer.web.run_data import RunData
    from seqfer.web.settings import ServerSettings

    server = settings_of(ServerSettings, {}, settings)
    folders = _folders([runs] if isinstance(runs, str | os.PathLike) else runs)
    traces = _ratings([raters] if isinstance(raters, str | os.PathLike) else raters)
    if len(folders) > 1 and (video is not None or traces):
        raise InputError(f"{len(folders)} runs, but a video or ratings belong to one; give one run")
    summaries = {name: read_summary(folder) for name, folder in folders.items()}
    data = {
        name: RunData(folder, summaries[name], traces, read_corrections(folder)) for name, folder in folders.items()
    }
    films = {name: summary.film.name for name, summary in summaries.items()}
    found = {
        name: Path(video) if video is not None else find_video(folder, films[name]) for name, folder in folders.items()
    }
    return ViewServer(data, found, server, browser)


def find_video(run: Path, name: str) -> Path | None:
    """The file of a run's video: beside the run, in a folder above it, or in the current folder; None where it is in none of them."""
    places = [run.parent, run, *run.resolve().parents[1:3], Path()]
    return next((place / name for place in places if (place / name).is_file()), None)


def _folders(given: Iterable[_Path]) -> dict[str, Path]:
    """Name -> folder of every run."""
    found: dict[str, Path] = {}
    for top in map(Path, given):
        inside = finished_folders(top)
        for folder in inside or [top]:
            name = folder.relative_to(top).as_posix() if inside and folder != top else folder.resolve().name
            found[name if name not in found else str(folder)] = folder
    return found


def _ratings(files: Iterable[_Path]) -> tuple[Trace, ...]:
    from seqfer.traces.reading import read_traces

    return tuple(trace for file in files for trace in read_traces(Path(file)))
