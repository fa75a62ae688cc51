"""Subtitles: the grammar of WebVTT, no cue over another, a line per face."""

import math
import re

import pytest
from annotation_rows import CLASSES, face_row, film

from seqfer.core.records import FaceRow
from seqfer.film.output.formats.webvtt import write_webvtt

STAMP = re.compile(r"(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})")
TEXT = re.compile(r"<v Face \d+>(?:[^&<>]|&(?:amp|lt|gt);)+")


def milliseconds(stamp):
    hours, minutes, seconds, ms = (int(part) for part in STAMP.fullmatch(stamp).groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms


def check_webvtt(path):
    """The grammar as far as it is used here. Returns (start ms, end ms, lines) of every cue."""
    raw = path.read_bytes()
    assert b"\0" not in raw
    blocks = raw.decode("utf-8").rstrip("\n").split("\n\n")
    assert blocks[0] == "WEBVTT"
    assert blocks[1].startswith("NOTE\n")
    assert "-->" not in blocks[1]
    cues, before = [], 0
    for block in blocks[2:]:
        name, times, *lines = block.split("\n")
        assert "-->" not in name
        assert lines
        start, end = (milliseconds(stamp) for stamp in times.split(" --> "))
        assert before <= start < end
        assert all(TEXT.fullmatch(line) for line in lines)
        cues.append((start, end, lines))
        before = end
    assert len({block.split("\n")[0] for block in blocks[2:]}) == len(cues)
    return cues


def webvtt(folder, rows, film_name="film.mp4", **options):
    write_webvtt(folder / "film.vtt", rows, CLASSES, film_name, **options)
    return check_webvtt(folder / "film.vtt")


def test_one_face_second_by_second(tmp_path):
    rows = film(["fear"] * 30 + ["anger"] * 20, valence=-0.5)
    assert webvtt(tmp_path, rows) == [
        (0, 1000, ["<v Face 1>fear 0.70, valence -0.50"]),
        (1000, 1200, ["<v Face 1>fear 0.70, valence -0.50"]),
        (1200, 2000, ["<v Face 1>anger 0.70, valence -0.50"]),
    ]


def test_without_valence_a_cue_is_a_stretch(tmp_path):
    rows = film(["fear"] * 100 + [""] * 25 + ["anger"] * 25, valence=math.nan)
    assert webvtt(tmp_path, rows) == [(0, 4000, ["<v Face 1>fear 0.70"]), (5000, 6000, ["<v Face 1>anger 0.70"])]


def test_faces_at_once_share_a_cue(tmp_path):
    rows = film(["fear"] * 25, valence=math.nan)
    rows += [face_row(k, k / 25, 2, "happiness") for k in range(10, 30)]
    rows = sorted(rows, key=lambda row: row.frame)
    assert webvtt(tmp_path, rows) == [
        (0, 400, ["<v Face 1>fear 0.70"]),
        (400, 1000, ["<v Face 1>fear 0.70", "<v Face 2>happiness 0.70"]),
        (1000, 1200, ["<v Face 2>happiness 0.70"]),
    ]


def test_hours_and_players_zero(tmp_path):
    rows = film(["fear"] * 10, start_s=3 * 3600 + 61.5, valence=0.25)
    webvtt(tmp_path, rows)
    assert "03:01:01.500 --> 03:01:01.900" in (tmp_path / "film.vtt").read_text()
    assert [cue[:2] for cue in webvtt(tmp_path, rows, origin_s=3 * 3600 + 61.6)] == [(0, 300)]
    rows = film(["fear"] * 10, start_s=100 * 3600.0)
    webvtt(tmp_path, rows)
    assert "100:00:00.000 --> " in (tmp_path / "film.vtt").read_text()


def test_odd_names(tmp_path):
    webvtt(tmp_path, film(["fear"] * 9), 'a --> "b"\n\n1\n00:00 & <c>\r\x07\udcff ü.mp4')
    note = (tmp_path / "film.vtt").read_text(encoding="utf-8").split("\n\n")[1]
    assert note.count("\n") == 1
    assert note.endswith("ü.mp4")


def test_no_faces(tmp_path):
    assert webvtt(tmp_path, [FaceRow(0, 0.0, 1), FaceRow(1, 0.04, 1)]) == []
    assert webvtt(tmp_path, []) == []


def test_a_jump_in_time_makes_no_flood_of_cues(tmp_path):
    assert len(webvtt(tmp_path, [face_row(0, 0.0, valence=0.5), face_row(1, 1e9, valence=0.5)])) < 200


def test_a_parser_reads_it(tmp_path):
    parser = pytest.importorskip("webvtt")
    webvtt(tmp_path, film(["fear"] * 60))
    assert len(parser.read(str(tmp_path / "film.vtt"))) == 3
