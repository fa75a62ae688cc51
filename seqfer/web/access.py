"""Who may use the server: links with a token, which are swapped for a cookie, and the checks of every request.

A link holds a token of its role: `owner` for the person who started the server, or a rater. Opened once, it is swapped for a cookie (HttpOnly,
SameSite=Strict) and leaves the address bar. Tokens and cookies are keyed digests of the role, so they stay valid when the server starts again; the
key is in a file that only its owner may read, and whoever removes that file revokes all links. Checked in addition: the Host header of every
request (against DNS rebinding), the Origin of every write and WebSocket (against other sites' pages).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from seqfer.core.errors import InputError
from seqfer.core.files import unwritable_error

OWNER = "owner"
RATER = "rater:"  # then the rater's name
READING = ("GET", "HEAD")
COOKIE_DAYS = 90
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Keys:
    """Makes and checks tokens of roles from one secret key."""

    key: bytes

    def token(self, role: str) -> str:
        """The token in the link of a role."""
        return self._digest("link", role)

    def cookie(self, role: str) -> str:
        """The value of the cookie of a role."""
        return f"{_encoded(role.encode())}.{self._digest('cookie', role)}"

    def role_of_token(self, token: str, roles: Iterable[str]) -> str | None:
        """The one of these roles whose token this is."""
        found = [role for role in roles if hmac.compare_digest(self.token(role).encode(), token.encode())]
        return found[0] if found else None

    def role_of_cookie(self, cookie: str) -> str | None:
        """The role that a cookie states, if this key made it."""
        name, _, digest = cookie.partition(".")
        try:
            role = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
        except ValueError:
            return None
        return role if hmac.compare_digest(self._digest("cookie", role).encode(), digest.encode()) else None

    def _digest(self, purpose: str, role: str) -> str:
        return _encoded(hmac.digest(self.key, f"{purpose}:{role}".encode(), hashlib.sha256))


def keys_in(folder: Path) -> Keys:
    """The key of a folder of results, made on first use in `.access-key`. Raises InputError where it cannot be written or is damaged."""
    path = folder / ".access-key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        key = bytes.fromhex(path.read_text("ascii"))
    except OSError as error:
        raise unwritable_error(path, error) from None
    except ValueError:
        key = b""
    if len(key) != 32:
        raise InputError(f"{path}: is damaged; remove it, and a new key is made (earlier links then no longer work)")
    return Keys(key)


class AccessControl:
    """ASGI middleware around the whole server. The role of an allowed request is in `scope["role"]`.

    `hosts` are the allowed Host headers (`127.0.0.1:8765`), `roles` gives the roles whose links are valid.
    """

    def __init__(self, app: ASGIApp, keys: Keys, hosts: frozenset[str], roles: Iterable[str]) -> None:
        self.app, self.keys, self.hosts, self.roles = app, keys, hosts, frozenset(roles)
        self.cookie_name = (
            f"seqfer-{hashlib.sha256(keys.key).hexdigest()[:8]}"  # cookies are shared by all ports of a host
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, swap its token for a cookie, or pass it on with its role."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        refusal = self._refusal(scope)
        if refusal is not None and scope["type"] == "websocket":
            return await WebSocketClose(4403, refusal[1])(scope, receive, send)
        answer = PlainTextResponse(refusal[1], refusal[0]) if refusal is not None else self._swap(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = {"cache-control": "no-store"} | SECURITY_HEADERS
                have = {name.lower() for name, _ in message["headers"]}
                added = [(n.encode(), v.encode()) for n, v in extra.items() if n.encode() not in have]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await (answer or self.app)(scope, receive, send_with_headers)

    def sign_in(self, response: Response, role: str) -> Response:
        """The response with the cookie of a role."""
        value, age = self.keys.cookie(role), COOKIE_DAYS * 86400
        response.set_cookie(self.cookie_name, value, max_age=age, httponly=True, samesite="strict", path="/")
        return response

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """(status, text) of a request that is not allowed."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self.hosts:
            return 403, "This server does not answer under this host name. Use the link that `seqfer` printed."
        if scope["type"] == "websocket" or scope["method"] not in READING:
            origin = urlsplit(headers.get("origin", ""))
            if origin.scheme not in ("http", "https") or origin.netloc != host:
                return 403, "Requests from pages of other sites are refused."
        scope["role"] = self._role(headers)
        if scope["role"] is None and self._token_role(scope) is None:
            return 401, "Open the link that `seqfer` printed; it holds the token of this server."
        return None

    def _role(self, headers: Headers) -> str | None:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self.cookie_name)
        except CookieError:
            return None
        return self.keys.role_of_cookie(cookie.value) if cookie else None

    def _token_role(self, scope: Scope) -> str | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
        return self.keys.role_of_token(given[0], self.roles) if given else None

    def _swap(self, scope: Scope) -> Response | None:
        role = self._token_role(scope)
        if role is None:
            return None
        return self.sign_in(RedirectResponse(quote(scope["path"], safe="/"), 303), role)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
