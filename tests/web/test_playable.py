"""Videos that browsers cannot play are refused with their codec and what to do."""

import pytest
from mock_video import write_audio
from rated_videos import write_rated_video

from seqfer.core.errors import InputError
from seqfer.web.playable import check_playable


@pytest.mark.parametrize(
    ("name", "codec", "kind"),
    [("a.webm", "libvpx", "video/webm"), ("a.mp4", "libx264", "video/mp4"), ("a.mov", "libx264", "video/mp4")],
)
def test_what_browsers_play(tmp_path, name, codec, kind):
    found = check_playable(write_rated_video(tmp_path / name, 2.0, codec=codec))
    assert found.media_type == kind
    assert found.length_s == pytest.approx(2.0, abs=0.05)
    assert found.frame_rate_hz == 25.0


@pytest.mark.parametrize(
    ("name", "codec", "words"),
    [
        ("a.avi", "mpeg4", "the container avi"),
        ("a.mp4", "mpeg4", "the video codec mpeg4"),
        ("a.mkv", "libx264", "the container matroska"),
    ],
)
def test_what_browsers_do_not_play(tmp_path, name, codec, words):
    path = write_rated_video(tmp_path / name, 1.0, codec=codec)
    with pytest.raises(InputError) as error:
        check_playable(path)
    assert f"browsers cannot play {words}; make a copy with `seqfer study transcode" in str(error.value)


def test_files_that_are_no_videos(tmp_path):
    (tmp_path / "text.mp4").write_text("text")
    with pytest.raises(InputError, match="is not a video"):
        check_playable(tmp_path / "text.mp4")
    with pytest.raises(InputError, match="cannot be read"):
        check_playable(tmp_path / "none.mp4")
    with pytest.raises(InputError, match="has no pictures"):
        check_playable(write_audio(tmp_path / "sound.mp4"))
