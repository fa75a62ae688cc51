"""Copies for browsers: times, rotation and sound stay; nothing is left of a copy that fails."""

from fractions import Fraction

import av
import numpy as np
import pytest
from rated_videos import write_rated_video
from video_files import UNEVEN, number_in, write_film

from seqfer.core.errors import InputError
from seqfer.video import open_source
from seqfer.video.film import FilmSource
from seqfer.video.transcoding import transcode, transcoded_path
from seqfer.web.playable import check_playable


def test_uneven_times_and_pictures_stay(tmp_path):
    source = write_film(tmp_path / "a.mp4", UNEVEN, Fraction(50))
    target = transcoded_path(source)
    assert target == tmp_path / "a-h264.mp4"
    steps = []
    assert transcode(FilmSource(source), target, steps.append) == len(UNEVEN)
    assert steps == list(range(1, len(UNEVEN) + 1))
    frames = list(open_source(target).frames())
    assert [f.time_s for f in frames] == pytest.approx([tick / 50 for tick in UNEVEN], abs=1e-4)
    assert [number_in(f.grey()) for f in frames] == list(range(len(UNEVEN)))


def test_a_video_that_browsers_refuse_can_be_played_afterwards(tmp_path):
    source = tmp_path / "old.avi"
    with av.open(str(source), "w") as container:
        pictures = container.add_stream("mpeg4", rate=25)
        pictures.width, pictures.height, pictures.pix_fmt = 128, 64, "yuv420p"
        sound = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        for index in range(25):
            picture = np.full((64, 128, 3), 10 * index, np.uint8)
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        tone = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        tone.sample_rate = 8000
        container.mux(sound.encode(tone))
        container.mux(pictures.encode())
    with pytest.raises(InputError, match="seqfer study transcode"):
        check_playable(source)
    target = transcoded_path(source)
    transcode(FilmSource(source), target)
    assert check_playable(target).length_s == pytest.approx(1.0, abs=0.1)
    with av.open(str(target)) as container:
        assert container.streams.audio[0].codec_context.name == "aac"


def test_a_copy_that_fails_leaves_nothing(tmp_path):
    source = write_rated_video(tmp_path / "a.webm", 1.0)

    def stop(done):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transcode(FilmSource(source), tmp_path / "b.mp4", stop)
    with pytest.raises(InputError, match="cannot be written"):
        transcode(FilmSource(source), source / "b.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.webm"]
