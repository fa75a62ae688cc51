"""Links, cookies, hosts and origins: who gets an answer and who does not. Requests go over real sockets."""

import http.client
import stat

import pytest
from rated_videos import write_rated_video
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import seqfer
from seqfer.core.errors import InputError
from seqfer.web.access import OWNER, Keys, keys_in


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("access")
    video = write_rated_video(folder / "clip.webm", 1.0)
    with seqfer.rate(video, out=folder / "ratings", port=0, browser=False) as running:
        yield running


def address(server):
    host, _, port = server.link.split("/")[2].partition(":")
    return host, int(port)


def ask(server, path, method="GET", body=None, **headers):
    """(status, headers, body) of one request, with the server's own Host unless another one is given."""
    host, port = address(server)
    connection = http.client.HTTPConnection(host, port, timeout=10)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_host="Host" in names)
    for name, value in names.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), content


def cookie_of(server):
    _, headers, _ = ask(server, "/?" + server.link.partition("?")[2])
    return {name.lower(): value for name, value in headers.items()}["set-cookie"]


def signed_in(server):
    return cookie_of(server).partition(";")[0]


def test_the_link_is_swapped_for_a_cookie_and_leaves_the_address(server):
    status, headers, _ = ask(server, "/?" + server.link.partition("?")[2])
    headers = {name.lower(): value for name, value in headers.items()}
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    status, headers, page = ask(server, "/", Cookie=cookie.partition(";")[0])
    assert status == 200
    assert b"rate.js" in page
    headers = {name.lower(): value for name, value in headers.items()}
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/api/session", "/videos/clip", "/static/rate.js", "/?token=wrong", "/?token="])
def test_nothing_is_answered_without_the_token(server, path):
    status, _, body = ask(server, path)
    assert status == 401
    assert b"clip" not in body


def test_a_made_up_cookie_is_refused(server):
    name, _, value = signed_in(server).partition("=")
    role, _, digest = value.partition(".")
    assert ask(server, "/", Cookie=f"{name}={value}")[0] == 200
    for wrong in (f"{role}.{digest[:-1]}A", f"{role}.", "", "a.b", f"{role}x.{digest}", '"'):
        assert ask(server, "/", Cookie=f"{name}={wrong}")[0] == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil:{port}", ""]
)
def test_a_foreign_host_is_refused_even_with_the_cookie(server, host):
    """DNS rebinding: the page of another site whose name now points here."""
    status, _, _ = ask(server, "/", Cookie=signed_in(server), Host=host.format(port=address(server)[1]))
    assert status == 403


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}"])
def test_the_names_of_this_machine_are_allowed(server, host):
    assert ask(server, "/", Cookie=signed_in(server), Host=host.format(port=address(server)[1]))[0] == 200


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "file://"])
def test_a_write_from_another_site_is_refused(server, origin):
    headers = {} if origin is None else {"Origin": origin}
    status, _, _ = ask(server, "/api/check", "POST", b"{}", Cookie=signed_in(server), **headers)
    assert status == 403
    host, port = address(server)
    own = ask(server, "/api/check", "POST", b"{}", Cookie=signed_in(server), Origin=f"http://{host}:{port}")
    assert own[0] == 400  # read, and refused for its content


@pytest.mark.parametrize("origin", [None, "http://evil.example", "http://localhost:1"])
def test_a_socket_from_another_site_is_refused(server, origin):
    host, port = address(server)
    address_of = f"ws://{host}:{port}/api/rate"
    with pytest.raises(InvalidStatus, match="403"):
        connect(address_of, origin=origin, additional_headers={"Cookie": signed_in(server)})
    with pytest.raises(InvalidStatus, match="403"):
        connect(address_of, origin=f"http://{host}:{port}")  # without the cookie
    with connect(address_of, origin=f"http://{host}:{port}", additional_headers={"Cookie": signed_in(server)}):
        pass


def test_tokens_outlive_the_server_and_the_key_is_private(tmp_path):
    keys = keys_in(tmp_path)
    assert keys_in(tmp_path).token(OWNER) == keys.token(OWNER)
    assert stat.S_IMODE((tmp_path / ".access-key").stat().st_mode) == 0o600
    assert Keys(b"x" * 32).role_of_cookie(keys.cookie(OWNER)) is None
    assert keys.role_of_cookie(keys.cookie("rater:Zoë")) == "rater:Zoë"
    assert keys.role_of_token(keys.token("rater:a"), [OWNER]) is None
    (tmp_path / ".access-key").write_text("zz")
    with pytest.raises(InputError, match="is damaged; remove it"):
        keys_in(tmp_path)
