"""Decoding of damaged files: counters, and the end of files that never end."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest
from video_files import number_in, write_film

from seqfer import video
from seqfer.core.errors import InputError
from seqfer.video import decoding
from seqfer.video.decoding import Decoding


def test_damage_in_the_middle_is_read_over(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", range(60), options={"g": "10", "bf": "0"})
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        spoilt = [packet for packet in container.demux(video=0) if packet.size][24:26]
        for packet in spoilt:
            data[packet.pos + 4 : packet.pos + packet.size] = bytes(packet.size - 4)
    path.write_bytes(data)
    source = video.open_source(path)
    frames = [(f.index, f.time_s, number_in(f.grey())) for f in source.frames()]
    assert source.damaged >= 1
    assert source.problem is None
    assert len(frames) >= 57
    assert [index for index, _, _ in frames] == list(range(len(frames)))
    good = [(round(time_s * 30000 / 1001), number) for _, time_s, number in frames]
    assert all(tick == number for tick, number in good if tick < 24 or tick >= 30)
    assert [f.time_s for f in source.frames()] == [time_s for _, time_s, _ in frames]  # and the same again


def test_a_file_that_never_ends_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_film(tmp_path / "a.mp4", range(20))
    monkeypatch.setattr(decoding, "BYTES_PER_BYTE", 0)
    monkeypatch.setattr(decoding, "SPARE_BYTES", 900)
    source = video.open_source(path)
    assert 0 < len(list(source.frames())) < 20
    assert "reading the file loops" in str(source.problem)


def counters(path: Path, threads: str) -> tuple[int, Decoding]:
    """How many frames one pass gives, and its counters."""
    one = Decoding(path, threads)
    return len(list(one.frames())), one


@pytest.mark.parametrize("threads", ["AUTO", "SLICE"])
def test_a_whole_file_has_no_damage_and_its_last_times(tmp_path: Path, threads: str) -> None:
    frames, whole = counters(write_film(tmp_path / "a.mp4", range(20), Fraction(25)), threads)
    assert frames == 20
    assert not whole.has_damage
    assert not whole.is_truncated
    assert (whole.last_packet_s, whole.last_frame_s) == pytest.approx((0.76, 0.76))
    assert whole.reach_s == pytest.approx(0.8)
    assert whole.opened is not None


def test_frames_at_once_end_at_the_first_damage_and_slices_go_on(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", range(40), options={"g": "10", "bf": "0"})
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        spoilt = [packet for packet in container.demux(video=0) if packet.size][15]
        data[spoilt.pos + 4 : spoilt.pos + spoilt.size] = bytes(spoilt.size - 4)
    path.write_bytes(data)
    early, quick = counters(path, "AUTO")
    late, thorough = counters(path, "SLICE")
    assert quick.has_damage
    assert thorough.has_damage
    assert early < 40 <= late + 1
    assert thorough.broken_off == ""


def test_the_end_of_a_cut_file_is_noticed(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "a.mkv", range(60), Fraction(25), options={"g": "15"}).read_bytes()
    (tmp_path / "b.mkv").write_bytes(whole[: int(0.6 * len(whole))])
    frames, cut = counters(tmp_path / "b.mkv", "SLICE")
    assert 10 < frames < 60
    assert cut.reach_s == pytest.approx(frames / 25, abs=0.1)


def test_what_is_no_video_is_refused_when_frames_are_asked_for(tmp_path: Path) -> None:
    missing = Decoding(tmp_path / "gone.mp4", "AUTO")
    with pytest.raises(InputError, match="no such video file"):
        next(missing.frames())
