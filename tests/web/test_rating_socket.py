"""Samples over the WebSocket: saved each second, sent again after a lost connection, never twice, and refused where they are none."""

import errno
import os
import time
from contextlib import ExitStack

import pytest
from rated_videos import write_rated_video
from rating_client import RatingClient, begin, hear, tell
from websockets.exceptions import ConnectionClosed

import seqfer
from seqfer.study.attempts import attempts_of
from seqfer.study.rating_log import read_events, read_samples


@pytest.fixture
def server(tmp_path):
    write_rated_video(tmp_path / "clip.webm", 2.0)
    with seqfer.rate(tmp_path / "clip.webm", out=tmp_path / "out", port=0, browser=False) as running:
        yield running


@pytest.fixture
def client(server):
    return RatingClient(server.link)


def rows(start, stop):
    return [[k / 20, k / 100] for k in range(start, stop)]


def log_of(server, rater="Ann", number=1):
    return server.plan.out / "logs" / "clip" / rater / f"attempt-{number}.csv"


def test_a_whole_rating(server, client):
    with client.socket() as socket:
        assert begin(socket, "clip", "Ann") == {"begun": {"attempt": 1, "rater": "Ann"}}
        assert client.session("Ann")["busy"]
        tell(socket, event="play", time_s=0.0, upto=1)
        tell(socket, samples=rows(0, 20), upto=2)
        assert hear(socket) == {"saved": 2}
        tell(socket, samples=rows(20, 40), upto=3)
        tell(socket, finish=True, dropped=0)
        assert hear(socket) == {"finished": True}
    session = client.session("Ann")
    assert (session["busy"], session["videos"][0]["done"]) == (False, True)
    assert len(read_samples(log_of(server))[1]) == 40
    assert [event["event"] for event in read_events(log_of(server))] == ["started", "play", "finished"]
    assert (server.plan.out / "ratings/clip/Ann.csv").read_text() == "time_s,end_s,valence\n0,1,0.095\n1,2,0.295\n"


def test_what_was_not_saved_is_sent_again_and_kept_once(server, client):
    with client.socket() as socket:
        begin(socket, "clip", "Ann")
        tell(socket, samples=rows(0, 20), upto=1)
        assert hear(socket) == {"saved": 1}
        tell(socket, samples=rows(20, 30), upto=2)
    with client.socket() as socket:  # the page does not know whether 2 arrived
        assert begin(socket, "clip", "Ann", attempt=1) == {"begun": {"attempt": 1, "rater": "Ann"}}
        tell(socket, samples=rows(20, 30), upto=2)
        tell(socket, samples=rows(30, 40), upto=3)
        tell(socket, finish=True, dropped=0)
        assert hear(socket)["finished"]
    times = read_samples(log_of(server))[1]
    assert times.tolist() == [k / 20 for k in range(40)]
    with client.socket() as socket:  # and if it did not hear of the end
        assert begin(socket, "clip", "Ann", attempt=1) == {"finished": True}
    assert len(attempts_of(server.plan.out, "clip", "Ann")) == 1


def test_a_rater_goes_on_later_or_begins_again(server, client):
    with client.socket() as socket:
        begin(socket, "clip", "Ann")
        tell(socket, samples=rows(0, 20), upto=1)
        hear(socket)
    assert client.session("Ann")["videos"][0]["resume_s"] == pytest.approx(0.95)
    with client.socket() as socket:
        assert begin(socket, "clip", "Ann", resume=True)["begun"]["attempt"] == 1
    with client.socket() as socket:
        assert begin(socket, "clip", "Ann", resume=False)["begun"]["attempt"] == 2
    assert [event["event"] for event in read_events(log_of(server))] == ["started", "continued"]


def test_one_name_rates_once_at_a_time(client):
    with client.socket() as first, client.socket() as second:
        begin(first, "clip", "Ann")
        assert (
            begin(second, "clip", "ANN")["problem"] == "Ann is rating in another window; close it, or use another name"
        )
        with client.socket() as third:
            assert begin(third, "clip", "Bea")["begun"]
    with client.socket() as again:
        assert begin(again, "clip", "Ann")["begun"]


