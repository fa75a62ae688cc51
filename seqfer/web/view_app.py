"""The pages and routes of `seqfer view`, as a Starlette application."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from seqfer.core.errors import InputError, SeqferError
from seqfer.film.corrections import Correction, Merge, Split, as_correction, as_object, write_corrections
from seqfer.report.colours import colour_of
from seqfer.web.access import OWNER, AccessControl, Keys
from seqfer.web.playable import Playable, check_playable
from seqfer.web.rating_app import STATIC, read_body, refused
from seqfer.web.run_data import RunData

OTHER_LENGTH_S = 0.5  # a file whose length differs by more is another video


@dataclass(frozen=True)
class ViewedVideo:
    """The file of a run's video: `path` and `playable` are None where there is none that the browser plays, and `problem` says why."""

    path: Path | None
    playable: Playable | None
    problem: str


def viewed_video(run: RunData, path: Path | None) -> ViewedVideo:
    """What the page can play for a run; the timeline works without."""
    if path is None:
        name = run.summary.film.name
        return ViewedVideo(None, None, f"The video {name} was not found beside the run; give it with --video.")
    try:
        playable = check_playable(path)
    except InputError as error:
        return ViewedVideo(None, None, str(error))
    expected = float(run.summary.film.duration_s)
    if math.isfinite(expected) and abs(playable.length_s - expected) > OTHER_LENGTH_S:
        problem = f"{path.name} lasts {playable.length_s:.1f} s, but the annotated video lasted {expected:.1f} s: it may be another one."
        return ViewedVideo(path, playable, problem)
    return ViewedVideo(path, playable, "")


class ViewApp:
    """The application for runs by name; each has the path of its video, or None."""

    def __init__(self, runs: Mapping[str, RunData], videos: Mapping[str, Path | None]) -> None:
        self.runs = dict(runs)
        self.videos = {name: viewed_video(run, videos.get(name)) for name, run in runs.items()}

    def roles(self) -> tuple[str, ...]:
        """The roles that have links."""
        return (OWNER,)

    def build(self, keys: Keys, hosts: Iterable[str]) -> AccessControl:
        """The ASGI application behind the access control."""
        routes = [
            Route("/", self._page),
            Route("/api/runs", self._list),
            Route("/api/run", self._run),
            Route("/api/rows", self._rows),
            Route("/api/timeline", self._timeline),
            Route("/api/corrections", self._correct, methods=["POST"]),
            Route("/video", self._video),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        app = Starlette(routes=routes, exception_handlers={SeqferError: refused})
        return AccessControl(app, keys, frozenset(hosts), self.roles())

    async def _page(self, request: Request) -> Response:
        return FileResponse(STATIC / "view.html", media_type="text/html")

    async def _list(self, request: Request) -> Response:
        """All runs, with what the list can be searched and sorted by."""
        rows = [
            {
                "name": name,
                "video": run.summary.film.name,
                "seconds": _number(run.summary.film.duration_s),
                "faces": run.summary.faces,
                "model": run.summary.model.name,
                "created": run.summary.created,
                "complete": not run.summary.partial and run.summary.problem is None,
            }
            for name, run in self.runs.items()
        ]
        return JSONResponse({"runs": rows})

    async def _run(self, request: Request) -> Response:
        """Everything of a run but its rows."""
        name, run = self._asked(request)
        video, film = self.videos[name], run.summary.film
        facts = {
            "name": name,
            "video": film.name,
            "width": film.width,
            "height": film.height,
            "length_s": run.length_s,
            "classes": list(run.classes),
            "colours": {emotion: colour_of(emotion) for emotion in run.classes},
            "has_valence": "valence" in run.columns,
            "faces": run.faces(),
            "cuts_s": run.cuts_s,
            "raters": run.rater_band(),
            "playable": video.playable is not None,
            "problem": video.problem,
            "notes": list(run.summary.notes),
            "corrections": [as_object(one) for one in run.corrections],
        }
        return JSONResponse(facts)

    async def _rows(self, request: Request) -> Response:
        _, run = self._asked(request)
        return JSONResponse(run.rows(_time(request, "from"), _time(request, "to")))

    async def _timeline(self, request: Request) -> Response:
        _, run = self._asked(request)
        bins = request.query_params.get("bins", "")
        count = int(bins) if bins.isascii() and bins.isdecimal() and len(bins) < 6 else 0
        return JSONResponse(run.timeline(_time(request, "from"), _time(request, "to"), count))

    async def _correct(self, request: Request) -> Response:
        """Append a correction, or with "undo" remove the last one; on the disk before the answer."""
        name, run = self._asked(request)
        asked = await read_body(request)
        if asked == {"action": "undo"}:
            corrections = run.corrections[:-1]
        else:
            correction = as_correction(asked, "the correction")
            self._check(run, correction)
            corrections = (*run.corrections, correction)
        write_corrections(run.folder, corrections)
        self.runs[name] = replace(run, corrections=corrections)
        return JSONResponse({"corrections": [as_object(one) for one in corrections]})

    def _check(self, run: RunData, correction: Correction) -> None:
        """Raises InputError for a face that is not there, and for a merge of two people who are seen on one frame."""
        known = {one["face"] for one in run.faces()}
        if isinstance(correction, Split) and correction.new_face in known:
            raise InputError(f"face {correction.new_face} is there already; the new face needs another number")
        for face in (getattr(correction, "face", None), getattr(correction, "other", None)):
            if face is not None and face not in known:
                raise InputError(f"there is no face {face}; the faces are {', '.join(map(str, sorted(known)))}")
        if isinstance(correction, Merge):
            times, faces = run.columns["time_s"], run.columns["face"]
            both = np.intersect1d(times[faces == correction.face], times[faces == correction.other])
            if len(both):
                raise InputError(
                    f"faces {correction.face} and {correction.other} are both seen at {both[0]:.3f} s, so they are two people; "
                    "exclude one of them there first"
                )

    async def _video(self, request: Request) -> Response:
        name, _ = self._asked(request)
        video = self.videos[name]
        if video.path is None or video.playable is None:
            raise HTTPException(404, video.problem)
        return FileResponse(video.path, media_type=video.playable.media_type)

    def _asked(self, request: Request) -> tuple[str, RunData]:
        name = request.query_params.get("run", "")
        if name not in self.runs:
            raise HTTPException(404, "no such run")
        return name, self.runs[name]


def _time(request: Request, name: str) -> float:
    try:
        return float(request.query_params.get(name, ""))
    except ValueError:
        raise InputError(f"{name}: give a time in seconds") from None


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
