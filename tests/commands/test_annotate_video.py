"""`seqfer annotate-video`: options become settings, and each video has a line."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from command_calls import recorded, refused
from video_summary import video_summary

from seqfer.cli import main
from seqfer.film.many import VideoResult


@pytest.fixture
def annotated(monkeypatch):
    def answer(*results):
        monkeypatch.setattr("seqfer.runs.process_tuning.tune_for_video", lambda: None)
        made = [VideoResult(film, Path(out), told, problem) for film, out, told, problem in results]
        return recorded(monkeypatch, "seqfer.film.many.annotate_all", made)

    return answer


def test_options_become_settings_of_rows_and_of_files(annotated, tmp_path):
    work = annotated(("a.mp4", "out", video_summary(), None))
    words = ["annotate-video", "a.mp4", "--valence", "--start-s", "2", "--end-s", "8", "--jobs", "3", "--resume"]
    assert main([*words, "--overlay", "--formats", "elan,webvtt", "--out", str(tmp_path / "x"), "--quiet"]) == 0
    (folders, rows, wanted), named = work.only
    assert folders == [("a.mp4", tmp_path / "x")]
    assert (rows.valence, rows.start_s, rows.end_s) == (True, 2.0, 8.0)
    assert (wanted.overlay, wanted.formats) == (True, ("elan", "webvtt"))
    assert named == {"jobs": 3, "resume": True, "quiet": True}


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({}, "75 frames, 2 faces, 32 frames/s: out/report.html"),
        ({"rows_without_face": 5}, "75 frames, 2 faces, 5 without a face, 32 frames/s: out/report.html"),
        ({"faces": 0, "rows_without_face": 75}, "75 frames, no face, 32 frames/s: out/report.html"),
        ({"faces": 1, "analysed": 1, "frames_per_second": math.nan}, "1 frame, 1 face: out/report.html"),
        (
            {"partial": True, "damaged_packets": 3},
            "partial: 75 frames, 3 damaged, 2 faces, 32 frames/s: out/report.html",
        ),
    ],
)
def test_the_line_of_one_video(annotated, capsys, changed, line):
    annotated(("a.mp4", "out", video_summary(**changed), None))
    assert main(["annotate-video", "a.mp4", "--quiet"]) == 0
    assert capsys.readouterr().out == line + "\n"


def test_of_several_videos_one_that_fails_has_a_line_too_and_the_code_is_2(annotated, capsys):
    annotated(("long.mp4", "o/long", video_summary(), None), ("b.mp4", "o/b", None, "b.mp4: cannot\nbe read"))
    assert main(["annotate-video", "long.mp4", "b.mp4", "--quiet"]) == 2
    first, second = capsys.readouterr().out.splitlines()
    assert first == "long.mp4  75 frames, 2 faces, 32 frames/s: o/long/report.html"
    assert second == "b.mp4     failed (b.mp4: cannot be read)"


def test_one_video_that_fails_says_why_on_the_error_output(annotated, capsys):
    annotated(("b.mp4", "o", None, "b.mp4: cannot be read"))
    assert main(["annotate-video", "b.mp4", "--quiet"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "seqfer annotate-video: b.mp4: cannot be read\n")


def test_bad_options_are_one_line(capsys):
    assert "detect_hz" in refused(capsys, "annotate-video", "a.mp4", "--detect-hz", "-1")
    assert "allowed: elan, overlay, webvtt" in refused(capsys, "annotate-video", "a.mp4", "--formats", "avi")