@pytest.mark.parametrize(
    "message",
    [
        {"samples": [[0.0]]}, {"samples": [[0.0, 2.0]]}, {"samples": [[-1.0, 0.0]]}, {"samples": [[99.0, 0.0]]}, {"samples": "x"},
        {"samples": [["0", 0.0]]}, {"samples": [[True, 0.0]]}, {"samples": [[0.0, None]]}, {"samples": [[0.0, 0.0]] * 5001},
        {"event": "a\nb", "time_s": 0}, {"event": "pause"}, {"event": 3, "time_s": 0}, {"other": 1}, [], 3,
    ],
)  # fmt: skip
def test_what_is_no_sample_is_refused(server, client, message):
    with client.socket() as socket:
        begin(socket, "clip", "Ann")
        tell(socket, samples=rows(0, 2), upto=1)
        if isinstance(message, dict):
            tell(socket, **message)
        else:
            socket.send(str(message))
        while "problem" not in (found := hear(socket)):
            assert found == {"saved": 1}
        with pytest.raises(ConnectionClosed):
            hear(socket)
    assert len(read_samples(log_of(server))[1]) == 2


@pytest.mark.parametrize("name", ["", "../x", "a/b", "<b>"])
def test_names_and_videos_that_are_not_there(client, name):
    with client.socket() as socket:
        assert "cannot be a rater's name" in begin(socket, "clip", name)["problem"]
    with client.socket() as socket:
        assert "no video is called" in begin(socket, name, "Ann")["problem"]
    with client.socket() as socket:
        socket.send("{")
        assert hear(socket)["problem"] == "not a message of this page"


def test_a_full_disk_is_told_and_the_page_can_go_on(server, client, monkeypatch):
    write = os.write
    with client.socket() as socket:
        begin(socket, "clip", "Ann")
        tell(socket, samples=rows(0, 20), upto=1)
        assert hear(socket) == {"saved": 1}

        def full(file, data):
            if bytes(data[:2]) in (b"1.", b"0.") or b"play" in bytes(data):
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(file, data)

        monkeypatch.setattr(os, "write", full)
        tell(socket, samples=rows(20, 40), upto=2)
        assert "No space left on device" in hear(socket)["problem"]
    monkeypatch.setattr(os, "write", write)
    with client.socket() as socket:
        begin(socket, "clip", "Ann", attempt=1)
        tell(socket, samples=rows(20, 40), upto=2)
        tell(socket, finish=True, dropped=0)
        assert hear(socket)["finished"]
    assert len(read_samples(log_of(server))[1]) == 40


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_eight_raters_at_once_for_five_minutes(tmp_path):
    """20 samples a second from each: none is lost, all are saved each second."""
    write_rated_video(tmp_path / "clip.webm", 300.0, rate=5)
    rating = seqfer.rate(tmp_path / "clip.webm", out=tmp_path / "out", port=0, browser=False)
    with rating as server, ExitStack() as stack:
        client = RatingClient(server.link)
        sockets = [stack.enter_context(client.socket()) for _ in range(8)]
        for number, socket in enumerate(sockets):
            assert begin(socket, "clip", f"rater {number}")["begun"]
        late = feed(sockets)
        for number, socket in enumerate(sockets):
            tell(socket, finish=True, dropped=0)
            while "finished" not in hear(socket):
                pass
            times = read_samples(log_of(server, f"rater {number}"))[1]
            assert times.tolist() == [k / 20 for k in range(6000)]
    assert max(late) <= 20  # messages, which are two seconds


def feed(sockets):
    """Ten messages a second of two samples to each for five minutes; every ten seconds, how many messages were not yet saved."""
    started, late = time.monotonic(), []
    for step in range(3000):
        time.sleep(max(0.0, started + step / 10 - time.monotonic()))
        for socket in sockets:
            tell(socket, samples=rows_of(2 * step), upto=step + 1)
        if step % 100 == 99:
            late += [step + 1 - last_saved(socket) for socket in sockets]
    return late


def rows_of(first):
    return [[k / 20, (k % 100) / 100] for k in (first, first + 1)]


def last_saved(socket):
    found = 0
    while True:
        try:
            found = hear(socket, 0.001)["saved"]
        except TimeoutError:
            return found
