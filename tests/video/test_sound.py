"""The audio of one video in another."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest
from video_files import copied, number_in, write_film

from seqfer.core.errors import InputError
from seqfer.video import open_source
from seqfer.video.sound import SoundTrack


def sound_of(path: Path) -> tuple[str, float, list[bytes]]:
    """(codec, seconds from the first to the last packet, the packets)."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        times = [float(packet.pts * packet.time_base) for packet in packets]
        return stream.codec_context.name, max(times) - min(times), [bytes(packet) for packet in packets]


@pytest.mark.parametrize(
    ("name", "sound", "heard"),
    [
        ("a.mp4", "aac", "aac"),
        ("a.ts", "aac", "aac"),
        ("a.mp4", "libmp3lame", "mp3float"),
        ("a.mkv", "pcm_s16le", "aac"),
    ],
)
def test_sound_comes_along(tmp_path: Path, name: str, sound: str, heard: str) -> None:
    source = write_film(tmp_path / name, range(50), Fraction(25), sound=sound)
    target = copied(source, tmp_path / "b.mp4")
    codec, length_s, packets = sound_of(target)
    assert codec == heard
    assert length_s == pytest.approx(2.0, abs=0.15)
    if name.endswith("mp4"):
        assert packets == sound_of(source)[2][: len(packets)]  # copied, not encoded again
    assert [round(f.time_s, 3) for f in open_source(target).frames()][:2] == [
        round(f.time_s, 3) for f in open_source(source).frames()
    ][:2]


@pytest.mark.parametrize("sound", ["aac", "pcm_s16le"])
def test_a_part_starts_at_zero(tmp_path: Path, sound: str) -> None:
    source = write_film(tmp_path / "a.mkv", range(50), Fraction(25), sound=sound)
    target = copied(source, tmp_path / "b.mp4", zero_s=1.0, start_s=1.0)
    frames = list(open_source(target).frames())
    assert frames[0].time_s == pytest.approx(0.0, abs=1e-3)
    assert number_in(frames[0].grey()) == 25
    assert sound_of(target)[1] == pytest.approx(1.0, abs=0.2)


def test_a_video_without_sound_gives_none(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "b.mp4"), "w") as target:
        assert SoundTrack.of(write_film(tmp_path / "a.mp4", range(3)), target, 0.0) is None


def test_a_source_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "words.mp4").write_text("these are words")
    with (
        av.open(str(tmp_path / "b.mp4"), "w") as target,
        pytest.raises(InputError, match=r"words\.mp4: no sound can be taken from it \(.+\); check the path"),
    ):
        SoundTrack.of(tmp_path / "words.mp4", target, 0.0)


def test_sound_is_written_up_to_a_time_and_no_further(tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", range(50), Fraction(25), sound="aac")
    with av.open(str(tmp_path / "b.mp4"), "w") as target:
        track = SoundTrack.of(source, target, 0.0)
        assert track is not None
        track.write_until(0.5)
        track.finish(1.0)
    _, length_s, packets = sound_of(tmp_path / "b.mp4")
    assert length_s == pytest.approx(1.0, abs=1024 / 16000 * 2)
    assert packets == sound_of(source)[2][: len(packets)]


def test_damage_ends_the_sound_without_an_error(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "a.mkv", range(50), Fraction(25), sound="pcm_s16le").read_bytes()
    (tmp_path / "c.mkv").write_bytes(whole[: int(0.7 * len(whole))])
    with av.open(str(tmp_path / "b.mp4"), "w") as target:
        track = SoundTrack.of(tmp_path / "c.mkv", target, 0.0)
        assert track is not None
        track.finish(9.0)
    assert 0 < sound_of(tmp_path / "b.mp4")[1] < 2.2


@pytest.mark.parametrize("stage", ["of", "write_until", "finish"])
@pytest.mark.parametrize(
    "problem",
    [
        ValueError("Frame does not match AudioResampler setup."),
        av.error.ArgumentError(22, "Invalid argument"),
        TypeError("no time base"),
    ],
)
def test_damaged_sound_is_left_out_and_said(
    tmp_path: Path, monkeypatch, caplog, stage: str, problem: Exception
) -> None:
    source = write_film(tmp_path / "a\x1b[2J.mkv", range(30), Fraction(25), sound="pcm_s16le")

    def fails(*args):
        raise problem

    monkeypatch.setattr(SoundTrack, stage, classmethod(fails) if stage == "of" else fails)
    target = copied(source, tmp_path / "b.mp4")
    with open_source(target) as film:
        assert [number_in(frame.grey()) for frame in film.frames()] == list(range(30))
    warnings = [record.getMessage() for record in caplog.records if "its sound is damaged" in record.getMessage()]
    assert len(warnings) == 1
    assert warnings[0].isprintable()
    assert r"a\x1b[2J.mkv" in warnings[0]
    assert "b.mp4 has none from" in warnings[0]


def test_sound_that_the_container_cannot_hold_is_left_out(tmp_path: Path, caplog) -> None:
    """AAC whose header lost its configuration: MP4 refuses it when its header is written."""
    source = write_film(tmp_path / "a.mkv", range(30), Fraction(25), sound="aac")
    data = bytearray(source.read_bytes())
    with av.open(str(source)) as container:
        extra = container.streams.audio[0].codec_context.extradata
    place = data.index(extra)
    data[place : place + len(extra)] = bytes(len(extra))
    source.write_bytes(data)
    target = copied(source, tmp_path / "b.mp4")
    with open_source(target) as film:
        assert film.info.width
        assert sum(1 for _ in film.frames()) == 30


def test_a_full_disk_is_still_an_error_of_the_disk(tmp_path: Path, monkeypatch) -> None:
    source = write_film(tmp_path / "a.mkv", range(30), Fraction(25), sound="pcm_s16le")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SoundTrack, "write_until", full)
    with pytest.raises(InputError, match="cannot be written"):
        copied(source, tmp_path / "b.mp4")
    assert not (tmp_path / "b.mp4").exists()
