"""tracks.csv: one line per face."""

from __future__ import annotations

import csv
import math

import pytest
from annotation_rows import CLASSES, face_row, film

from seqfer.core.records import FaceRow
from seqfer.film.output.track_table import TrackTable


def table(folder, rows):
    made = TrackTable(folder, CLASSES)
    for row in rows:
        made.write(row)
    written = made.close()
    name = "tracks.csv"
    with open(folder / name, newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [path.name for path in folder.iterdir()] == [name]
    assert written == len(lines)
    return lines


def test_tracks(tmp_path):
    rows = [
        FaceRow(0, 0.0, 1),
        face_row(1, 0.1, 1, "fear", 0.5, box=(0, 0, 10, 20), score=0.8),
        face_row(2, 0.2, 1, "fear", math.nan, box=(0, 0, 20, 40), score=math.nan),
        face_row(2, 0.2, 2, "anger", -0.5, shot=1),
        face_row(9, 0.9, 1, "neutral", 0.25, box=(0, 0, 30, 60), score=0.6),
        face_row(10, 1.0, 3, "surprise", shot=2),
    ]
    lines = table(tmp_path, rows)
    assert [line["face"] for line in lines] == ["1", "2", "3"]
    first = lines[0]
    assert [first[k] for k in ("shot", "first_frame", "last_frame", "frames", "searched")] == ["1", "1", "9", "3", "2"]
    assert (first["start_s"], first["end_s"]) == ("0.100000", "0.900000")
    assert (first["mean_score"], first["mean_width_px"], first["mean_height_px"]) == ("0.7000", "20.00", "40.00")
    assert first["emotion"] == "fear"
    assert float(first["mean_fear"]) == pytest.approx((2 * 0.7 + 0.05) / 3, abs=1e-6)
    assert float(first["mean_valence"]) == pytest.approx(0.375)
    assert (lines[2]["shot"], lines[2]["mean_valence"]) == ("2", "")


def test_no_track(tmp_path):
    assert table(tmp_path, film(["", ""])) == []


def test_short_tracks_are_marked(tmp_path):
    """Frames are 0.1 s apart: five of them are a track of 0.5 s, four are short."""
    made = TrackTable(tmp_path, CLASSES, min_track_s=0.5)
    for k in range(20):
        here = [face for face, first, last in ((1, 0, 19), (2, 3, 7), (3, 10, 13)) if first <= k <= last]
        for face in here:
            made.write(face_row(k, k / 10, face, "fear"))
    assert made.short == {3}
    made.close()
    with open(tmp_path / "tracks.csv", newline="", encoding="utf-8") as file:
        assert [(line["face"], line["short"]) for line in csv.DictReader(file)] == [("1", "0"), ("2", "0"), ("3", "1")]


def test_no_track_is_short_without_a_limit(tmp_path):
    made = TrackTable(tmp_path, CLASSES)
    made.write(face_row(0, 0.0, 1, "fear"))
    assert made.short == set()
