"""The WebSocket over which a page sends a rater's samples, and hears what the disk has.

From the page, as JSON: `{"begin": VIDEO, "rater": NAME, "resume": true}` first, with `"attempt": K` where it lost its connection in attempt K; then
`{"samples": [[time_s, value, ...], ...], "upto": N}`, `{"event": NAME, "time_s": T, "detail": TEXT, "upto": N}` and at last `{"finish": true,
"dropped": D}`, where N counts the page's messages. To the page: `{"begun": {...}}`, `{"saved": N}` once the disk has everything up to N,
`{"problem": TEXT}` where something was not written, `{"finished": true}`. A page that lost its connection sends again what was not reported as
saved.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from seqfer.core.errors import InputError, SeqferError
from seqfer.core.input_files import parse_json
from seqfer.web.access import RATER
from seqfer.web.rating_desk import SYNC_S, OpenRating, RatingDesk

CLOSING_S = 1.0


class RatingSocket:
    """The ASGI endpoint of the WebSocket."""

    def __init__(self, desk: RatingDesk) -> None:
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        try:
            opened = await self._begin(socket)
        except WebSocketDisconnect:
            return
        if opened is None:
            return
        connection = _Connection(socket, self.desk, opened)
        saving = asyncio.create_task(connection.save_each_second())
        try:
            await connection.receive()
        except WebSocketDisconnect:
            pass
        finally:
            saving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await saving
            with contextlib.suppress(InputError):  # a full disk, of which the page was told
                await asyncio.to_thread(opened.sync)
            self.desk.close(opened)

    async def _begin(self, socket: WebSocket) -> OpenRating | None:
        try:
            asked = _message(await socket.receive_text())
            role = socket.scope["role"]
            name = role.removeprefix(RATER) if role.startswith(RATER) else str(asked.get("rater", ""))
            rater, video, attempt = self.desk.rater(name), str(asked.get("begin", "")), asked.get("attempt")
            number = attempt if isinstance(attempt, int) else 0
            if number and self.desk.has_finished(rater, self.desk.plan.video(video).name, number):
                await socket.send_json({"finished": True})
                await socket.close()
                return None
            await self._wait_for(rater)
            opened = self.desk.open(rater, video, asked.get("resume") is True, number)
        except SeqferError as error:
            await socket.send_json({"problem": str(error)})
            await socket.close()
            return None
        await socket.send_json({"begun": {"attempt": opened.number, "rater": rater}})
        return opened

    async def _wait_for(self, rater: str) -> None:
        """A page that was just closed or reloaded may still be saving."""
        for _ in range(round(CLOSING_S / 0.05)):
            if not self.desk.is_busy(rater):
                return
            await asyncio.sleep(0.05)


class _Connection:
    """One page that is rating: what it sent, and what the disk has."""

    def __init__(self, socket: WebSocket, desk: RatingDesk, opened: OpenRating) -> None:
        self.socket, self.desk, self.opened = socket, desk, opened
        self.written = self.saved = 0  # counts of the page's messages
        self.failed = False

    async def receive(self) -> None:
        """Write what comes until the video is finished."""
        while True:
            try:
                if await self._handle(_message(await self.socket.receive_text())):
                    return
            except SeqferError as error:
                # nothing after it is written either: the page sends all of it again on a new connection
                await self.socket.send_json({"problem": str(error)})
                await self.socket.close()
                return

    async def _handle(self, message: dict[str, Any]) -> bool:
        """Write one message; whether it was the last one."""
        if "samples" in message:
            self.opened.append(message["samples"])
        elif "event" in message:
            self.opened.event(message["event"], message.get("time_s"), message.get("detail"))
        elif "finish" in message:
            await asyncio.to_thread(self.opened.finish, message.get("dropped"))
            self.desk.close(self.opened)
            await self.socket.send_json({"finished": True})
            await self.socket.close()
            return True
        else:
            raise InputError("unknown message; expected samples, an event, or the end")
        upto = message.get("upto")
        self.written = upto if isinstance(upto, int) else self.written
        return False

    async def save_each_second(self) -> None:
        """Flush to the disk, and tell the page."""
        while True:
            await asyncio.sleep(SYNC_S)
            upto = self.written
            if upto == self.saved:
                continue
            try:
                await asyncio.to_thread(self.opened.sync)
                self.saved = upto
                await self.socket.send_json({"saved": upto})
            except InputError as error:
                await self.socket.send_json({"problem": str(error)})
                await self.socket.close()
                return
            except (WebSocketDisconnect, RuntimeError):  # the page is gone; `receive` ends
                return


def _message(text: str) -> dict[str, Any]:
    try:
        found = parse_json(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError("not a message of this page")
    return found
