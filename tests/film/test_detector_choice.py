"""Opening the named detector and fetching yunet's file, against a server on this machine."""

import contextlib
import errno
import hashlib
import os
import socket
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.detectors import pico, yunet
from seqfer.film import detector_choice
from seqfer.film.detector_choice import DEFAULT, choose_detector, detectors_folder
from seqfer.film.settings import AnnotateSettings, ClipSettings

NET = b"stands for the net" * 100


class Server(ThreadingHTTPServer):
    """Answers every request in the way that its path names, and counts them."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []

    def url(self, way: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{way}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        way = self.path[1:]
        self.server.asked.append(way)
        if way == "gone":
            self.send_error(404)
            return
        content = {"other": b"<html>sign in</html>", "long": b"x" * 1_100_000}.get(way, NET)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if way == "slow":
            time.sleep(0.6)
        with contextlib.suppress(OSError):  # the other side may hang up, as it should
            self.wfile.write(content[:-40] if way == "cut" else content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty cache, a net of known checksum that needs no OpenCV, nothing to reach, short patience."""
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SEQFER_OFFLINE", raising=False)
    monkeypatch.setattr(yunet, "SHA256", {hashlib.sha256(NET).hexdigest(): "made for this test"})
    monkeypatch.setattr(yunet, "URLS", ("http://127.0.0.1:9/closed",))
    monkeypatch.setattr(yunet, "build", lambda weights=None: ("yunet", weights))
    monkeypatch.setattr(detector_choice, "_TIMEOUT_S", 2.0)
    return tmp_path


def test_the_default_needs_no_file_and_asks_nobody(server, monkeypatch):
    monkeypatch.setattr(yunet, "URLS", (server.url("good"),))
    assert choose_detector().name == DEFAULT
    assert server.asked == []
    assert not detectors_folder().exists()


def test_the_default_is_that_of_the_settings():
    assert AnnotateSettings().detector == ClipSettings().detector == DEFAULT


def test_downloaded_once_then_taken_from_the_cache(server, monkeypatch):
    monkeypatch.setattr(yunet, "URLS", (server.url("good"),))
    target = detectors_folder() / yunet.FILE
    assert choose_detector("yunet") == ("yunet", target)
    assert target.read_bytes() == NET
    assert choose_detector("yunet") == ("yunet", target)
    assert server.asked == ["good"]
    assert [file.name for file in detectors_folder().iterdir()] == [yunet.FILE]


def test_a_known_file_of_another_name_in_the_cache_will_do(monkeypatch):
    monkeypatch.setenv("SEQFER_OFFLINE", "1")
    detectors_folder().mkdir(parents=True)
    by_hand = detectors_folder() / "face_detection_yunet_2030jan.onnx"
    by_hand.write_bytes(NET)
    assert choose_detector("yunet") == ("yunet", by_hand)


def test_the_second_address_is_asked_when_the_first_lacks_the_file(server, monkeypatch):
    monkeypatch.setattr(yunet, "URLS", (server.url("gone"), server.url("other"), server.url("good")))
    assert choose_detector("yunet")[0] == "yunet"
    assert server.asked == ["gone", "other", "good"]


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("other", "another file"),
        ("cut", "truncated"),
        ("long", "more than 1000000"),
        ("gone", "HTTP 404"),
        ("slow", "timed out"),
    ],
)
def test_a_failed_download_is_one_line_and_leaves_nothing(way, words, server, monkeypatch):
    monkeypatch.setattr(yunet, "URLS", (server.url(way),))
    if way == "slow":
        monkeypatch.setattr(detector_choice, "_TIMEOUT_S", 0.2)
    with pytest.raises(WeightsError, match=words) as error:
        choose_detector("yunet")
    message = str(error.value)
    assert "\n" not in message
    assert f"put the file at {detectors_folder() / yunet.FILE} by hand, or use --detector {DEFAULT}" in message
    assert not detectors_folder().exists()


def test_a_name_that_no_server_answers_to_is_one_line(monkeypatch):
    """What a machine without a network really raises."""

    def unreachable(url, timeout):
        raise urllib.error.URLError(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    with pytest.raises(WeightsError, match="Name or service not known"):
        choose_detector("yunet")


def test_a_download_is_kept_whole_or_not_at_all(server, monkeypatch):
    """It gets its name last, when all of it is on the disk; where that fails, what was before stays and nothing else."""
    monkeypatch.setattr(yunet, "URLS", (server.url("good"),))
    target = detectors_folder() / yunet.FILE
    target.parent.mkdir(parents=True)
    target.write_bytes(b"damaged")

    def full(part, place):
        assert Path(part).read_bytes() == NET
        assert target.read_bytes() == b"damaged"
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(WeightsError, match="cannot be kept"):
            choose_detector("yunet")
    assert [(file.name, file.read_bytes()) for file in target.parent.iterdir()] == [(yunet.FILE, b"damaged")]
    assert choose_detector("yunet") == ("yunet", target)
    assert target.read_bytes() == NET


def test_offline_asks_nobody(server, monkeypatch):
    monkeypatch.setattr(yunet, "URLS", (server.url("good"),))
    monkeypatch.setenv("SEQFER_OFFLINE", "1")
    with pytest.raises(WeightsError, match=r"must not be downloaded \(SEQFER_OFFLINE\)"):
        choose_detector("yunet")
    assert server.asked == []


def test_a_damaged_cached_file_is_replaced_or_named(server, monkeypatch):
    target = detectors_folder() / yunet.FILE
    target.parent.mkdir(parents=True)
    target.write_bytes(NET[:-1])
    with monkeypatch.context() as patch:
        patch.setenv("SEQFER_OFFLINE", "1")
        with pytest.raises(WeightsError, match="its file is damaged"):
            choose_detector("yunet")
    monkeypatch.setattr(yunet, "URLS", (server.url("good"),))
    assert choose_detector("yunet") == ("yunet", target)
    assert target.read_bytes() == NET


def test_a_cache_that_cannot_be_written_is_one_line(place, server, monkeypatch):
    monkeypatch.setattr(yunet, "URLS", (server.url("good"),))
    (place / "cache").write_text("in the way")
    with pytest.raises(WeightsError, match="cannot be kept") as error:
        choose_detector("yunet")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("own", [DEFAULT, "haar"])
def test_a_given_file_is_used_as_it_is(place, own):
    given = place / "mine.onnx"
    assert choose_detector("yunet", given) == ("yunet", given)
    with pytest.raises(SettingsError, match=r"has its own weights; omit .*, or choose yunet"):
        choose_detector(own, given)


def test_pico_says_where_its_file_goes(monkeypatch):
    with pytest.raises(WeightsError, match="put it at") as error:
        choose_detector("pico")
    assert str(detectors_folder() / pico.FILE) in str(error.value)
    monkeypatch.setattr(pico, "build", lambda weights=None: ("pico", weights))
    detectors_folder().mkdir(parents=True)
    (detectors_folder() / pico.FILE).write_bytes(b"")
    assert choose_detector("pico") == ("pico", detectors_folder() / pico.FILE)


@pytest.mark.parametrize("name", ["viola", "auto"])
def test_an_unknown_name_lists_the_allowed_ones(name):
    with pytest.raises(SettingsError, match="allowed: centerface, haar, mtcnn, pico, yunet"):
        choose_detector(name)
    assert choose_detector("haar").name == "haar"
