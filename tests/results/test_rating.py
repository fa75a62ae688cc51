"""`seqfer.rate`: a server in the background, and one line where it cannot run."""

import importlib.util

import pytest
from rated_videos import write_rated_video
from rating_client import RatingClient, begin

import seqfer


def test_the_server_answers_until_it_is_stopped(tmp_path):
    video = write_rated_video(tmp_path / "clip.webm", 1.0)
    with seqfer.rate(video, out=tmp_path / "out", port=0, browser=False) as server:
        link = server.link
        assert server.rater_links == {}
        assert RatingClient(link).session()["video_count"] == 1
        assert repr(server) == f"RatingServer(1 video, results in {tmp_path / 'out'})"
    with pytest.raises(OSError, match="refused"):
        RatingClient(link)
    with seqfer.rate(video, out=tmp_path / "out", port=0, browser=False) as server:
        assert link.partition("?")[2] == server.link.partition("?")[2]  # the token of a folder stays


def test_missing_packages_name_the_extra(tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "uvicorn" else find(name))
    with pytest.raises(seqfer.SettingsError, match=r"the package uvicorn is missing.*install seqfer\[web\]"):
        seqfer.rate(write_rated_video(tmp_path / "clip.webm", 0.2))


def test_each_rater_has_a_link_that_is_good_for_no_other_name(tmp_path):
    video = write_rated_video(tmp_path / "clip.webm", 1.0)
    with seqfer.rate(video, out=tmp_path / "out", port=0, browser=False, raters=("Ann", "Ben")) as server:
        assert list(server.rater_links) == ["Ann", "Ben"]
        ann = RatingClient(server.rater_links["Ann"])
        assert ann.session()["rater"] == "Ann"
        assert ann.session("Ben")["rater"] == "Ann"
        assert not ann.session()["owner"]
        with ann.socket() as socket:
            assert begin(socket, "clip", "Ben")["begun"]["rater"] == "Ann"
        owner = RatingClient(server.link)
        assert owner.session("Ben")["rater"] == "Ben"
        assert owner.get("/api/session?rater=Eve")[0] == 400
