"""A rater's page without a browser: the requests and messages that the page sends."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http.cookies import SimpleCookie
from typing import Any

from websockets.sync.client import ClientConnection, connect


class RatingClient:
    """Opens a link of a server, and then asks as its page does."""

    def __init__(self, link: str) -> None:
        self.base = link.partition("/?")[0]
        with urllib.request.build_opener(_NoRedirect).open(link, timeout=10) as answer:
            cookie = SimpleCookie(answer.headers["set-cookie"])
        self.headers = {"Cookie": "; ".join(f"{one.key}={one.value}" for one in cookie.values())}

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """(status, content) of a page or file."""
        asked = urllib.request.Request(self.base + path, headers=self.headers | headers)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def post(self, path: str, value: Any) -> tuple[int, Any]:
        """(status, answer) of a write."""
        headers = self.headers | {"Origin": self.base, "Content-Type": "application/json"}
        asked = urllib.request.Request(self.base + path, json.dumps(value).encode(), headers)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def session(self, rater: str = "") -> Any:
        """What the page asks for first."""
        return json.loads(self.get(f"/api/session?rater={urllib.request.quote(rater)}")[1])

    def socket(self) -> ClientConnection:
        """The connection for samples."""
        return connect(
            self.base.replace("http", "ws", 1) + "/api/rate", origin=self.base, additional_headers=self.headers
        )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def http_error_303(self, request: Any, answer: Any, *about: Any) -> Any:
        return answer


def tell(socket: ClientConnection, **message: Any) -> None:
    """Send one message."""
    socket.send(json.dumps(message))


def hear(socket: ClientConnection, timeout: float = 10) -> Any:
    """The next message of the server."""
    return json.loads(socket.recv(timeout))


def begin(socket: ClientConnection, video: str, rater: str, resume: bool = False, attempt: int = 0) -> Any:
    """Begin to rate; what the server says."""
    tell(socket, begin=video, rater=rater, resume=resume, attempt=attempt)
    return hear(socket)
