"""The routes of the rating pages."""

import json

import pytest
from rated_videos import write_rated_video
from rating_client import RatingClient

import seqfer
from seqfer.core.errors import InputError, SettingsError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("rating")
    write_rated_video(made / "one.webm", 1.0)
    write_rated_video(made / "two & three.webm", 1.0)
    (made / "secret.txt").write_text("secret")
    (made / "how.md").write_text("# How\n\nMove **it**. <script>alert(1)</script> [x](javascript:alert(1))")
    return made


@pytest.fixture(scope="module")
def client(folder):
    videos = [folder / "one.webm", folder / "two & three.webm"]
    given = {"instructions": str(folder / "how.md"), "practice": str(folder / "one.webm"), "language": "de"}
    with seqfer.rate(videos, out=folder / "ratings", port=0, browser=False, order="latin_square", **given) as server:
        yield RatingClient(server.link)


def test_the_session_before_and_after_the_name(client):
    session = client.session()
    assert (session["rater"], session["videos"], session["video_count"]) == ("", [], 2)
    assert session["texts"]["start"] == "Start"
    assert session["language"] == "de"
    assert session["axes"] == [{"name": "valence", "low": "sehr negativ", "high": "sehr positiv"}]
    first, second = client.session("Ann"), client.session("Bea")
    assert [video["name"] for video in first["videos"]] == ["one", "two & three"]
    assert [video["name"] for video in second["videos"]] == ["two & three", "one"]
    assert first["videos"][0] == {
        "name": "one",
        "length_s": 1.0,
        "frame_rate_hz": 25.0,
        "done": False,
        "resume_s": None,
    }
    assert client.session("ann")["rater"] == "Ann"  # the same file on disks that ignore case


def test_a_name_that_cannot_be_is_refused_with_words(client):
    status, body = client.get("/api/session?rater=%3Cscript%3E")
    assert status == 400
    assert "cannot be a rater's name" in json.loads(body)["problem"]


def test_instructions_hold_no_script(client):
    text = client.session()["instructions"]
    assert "<h1>How</h1>" in text
    assert "<strong>it</strong>" in text
    assert "<script" not in text
    assert "javascript:" not in text


def test_videos_are_read_in_ranges(client, folder):
    content = (folder / "two & three.webm").read_bytes()
    assert client.get("/videos/two%20%26%20three") == (200, content)
    assert client.get("/videos/one", Range="bytes=10-19") == (206, (folder / "one.webm").read_bytes()[10:20])
    assert client.get("/practice")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/videos/secret.txt", "/videos/../secret.txt", "/videos/..%2fsecret.txt", "/videos/%2e%2e/secret.txt", "/videos/one.webm",
        "/static/../rating_app.py", "/static/..%2frating_app.py", "/static/%2e%2e/rating_app.py", "/static//etc/passwd",
        "/videos/one%00", "/videos//etc/passwd", "/api/none", "/ratings/.access-key",
    ],
)  # fmt: skip
def test_nothing_beside_the_plan_is_read(client, path):
    status, body = client.get(path)
    assert status in (400, 404)
    assert b"secret" not in body
    assert b"import" not in body


def test_results_of_a_check_reach_python(tmp_path, folder):
    with seqfer.rate(folder / "one.webm", out=tmp_path, port=0, browser=False, check=True) as server:
        client = RatingClient(server.link)
        assert client.session()["check_s"] == 5
        names = ("input", "reports_hz", "late_share", "delay_ms", "sampling_hz", "sampling_late_share")
        found = dict.fromkeys(names, 1.5)
        assert client.post("/api/check", found) == (200, {"saved": True})
        assert server.checks == [found]
        assert client.post("/api/check", {"input": "x"})[0] == 400
        assert client.post("/api/check", {"input": "x" * 200_000})[0] == 413
        assert server.checks == [found]


def test_bad_input_is_refused_before_anything_listens(tmp_path, folder):
    with pytest.raises(InputError, match="browsers cannot play the container avi"):
        seqfer.rate(write_rated_video(tmp_path / "a.avi", 1.0, codec="mpeg4"), out=tmp_path)
    with pytest.raises(SettingsError, match="'xx' is unknown"):
        seqfer.rate(folder / "one.webm", out=tmp_path, language="xx")
    with pytest.raises(InputError, match=r"none\.md: cannot be read"):
        seqfer.rate(folder / "one.webm", out=tmp_path, instructions="none.md")
