"""Files are opened by their path alone, whatever their names look like to FFmpeg."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import av
import pytest
from video_files import number_in, write_film

from seqfer import video
from seqfer.core.errors import InputError
from seqfer.video.containers import open_to_read
from seqfer.video.random_access import read_at
from seqfer.video.writing import H264Writer

NAMES = (
    "2024-03-05T14:30:00.mp4",
    "P01:session2.mp4",
    "file:x.mp4",
    "P01:s2/video.mp4",
    "take 1 %02d #3.mp4",
    "concat:a|b.mp4",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_relative_name_with_a_colon_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    write_film(tmp_path / "plain.mp4", range(4), sound="aac").rename(path)
    monkeypatch.chdir(tmp_path)
    relative = Path(name)
    assert video.probe(relative).frames == 4
    assert [number_in(frame.grey()) for frame in video.open_source(relative).frames()] == [0, 1, 2, 3]
    assert number_in(read_at(relative, [2])[0][..., 1]) == 2
    with H264Writer(Path(f"copy-{relative.name}"), 128, 64, sound_from=relative) as writer:
        for number, _, rgb in video.read_frames(relative):
            writer.write(rgb, number / 25)
    with open_to_read(Path(f"copy-{relative.name}")) as copy:
        assert (len(copy.streams.video), len(copy.streams.audio)) == (1, 1)


def test_a_name_that_is_an_address_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`http:/127.0.0.1:PORT/x.mp4` is a file in folders of those names, and where there is none, no request is made."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        monkeypatch.chdir(tmp_path)
        address = Path(f"http:/127.0.0.1:{server.getsockname()[1]}/x.mp4")
        with pytest.raises(InputError, match="no such video file"):
            video.probe(address)
        address.parent.mkdir(parents=True)
        address.write_bytes(write_film(tmp_path / "a.mp4", range(3)).read_bytes())
        assert video.probe(address).frames == 3
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_playlist_reaches_no_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        playlist = tmp_path / "list.m3u8"
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.ts"
        playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\n{address}\n#EXT-X-ENDLIST\n")
        with pytest.raises(InputError):
            list(video.read_frames(playlist))
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_title_in_latin_1_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Title: Zaehlen"
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"Zaehlen", b"Z\xe4hlen."))
    assert video.probe(path).frames == 1


def test_a_share_that_refuses_to_change_permissions_keeps_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refuse)
    with H264Writer(tmp_path / "a.mp4", 128, 64) as writer:
        writer.write(next(video.read_frames(write_film(tmp_path / "b.mp4", range(2))))[2], 0.0)
    assert video.probe(tmp_path / "a.mp4").frames == 1


def referring(other: str) -> dict[str, str]:
    """Name -> content of files that FFmpeg would read as a list of others."""
    return {
        "a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\n{other}\n#EXT-X-ENDLIST\n",
        "a.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\n{other}\n#EXT-X-ENDLIST\n",
        "a.ffconcat": f"ffconcat version 1.0\nfile '{other}'\n",
        "b.mp4": f"ffconcat version 1.0\nfile '{other}'\n",
        "a.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S" '
        'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" '
        f'bandwidth="1"><BaseURL>{other}</BaseURL></Representation></AdaptationSet></Period></MPD>',
        "a.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "a.asx": f'<asx version="3.0"><entry><ref href="{other}"/></entry></asx>',
        "a.smil": f'<smil><body><video src="{other}"/></body></smil>',
    }  # fmt: skip


@pytest.mark.parametrize("name", referring(""))
@pytest.mark.parametrize("where", ["beside", "absolute", "file", "http", "subfile", "concat"])
def test_a_file_that_names_others_is_no_video(tmp_path: Path, name: str, where: str) -> None:
    """Their pictures would be those of another file, which may be private, and at an address somebody would learn who reads the list."""
    inner = write_film(tmp_path / "other.ts", range(5), codec="mpeg2video")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        other = {
            "beside": inner.name,
            "absolute": str(inner),
            "file": f"file:{inner}",
            "http": f"http://127.0.0.1:{server.getsockname()[1]}/x.ts",
            "subfile": f"subfile,,start,0,end,0,,:{inner}",
            "concat": f"concat:{inner}|{inner}",
        }[where]
        (tmp_path / name).write_text(referring(other)[name])
        for read in (
            video.probe,
            lambda path: list(video.read_frames(path)),
            lambda path: video.open_source(path),
            lambda path: read_at(path, [0]),
        ):
            with pytest.raises(InputError) as error:
                read(tmp_path / name)
            assert str(error.value).isprintable()
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    "name",
    [
        "data:video%2Fmp4;base64,AAAA",
        "subfile,,start,0,end,9,,:a.mp4",
        "crypto:a.mp4",
        "cache:a.mp4",
        "pipe:0",
        "-",
        "async:a.mp4",
        "fd:",
        "md5:a",
        "tcp:",
        "%03d.mp4",
    ],
)
def test_every_protocol_of_ffmpeg_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_film(Path("a.mp4"), range(3))
    with pytest.raises(InputError, match="no such video file"):
        video.probe(Path(name))
    Path(name).write_bytes(write_film(Path("b.mp4"), range(7)).read_bytes())
    assert video.probe(Path(name)).frames == 7


def test_a_pattern_of_picture_names_opens_no_other_file(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"a{number}.png").write_bytes(b"")
    (tmp_path / "a%d.png").write_bytes(b"no picture")
    with pytest.raises(InputError):
        video.probe(tmp_path / "a%d.png")


def test_a_video_with_more_pixels_than_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_film(tmp_path / "a.mp4", range(4))
    monkeypatch.setenv("SEQFER_MAX_PIXELS", "8000")
    for read in (video.probe, lambda path: list(video.read_frames(path)), lambda path: video.open_source(path)):
        with pytest.raises(
            InputError, match=r"a video of 128 x 64 pixels; at most 8,000 are decoded \(set SEQFER_MAX_PIXELS"
        ):
            read(path)
    monkeypatch.setenv("SEQFER_MAX_PIXELS", "8192")
    assert video.probe(path).frames == 4


def test_a_video_that_grows_beyond_the_limit_is_damaged_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = write_film(tmp_path / "a.h264", range(4)).read_bytes()
    large = write_film(tmp_path / "b.h264", range(4), size=(256, 128)).read_bytes()
    (tmp_path / "c.h264").write_bytes(small + large)
    assert sum(1 for _ in video.open_source(tmp_path / "c.h264").frames()) == 8
    monkeypatch.setenv("SEQFER_MAX_PIXELS", "10000")
    with video.open_source(tmp_path / "c.h264") as source:
        assert sum(1 for _ in source.frames()) == 4
        assert source.damaged or source.problem
