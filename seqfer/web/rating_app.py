"""The pages and routes of `seqfer rate`, as a Starlette application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import mistune
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from seqfer.core.errors import InputError, SeqferError
from seqfer.core.input_files import parse_json, read_text
from seqfer.study.plan import RatingPlan
from seqfer.web.access import OWNER, RATER, AccessControl, Keys
from seqfer.web.rating_desk import RatingDesk
from seqfer.web.rating_socket import RatingSocket
from seqfer.web.texts import read_texts

STATIC = Path(__file__).parent / "static"
MOST_BODY = 100_000  # bytes of a request
CHECK_S = 5
_CHECKED = ("input", "reports_hz", "late_share", "delay_ms", "sampling_hz", "sampling_late_share")  # of --check


class RatingApp:
    """The application of one plan. `on_check` gets the result of each check of an input (`seqfer rate --check`)."""

    def __init__(
        self, plan: RatingPlan, *, check: bool = False, on_check: Callable[[dict[str, Any]], None] = print
    ) -> None:
        self.plan, self.desk, self.check, self.on_check = plan, RatingDesk(plan), check, on_check
        self.texts = read_texts(plan.settings.language)
        given = plan.settings.instructions
        text = read_text(Path(given), "give a Markdown file") if given else ""
        self.instructions = str(mistune.create_markdown(escape=True)(text)) if given else ""

    def roles(self) -> tuple[str, ...]:
        """The roles that have links: the owner, and the raters of the plan."""
        return (OWNER, *(RATER + name for name in self.plan.raters))

    def build(self, keys: Keys, hosts: Iterable[str]) -> AccessControl:
        """The ASGI application behind the access control."""
        routes = [
            Route("/", self._page),
            Route("/api/session", self._session),
            Route("/api/check", self._checked, methods=["POST"]),
            Route("/videos/{name}", self._video),
            Route("/practice", self._practice),
            WebSocketRoute("/api/rate", RatingSocket(self.desk)),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        app = Starlette(routes=routes, exception_handlers={SeqferError: refused})
        return AccessControl(app, keys, frozenset(hosts), self.roles())

    async def _page(self, request: Request) -> Response:
        return FileResponse(STATIC / "rate.html", media_type="text/html")

    async def _session(self, request: Request) -> Response:
        """Everything the page needs; with a rater's name also the videos in that rater's order."""
        name = rater_of(request.scope["role"], request.query_params.get("rater", ""))
        rater = self.desk.rater(name) if name else ""
        settings = self.plan.settings
        session = {
            "title": self.plan.title or self.texts["title"],
            "texts": self.texts,
            "language": settings.language if len(settings.language) == 2 else "",
            "instructions": self.instructions,
            "axes": self._axes(),
            "mode": settings.mode,
            "sample_hz": settings.sample_hz,
            "countdown_s": settings.countdown_s,
            "break_s": settings.break_s,
            "sound": settings.sound,
            "practice": bool(self.desk.practice),
            "owner": request.scope["role"] == OWNER,
            "check_s": CHECK_S if self.check else 0,
            "raters": list(self.plan.raters),
            "rater": rater,
            "busy": bool(rater) and self.desk.is_busy(rater),
            "video_count": len(self.plan.videos),
            "videos": self.desk.videos(rater) if rater else [],
        }
        return JSONResponse(session)

    def _axes(self) -> list[dict[str, str]]:
        """Name and labels of each axis; labels that the settings do not give are in the language of the page."""
        texts, settings = self.texts, self.plan.settings
        found = []
        for at, axis in enumerate(settings.axes):
            valence = axis == "valence"
            low = texts["valence_low"] if valence else texts["other_low"]
            high = texts["valence_high"] if valence else texts["other_high"]
            low = settings.low_labels[at] if settings.low_labels else low
            high = settings.high_labels[at] if settings.high_labels else high
            found.append({"name": axis, "low": low, "high": high})
        return found

    async def _video(self, request: Request) -> Response:
        name = request.path_params["name"]
        video = next((video for video in self.plan.videos if video.name == name), None)
        if video is None:
            raise HTTPException(404, "no such video")
        return FileResponse(video.path, media_type=self.desk.playable[name].media_type)

    async def _practice(self, request: Request) -> Response:
        if self.desk.practice is None:
            raise HTTPException(404, "no practice video")
        return FileResponse(self.plan.settings.practice, media_type=self.desk.practice.media_type)

    async def _checked(self, request: Request) -> Response:
        found = await read_body(request)
        if not isinstance(found, dict) or set(found) != set(_CHECKED):
            raise InputError(f"not the result of a check; expected {', '.join(_CHECKED)}")
        self.on_check(found)
        return JSONResponse({"saved": True})


def rater_of(role: str, asked: str) -> str:
    """The rater's name: a rater's own link allows no other; the owner may enter any, "" where none is given yet."""
    return role.removeprefix(RATER) if role.startswith(RATER) else asked


async def read_body(request: Request) -> Any:
    """The JSON value that a page sent, None where it is none. Raises HTTPException for a large one."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY:
            raise HTTPException(413, "too large")
    try:
        return parse_json(body.decode())
    except ValueError:
        return None


async def refused(request: Request, error: Exception) -> Response:
    """An error of the input as JSON, for the page to show."""
    return JSONResponse({"problem": str(error)}, 400)
