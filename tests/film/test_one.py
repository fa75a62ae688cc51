"""`seqfer annotate-video` from end to end, on a drawn film, with the detector that is always there."""

import csv
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree

import av
import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from seqfer.cli import main
from seqfer.core.records import Detection
from seqfer.film import opening, stream
from seqfer.film.block_log import BlockLog
from seqfer.film.thumbnails import Thumbnails
from seqfer.models.opening import open_model
from seqfer.tracks.following import FollowSettings
from seqfer.video import open_source
from seqfer.video.sources import FolderSource
from tests.browser import CHROMIUM, dump_dom
from tests.drawn_film import GONE, HEIGHT, RATE, THERE, WIDTH, looks, write_drawn_film
from tests.mock_video import write_audio
from tests.video_files import write_film

TABLES = ("frames.csv", "frames.parquet", "tracks.csv", "valence_1hz.csv")
HAAR = ("--detector", "haar", "--quiet")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_drawn_film(tmp_path_factory.mktemp("film") / "drawn & quartered.mp4", sound=True)


@pytest.fixture(scope="module")
def done(film, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "result"
    words = ["annotate-video", str(film), "--valence", "--out", str(out), "--overlay", "--format", "elan,webvtt", *HAAR]
    assert main(words) == 0
    return out


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_for_every_frame_with_its_true_time(done):
    rows = rows_of(done / "frames.csv")
    assert [int(row["frame"]) for row in rows] == list(range(THERE + GONE))
    assert np.allclose([float(row["time_s"]) for row in rows], np.arange(THERE + GONE) / RATE, atol=1e-3)


def test_a_face_while_it_is_there_and_none_after(done):
    rows = rows_of(done / "frames.csv")
    seen = [row["face"] == "1" for row in rows]
    assert all(seen[:THERE])
    assert not any(seen[THERE:])
    for row in rows[:THERE]:
        shares = [
            float(row[name]) for name in ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
        ]
        assert sum(shares) == pytest.approx(1, abs=1e-4)
        assert -1 <= float(row["valence"]) <= 1
        assert float(row["x1"]) < 120 < float(row["x2"])
        assert float(row["y1"]) < 90 < float(row["y2"])
    assert all(row["x1"] == row["valence"] == row["emotion"] == "" for row in rows[THERE:])


def test_both_tables_are_the_same(done):
    rows, table = rows_of(done / "frames.csv"), pq.read_table(done / "frames.parquet").to_pylist()
    assert len(rows) == len(table)
    for row, other in zip(rows, table, strict=True):
        assert all(str(other[k]) == v or (v == "" and other[k] is None) or float(v) == other[k] for k, v in row.items())


def test_seconds_and_tracks(done):
    seconds = rows_of(done / "valence_1hz.csv")
    assert [(row["second"], row["frames"]) for row in seconds] == [("0", "25"), ("1", str(THERE - 25))]
    rows = rows_of(done / "frames.csv")
    assert float(seconds[0]["valence"]) == pytest.approx(
        np.mean([float(row["valence"]) for row in rows[:25]]), abs=1e-4
    )
    (track,) = rows_of(done / "tracks.csv")
    assert (track["first_frame"], track["last_frame"]) == ("0", str(THERE - 1))


def test_summary_adds_up_and_names_what_was_used(done, film):
    summary = json.loads((done / "summary.json").read_text())
    assert (summary["container_frames"], summary["decoded"], summary["analysed"]) == (THERE + GONE,) * 3
    assert (summary["rows"], summary["rows_without_face"], summary["partial"]) == (THERE + GONE, GONE, False)
    assert summary["model"]["head"] == "average"
    assert summary["detector"]["name"] == "haar"
    assert summary["valence"]["method"] == "model"
    assert "FER+" in summary["valence"]["source"]
    assert summary["film"]["name"] == film.name
    assert len(summary["film"]["checksum"]) == 64


def test_other_files_are_there(done):
    with av.open(str(done / "overlay.mp4")) as overlay:
        assert overlay.streams.video[0].codec_context.name == "h264"
        assert overlay.streams.audio
        assert sum(1 for _ in overlay.decode(video=0)) == THERE + GONE
    assert "<ANNOTATION_DOCUMENT" in (done / "annotation.eaf").read_text()
    assert (done / "annotation.vtt").read_text().startswith("WEBVTT")
    page = (done / "report.html").read_text()
    assert "drawn &amp; quartered" in page
    assert "data:image/jpeg" in page
    assert not list(done.glob(".*.part"))
    assert not (done / ".work").exists()


PLAYER = """<body><video src="overlay.mp4" muted></video><script>
const film = document.querySelector("video");
film.onloadeddata = () => { document.body.dataset.seen = `${film.videoWidth}x${film.videoHeight}` };
</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_plays_the_overlay(done, tmp_path):
    shutil.copy(done / "overlay.mp4", tmp_path)
    (tmp_path / "player.html").write_text(PLAYER)
    dom, _ = dump_dom(tmp_path / "player.html", tmp_path / "profile", wait_ms=8000)
    if 'data-seen="' not in dom and not shutil.which("chromium"):
        pytest.skip("a Chromium without H.264")
    assert f'data-seen="{WIDTH}x{HEIGHT}"' in dom


def annotated(film, out, *more):
    return main(["annotate-video", str(film), "--out", str(out), *HAAR, *more])


def test_what_a_model_lacks_is_said(film, tmp_path, capsys):
    words = ["annotate-video", str(film), "--detector", "haar", "--valence", "--end", "0.2"]
    assert main([*words, "--model", "small", "--out", str(tmp_path / "small")]) == 0
    said = capsys.readouterr().err
    assert "head: none is included for small, so every frame is classified by itself" in said
    assert "valence: no weights are included for small" in said
    assert json.loads((tmp_path / "small" / "summary.json").read_text())["valence"]["method"] == "norms"
    assert main([*words, "--out", str(tmp_path / "compact")]) == 0
    assert "is included for" not in capsys.readouterr().err


def test_no_faces_leaves_pictures_out(film, tmp_path):
    assert annotated(film, tmp_path / "a", "--no-faces", "--end", "0.5") == 0
    assert "data:image/jpeg" not in (tmp_path / "a" / "report.html").read_text()
    assert "valence" not in rows_of(tmp_path / "a" / "frames.csv")[0]


def test_span_and_rate(film, tmp_path):
    assert annotated(film, tmp_path / "a", "--start", "0.4", "--end", "1.2", "--fps", "5") == 0
    assert [float(row["time_s"]) for row in rows_of(tmp_path / "a" / "frames.csv")] == pytest.approx(
        [0.4, 0.6, 0.8, 1.0]
    )


@pytest.mark.parametrize(("words", "same"), [((), 18), (("--encode-hz", "5"), 20)])
def test_causal_rows_do_not_change_with_what_comes_later(film, tmp_path, words, same):
    """Up to the look-ahead of search and encoder the first second is the same whether or not the film goes on."""
    for name, end in (("short", "1.0"), ("long", "1.6")):
        assert annotated(film, tmp_path / name, "--causal", "--end", end, *words) == 0
    short, long = (rows_of(tmp_path / name / "frames.csv") for name in ("short", "long"))
    assert short[:same] == long[:same]


def test_cut_off_film_gives_what_there_is(film, tmp_path, capsys):
    whole = film.read_bytes()
    cut = tmp_path / "cut.ts"
    with av.open(str(film)) as source, av.open(str(cut), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
    code = annotated(cut, tmp_path / "a")
    summary = json.loads((tmp_path / "a" / "summary.json").read_text())
    assert 0 < summary["analysed"] < THERE + GONE
    assert len(rows_of(tmp_path / "a" / "frames.csv")) == summary["rows"]
    if code:  # MPEG-TS does not say how long it is: an end there is no damage, unless the decoder saw some
        assert code == 2
        assert summary["partial"]
        assert "marked partial" in capsys.readouterr().err
    half = tmp_path / "half.mp4"
    half.write_bytes(whole[: len(whole) // 2])  # the index of an MP4 is at its end
    assert annotated(half, tmp_path / "b") == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize("what", ["missing", "text", "sound", "empty"])
def test_what_is_no_film(what, tmp_path, capsys):
    path = tmp_path / "film.mp4"
    if what == "text":
        path.write_text("not a film")
    elif what == "sound":
        write_audio(path)
    elif what == "empty":
        path.write_bytes(b"")
    assert annotated(path, tmp_path / "out") == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith("seqfer annotate-video:")
    assert "\n" not in error
    assert str(path) in error
    assert not (tmp_path / "out").exists()


def test_settings_out_of_range(film, tmp_path, capsys):
    for more in (
        ("--fps", "-1"),
        ("--format", "docx"),
        ("--end", "1", "--start", "2"),
        ("--model", "large"),
        ("--head", "both"),
        ("--jobs", "-1"),
    ):
        assert annotated(film, tmp_path / "a", *more) == 2
        assert "allowed" in (error := capsys.readouterr().err) or "must be" in error or "weights are included" in error


def test_a_part_without_a_frame_leaves_nothing(film, tmp_path, capsys):
    for more, said in (
        (("--start", "100"), "the last one is at 1.6 s; give an earlier --start"),
        (("--start", "0.41", "--end", "0.42"), "choose another part"),
    ):
        assert annotated(film, tmp_path / "a", *more) == 2
        assert said in capsys.readouterr().err
        assert not (tmp_path / "a").exists()


def test_names_that_are_no_text(film, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    odd = os.fsdecode(b"-\xff\n'.mp4")
    try:
        shutil.copy(film, tmp_path / odd)
    except OSError:
        pytest.skip("this file system takes no such name")
    words = ["annotate-video", f"./{odd}", "--head", "none", "--end", "0.2", "--format", "elan,webvtt", "--overlay"]
    assert main([*words, *HAAR]) == 0
    told = capfd.readouterr().out
    assert len(told.splitlines()) == 1
    (out,) = tmp_path.glob("*-seqfer")
    assert ElementTree.parse(out / "annotation.eaf")
    assert (out / "overlay.mp4").exists()


def test_a_stream_whose_clock_starts_late(tmp_path):
    """Rows have the container's times; players begin at 0:00, and so do subtitles and the drawn film."""
    film = write_film(tmp_path / "late.ts", range(250, 262), Fraction(25), options={"bf": "0"})
    with open_source(film) as source:
        assert source.info.zero_s == pytest.approx(next(source.frames()).time_s)
    with open_source(write_film(tmp_path / "late.mkv", range(250, 262), Fraction(25))) as source:
        assert source.info.zero_s == 0.0  # its clock has a 0:00 of its own
    assert annotated(film, tmp_path / "a", "--head", "none", "--overlay") == 0
    assert float(rows_of(tmp_path / "a" / "frames.csv")[0]["time_s"]) == pytest.approx(10)
    with av.open(str(tmp_path / "a" / "overlay.mp4")) as overlay:
        assert next(overlay.decode(video=0)).time == 0


def test_a_face_is_followed_in_a_film_of_few_frames(film, tmp_path):
    for more in (("--fps", "0.9"), ("--max-gap", "0")):
        assert annotated(film, tmp_path / more[0], *more, "--end", "1.15") == 0
        assert {row["face"] for row in rows_of(tmp_path / more[0] / "frames.csv")} == {"1"}


def test_pictures_of_which_one_is_broken(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, picture in enumerate([*looks(), *looks()]):
        cv2.imwrite(str(folder / f"{number}.png"), cv2.resize(picture, None, fx=1 + number / 8, fy=1 + number / 8))
    (folder / "3.png").write_bytes((folder / "3.png").read_bytes()[:400])
    assert annotated(folder, tmp_path / "a", "--head", "none", "--overlay", "--folder-fps", "25") == 0
    rows = rows_of(tmp_path / "a" / "frames.csv")
    assert [(int(row["frame"]), float(row["time_s"])) for row in rows] == [(k, k / 25) for k in range(8) if k != 3]
    summary = json.loads((tmp_path / "a" / "summary.json").read_text())
    assert (summary["container_frames"], summary["decoded"], summary["damaged_packets"]) == (8, 7, 1)
    assert "holds 7" in summary["notes"][0]
    assert summary["files"][-1] == "overlay.mp4"
    assert annotated(folder, tmp_path / "b", "--head", "none", "--folder-fps", "2") == 0
    assert [float(row["time_s"]) for row in rows_of(tmp_path / "b" / "frames.csv")] == [
        k / 2 for k in range(8) if k != 3
    ]
    assert [row["picture"] for row in rows_of(tmp_path / "b" / "frames.csv")] == [
        f"{k}.png" for k in range(8) if k != 3
    ]
    assert annotated(folder, tmp_path / "c", "--folder-fps", "-1") == 2


def test_a_camera_ends_with_the_first_interrupt(tmp_path, monkeypatch, capsys):
    class Camera(FolderSource):
        def __init__(self):
            folder = tmp_path / "pictures"
            folder.mkdir()
            for number in range(40):
                cv2.imwrite(str(folder / f"{number}.png"), looks()[0])
            super().__init__(folder, 25)
            self.info = replace(self.info, kind="camera", name="camera:0", container_frames=None)

        def _walk(self):
            for frame in super()._walk():
                if frame.index == 10:
                    signal.raise_signal(signal.SIGINT)
                yield frame

    monkeypatch.setattr(opening, "open_source", lambda film, folder_fps: Camera())
    assert annotated("camera:0", tmp_path / "a", "--head", "none") == 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert [int(row["frame"]) for row in rows_of(tmp_path / "a" / "frames.csv")] == list(range(10))
    assert annotated("camera:0", tmp_path / "b", "--overlay") == 2
    assert "omit --overlay" in capsys.readouterr().err


def test_places_that_are_none(film, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "x"):
        assert annotated(film, out) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert (tmp_path / "file").read_text() == "mine"


def test_interrupted_and_taken_up_again(film, tmp_path, monkeypatch, capsys):
    def interrupted(self, followed):
        raise KeyboardInterrupt

    out = tmp_path / "a"
    with monkeypatch.context() as patch:
        patch.setattr(Thumbnails, "look", interrupted)
        assert annotated(film, out, "--head", "none") == 130
    assert "interrupted" in capsys.readouterr().err
    assert not list(out.glob(".*.part"))
    assert annotated(film, out, "--head", "none", "--resume") == 0


def pieces(film, model, stop_after, log):
    """Rows of the film; the run is ended after so many."""
    calls = []

    def detect(picture):
        calls.append(picture.shape)
        return [Detection((60.0, 40.0, 180.0, 160.0), 0.9)]

    with open_source(film) as source:
        pipeline = stream.Pipeline(
            detect, model, FollowSettings(longest_px=240, detect_hz=6.0), valence=True, encode_hz=0.0
        )
        rows = stream.annotate(source.frames(), pipeline, log=log)
        return list(itertools.islice(rows, stop_after)), len(calls)


def test_a_log_saves_what_was_computed_and_changes_nothing(film, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "BLOCK", 7)
    model = open_model("compact", frames_alone=True, kind="video")
    whole, calls = pieces(film, model, None, None)
    log = BlockLog(tmp_path / "log", {"film": "x"})
    part, _first_calls = pieces(film, model, 20, log)
    again, more_calls = pieces(film, model, None, BlockLog(tmp_path / "log", {"film": "x"}))
    assert part == whole[:20]
    assert again == whole
    assert 0 < more_calls < calls
    none, no_calls = pieces(film, model, None, BlockLog(tmp_path / "log", {"film": "x"}))
    assert none == whole
    assert no_calls <= 1


KILLED = """
import os, signal, sys
from seqfer.film import stream
from seqfer.film.block_log import BlockLog
from seqfer.cli import main
put, stream.BLOCK = BlockLog.put, 8
def put_or_die(self, number, arrays):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    put(self, number, arrays)
BlockLog.put = put_or_die
main(sys.argv[1:])
"""


def test_killed_and_resumed_ends_with_the_same_files(film, tmp_path, monkeypatch):
    """The process ends as with kill -9 while the fourth of five blocks is computed."""
    killed, straight = tmp_path / "killed", tmp_path / "straight"
    words = ["annotate-video", str(film), "--valence", *HAAR, "--out", str(killed)]
    process = subprocess.run([sys.executable, "-c", KILLED, *words], capture_output=True)
    assert process.returncode == -signal.SIGKILL, process.stderr
    assert len(list((killed / ".work").glob("block-*"))) == 3
    assert not any((killed / name).exists() for name in (*TABLES, "summary.json"))
    monkeypatch.setattr(stream, "BLOCK", 8)
    assert annotated(film, straight, "--valence") == 0
    assert main([*words, "--resume"]) == 0
    for name in TABLES:
        assert (killed / name).read_bytes() == (straight / name).read_bytes(), name
    assert not (killed / ".work").exists()
