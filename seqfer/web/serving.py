"""Runs an application on this machine: addresses, ports, links, and uvicorn."""

from __future__ import annotations

import errno
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

from seqfer.core.errors import SettingsError
from seqfer.web.settings import LOOPBACK, ServerSettings

PORTS_TRIED = 20
MOST_MESSAGE = 1_000_000  # bytes of a WebSocket message


@dataclass(frozen=True)
class Listening:
    """A socket that listens, the host of links to it, and the Host headers under which it answers."""

    socket: socket.socket
    host: str
    port: int
    hosts: frozenset[str]

    @property
    def address(self) -> str:
        """The beginning of links."""
        return f"http://{_bracketed(self.host)}:{self.port}"


def listen(chosen: ServerSettings) -> Listening:
    """Take the port, or the next free one. Raises SettingsError where none can be taken."""
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    last = chosen.port if chosen.port == 0 else min(chosen.port + PORTS_TRIED, 65535)
    for port in range(chosen.port, last + 1):
        taken = socket.socket(family, socket.SOCK_STREAM)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind((chosen.host, port))
            taken.listen(128)
        except OSError as error:
            taken.close()
            if error.errno == errno.EADDRINUSE and port < last:
                continue
            raise SettingsError(
                f"cannot listen on {chosen.host}:{port} ({error.strerror or error}); give another --host or --port"
            ) from None
        port = taken.getsockname()[1]
        names = _names_of(chosen.host)
        return Listening(taken, names[0], port, frozenset(f"{_bracketed(name)}:{port}" for name in names))
    raise AssertionError("the last port either is taken or raises")


class BackgroundServer:
    """A server that answers in a thread of its own from `start` to `stop`."""

    def __init__(self, app: Any, listening: Listening) -> None:
        import uvicorn

        self.listening = listening
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=MOST_MESSAGE,
            ws_ping_interval=5.0,
            ws_ping_timeout=5.0,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listening.socket],), daemon=True)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)

    def wait(self) -> None:
        """Return when the server has been stopped; KeyboardInterrupt passes."""
        while self._thread.is_alive():
            self._thread.join(0.2)

    def stop(self) -> None:
        """Close all connections and the port; may be called again."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(10)
        self.listening.socket.close()


def _names_of(host: str) -> list[str]:
    """The host names and addresses of this machine under which a server on `host` may be asked for, the best one for a link first."""
    if host in LOOPBACK:
        return [host, *(name for name in LOOPBACK if name != host)]
    if host not in ("0.0.0.0", "::"):
        return [host]
    name = socket.gethostname()
    own = {address[4][0] for address in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)} - {"127.0.1.1"}
    return [*sorted(str(address) for address in own if address not in LOOPBACK), name, f"{name}.local", *LOOPBACK]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
