"""A server of pages that runs in the background, as `seqfer.rate` and `seqfer.view` return it."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from seqfer.core.errors import SettingsError

if TYPE_CHECKING:
    from seqfer.web.access import Keys
    from seqfer.web.settings import ServerSettings

Self = TypeVar("Self")
NEEDS = ("starlette", "uvicorn", "websockets", "mistune")


class PageApp(Protocol):
    """What is served: an application behind the access control, and the roles that have links."""

    def roles(self) -> tuple[str, ...]:
        """The roles, the owner's first."""
        ...

    def build(self, keys: Keys, hosts: Iterable[str]) -> Any:
        """The ASGI application."""
        ...


class PageServer:
    """A running server. As a context manager it stops at the end of the block. `link` opens the page for the person who started it."""

    def __init__(self, app: PageApp, keys: Keys, server: ServerSettings, browser: bool) -> None:
        from seqfer.web.serving import BackgroundServer, listen

        listening = listen(server)
        self._links = {role: f"{listening.address}/?token={keys.token(role)}" for role in app.roles()}
        self.link = next(iter(self._links.values()))
        self._server = BackgroundServer(app.build(keys, listening.hosts), listening)
        self._server.start()
        if browser:
            webbrowser.open(self.link)

    def wait(self) -> None:
        """Return when the server has stopped; Ctrl-C raises KeyboardInterrupt."""
        self._server.wait()

    def stop(self) -> None:
        """Stop answering; may be called again."""
        self._server.stop()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def require_web() -> None:
    """Raises SettingsError that names the extra where a package of it is missing."""
    from importlib.util import find_spec

    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        raise SettingsError(f"the package {missing[0]} is missing, which the pages need; install seqfer[web]")
