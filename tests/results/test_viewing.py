"""`seqfer.view` finds runs, videos and ratings."""

import pytest
from viewed_runs import write_viewed_run

import seqfer
from seqfer.results.viewing import find_video


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_viewed_run(tmp_path_factory.mktemp("viewing"))


def test_videos_are_looked_for_beside_the_run(run, tmp_path, monkeypatch):
    assert find_video(run, "uneven.mp4") == run.parent / "uneven.mp4"
    monkeypatch.chdir(tmp_path)
    assert find_video(tmp_path / "run", "uneven.mp4") is None
    (tmp_path / "uneven.mp4").touch()
    assert find_video(tmp_path / "a" / "b" / "c" / "d" / "run", "uneven.mp4") is not None


def test_bad_input(run, tmp_path):
    with pytest.raises(seqfer.InputError, match="no such folder"):
        seqfer.view(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(seqfer.InputError, match=r"has no summary\.json"):
        seqfer.view(tmp_path / "empty")
    with pytest.raises(seqfer.InputError, match="2 runs, but a video or ratings belong to one"):
        seqfer.view([run, run], video="x.mp4")
    with pytest.raises(seqfer.InputError, match=r"none\.csv"):
        seqfer.view(run, raters=tmp_path / "none.csv")
