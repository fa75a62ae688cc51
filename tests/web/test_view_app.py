"""The routes of the viewer."""

import json
import shutil

import pytest
from rated_videos import write_rated_video
from rating_client import RatingClient
from viewed_runs import write_viewed_run

import seqfer


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("view")
    write_viewed_run(made)
    shutil.copytree(made / "run", made / "more" / "a & b")
    shutil.copytree(made / "run", made / "more" / "c")
    (made / "secret.txt").write_text("secret")
    return made


def ask(client, path):
    status, body = client.get(path)
    return status, json.loads(body) if status in (200, 400) else body


def test_one_run(folder):
    with seqfer.view(folder / "run", port=0, browser=False) as server:
        client = RatingClient(server.link)
        (listed,) = ask(client, "/api/runs")[1]["runs"]
        assert (listed["name"], listed["video"], listed["complete"]) == ("run", "uneven.mp4", True)
        facts = ask(client, "/api/run?run=run")[1]
        assert (facts["playable"], facts["problem"], facts["width"]) == (True, "", 240)
        assert facts["faces"][0]["rows"] > 50
        assert set(facts["colours"]) == set(facts["classes"])
        assert client.get("/video?run=run", Range="bytes=0-9") == (206, (folder / "uneven.mp4").read_bytes()[:10])
        assert len(ask(client, "/api/rows?run=run&from=0&to=1")[1]["frames"]) > 10
        assert ask(client, "/api/timeline?run=run&from=0&to=1&bins=10")[1]["bins"] == 10


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/run?run=none", 404), ("/api/run", 404), ("/video?run=../secret.txt", 404), ("/video?run=secret.txt", 404),
        ("/api/rows?run=run&from=x&to=1", 400), ("/api/rows?run=run&from=1&to=0", 400), ("/api/rows?run=run", 400),
        ("/api/timeline?run=run&from=0&to=1&bins=-1", 400), ("/api/timeline?run=run&from=0&to=1&bins=99999999", 400),
        ("/static/../view_app.py", 404), ("/static/..%2fview_app.py", 404), ("/api/rows?run=run&from=0&to=inf", 400),
    ],
)  # fmt: skip
def test_wrong_requests(folder, path, status):
    with seqfer.view(folder / "run", port=0, browser=False) as server:
        found, body = RatingClient(server.link).get(path)
    assert found == status
    assert b"secret\n" not in body
    assert b"Traceback" not in body


def test_many_runs_and_videos_that_cannot_be_played(folder, tmp_path):
    with seqfer.view(folder / "more", port=0, browser=False) as server:
        assert server.runs == ("a & b", "c")
        facts = ask(RatingClient(server.link), "/api/run?run=a%20%26%20b")[1]
        assert facts["playable"]  # in the folder above
    other = write_rated_video(tmp_path / "other.webm", 9.0)
    with seqfer.view(folder / "run", video=other, port=0, browser=False) as server:
        facts = ask(RatingClient(server.link), "/api/run?run=run")[1]
        assert facts["playable"]
        assert "lasts 9.0 s, but the annotated video lasted" in facts["problem"]
    avi = write_rated_video(tmp_path / "a.avi", 1.0, codec="mpeg4")
    shutil.copytree(folder / "run", tmp_path / "alone" / "x" / "y" / "run")
    for given, words in (
        ({"video": avi}, "browsers cannot play the container avi"),
        ({}, "was not found beside the run"),
    ):
        with seqfer.view(tmp_path / "alone" / "x" / "y" / "run", **given, port=0, browser=False) as server:
            client = RatingClient(server.link)
            facts = ask(client, "/api/run?run=run")[1]
            assert not facts["playable"]
            assert words in facts["problem"]
            assert client.get("/video?run=run")[0] == 404


def test_corrections_are_on_the_disk_before_the_answer(folder, tmp_path):
    run = shutil.copytree(folder / "run", tmp_path / "run")
    with seqfer.view(run, port=0, browser=False) as server:
        client = RatingClient(server.link)
        split = {"action": "split", "face": 1, "at_s": 1.0, "new_face": 2}
        status, answer = client.post("/api/corrections?run=run", split)
        assert (status, answer["corrections"]) == (200, [split])
        assert json.loads((run / "corrections.json").read_text())["actions"] == [split]
        assert [face["face"] for face in ask(client, "/api/run?run=run")[1]["faces"]] == [2, 1]
        for wrong, words in (
            ({"action": "merge", "face": 1, "other": 9}, "there is no face 9; the faces are 1, 2"),
            ({"action": "split", "face": 1, "at_s": 0.5, "new_face": 2}, "face 2 is there already"),
            ({"action": "explode"}, "its action must be one of merge, split"),
            ([], "is no correction"),
        ):
            status, body = client.post("/api/corrections?run=run", wrong)
            assert status == 400
            assert words in json.loads(body)["problem"]
        assert client.post("/api/corrections?run=run", {"action": "undo"})[1] == {"corrections": []}
        assert client.post("/api/corrections?run=none", split)[0] == 404
    with seqfer.view(
        run, port=0, browser=False
    ) as server:  # killed or ended, all but an action without an answer is there
        assert ask(RatingClient(server.link), "/api/run?run=run")[1]["corrections"] == []
