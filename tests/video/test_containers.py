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
