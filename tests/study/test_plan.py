"""Videos and raters by name."""

import pytest

from seqfer.core.errors import InputError
from seqfer.study.plan import RatingPlan, rater_file_name, raters_of, videos_of
from seqfer.study.settings import RatingSettings


def test_videos_are_named_by_their_files(tmp_path):
    for name in ("b.mp4", "a.webm"):
        (tmp_path / name).touch()
    videos = videos_of([tmp_path / "b.mp4", tmp_path / "a.webm"])
    assert [video.name for video in videos] == ["b", "a"]
    plan = RatingPlan(videos, RatingSettings(), tmp_path)
    assert plan.video("a").path == tmp_path / "a.webm"
    with pytest.raises(InputError, match=r"no video is called '\.\./a'; allowed: b, a"):
        plan.video("../a")


def test_missing_and_equal_videos_are_refused(tmp_path):
    (tmp_path / "a.mp4").touch()
    (tmp_path / "A.webm").touch()
    with pytest.raises(InputError, match=r"none\.mp4: cannot be read"):
        videos_of([tmp_path / "none.mp4"])
    with pytest.raises(InputError, match="two videos are called 'a'"):
        videos_of([tmp_path / "a.mp4", tmp_path / "A.webm"])
    with pytest.raises(InputError, match="no videos"):
        videos_of([])


@pytest.mark.parametrize("name", ["Ann", "Zoë 2", "rater_07", "R.2-b", "  spaced   out "])
def test_names_that_can_be_files(name):
    assert rater_file_name(name) == " ".join(name.split())


@pytest.mark.parametrize("name", ["", " ", "..", ".hidden", "dot.", "a/b", "a\\b", "<script>", "a\0b", "x" * 61, "'"])
def test_names_that_cannot_be_files_are_refused(name):
    with pytest.raises(InputError, match="cannot be a rater's name"):
        rater_file_name(name)


def test_raters_of_equal_names_are_refused():
    assert raters_of([" Ann ", "Ben"]) == ("Ann", "Ben")
    with pytest.raises(InputError, match="two raters are called 'ann'"):
        raters_of(["Ann", "ann"])
