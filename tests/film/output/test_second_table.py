"""valence_1hz.csv: means of whole seconds, gaps empty, the same as plain arithmetic."""

from __future__ import annotations

import csv
import errno
import math
import random
import statistics

import pytest
from annotation_rows import CLASSES, face_row, film

from seqfer.core.errors import InputError
from seqfer.core.files import StagedFile
from seqfer.core.records import FaceRow
from seqfer.film.output.rounding import text
from seqfer.film.output.second_table import SecondTable


def table(folder, rows):
    made = SecondTable(folder, CLASSES)
    for row in rows:
        made.write(row)
    written = made.close()
    name = "valence_1hz.csv"
    with open(folder / name, newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [path.name for path in folder.iterdir()] == [name]
    assert written == len(lines)
    return lines


def test_means_are_over_frames_from_t_to_below_t_plus_1(tmp_path):
    rows = [face_row(k, k * 1001 / 30000, valence=k / 100, emotion=CLASSES[k % 7]) for k in range(75)]
    lines = table(tmp_path, rows)
    assert [line["second"] for line in lines] == ["0", "1", "2"]
    assert [int(line["frames"]) for line in lines] == [30, 30, 15]  # frame 30 is at 1.001 s, frame 60 at 2.002 s
    for second, line in enumerate(lines):
        values = [row.valence for row in rows if second <= row.time_s < second + 1]
        assert float(line["valence"]) == pytest.approx(statistics.fmean(values), abs=1e-6)
        assert float(line["valence_sd"]) == pytest.approx(statistics.stdev(values), abs=1e-6)
        assert line["coverage"] == "1.000000"
        fear = [row.probabilities[2] for row in rows if second <= row.time_s < second + 1]
        assert float(line["mean_fear"]) == pytest.approx(statistics.fmean(fear), abs=1e-6)


def test_a_frame_at_an_edge_less_an_error_of_floating_point_belongs_to_the_next_second(tmp_path):
    rows = [face_row(0, 2.5, valence=-1.0), face_row(1, 2.9999999, valence=1.0)]
    assert [(line["second"], line["valence"]) for line in table(tmp_path, rows)] == [
        ("2", "-1.000000"),
        ("3", "1.000000"),
    ]


def test_a_gap_is_empty_never_zero(tmp_path):
    emotions = ["fear"] * 25 + [""] * 75 + ["fear"] * 10
    lines = table(tmp_path, film(emotions))
    assert [(line["second"], line["frames"], line["coverage"]) for line in lines] == [
        ("0", "25", "1.000000"),
        ("1", "0", "0.000000"),
        ("2", "0", "0.000000"),
        ("3", "0", "0.000000"),
        ("4", "10", "1.000000"),
    ]
    for line in lines[1:4]:
        assert {line["valence"], line["valence_sd"], line["mean_fear"], line["mean_neutral"]} == {""}


def test_before_the_first_and_after_the_last_there_is_nothing(tmp_path):
    lines = table(tmp_path, film([""] * 50 + ["fear"] * 5 + [""] * 80))
    assert [(line["second"], line["coverage"]) for line in lines] == [("2", "0.200000")]


def test_a_second_without_any_analysed_frame_has_no_coverage(tmp_path):
    lines = table(tmp_path, [face_row(0, 0.0, valence=0.5), face_row(90, 3.0, valence=0.5)])
    assert [(line["second"], line["coverage"]) for line in lines] == [
        ("0", "1.000000"),
        ("1", ""),
        ("2", ""),
        ("3", "1.000000"),
    ]
    assert lines[0]["valence_sd"] == ""  # of one value


def test_a_film_that_begins_elsewhere(tmp_path):
    lines = table(tmp_path, film(["fear"] * 30, start_s=100.5))
    assert [(line["second"], line["frames"]) for line in lines] == [("100", "13"), ("101", "17")]
    lines = table(tmp_path, film(["fear"] * 30, start_s=-0.5))
    assert [(line["second"], line["frames"]) for line in lines] == [("-1", "13"), ("0", "17")]


def test_valence_that_was_not_asked_for_is_empty(tmp_path):
    line = table(tmp_path, film(["fear"] * 5, valence=math.nan))[0]
    assert (line["valence"], line["valence_sd"], line["frames"]) == ("", "", "5")


def test_against_a_plain_calculation(tmp_path):
    """Faces that come and go at random: every row of the table follows from the rows of the film."""
    rng, rows, time_s = random.Random(3), [], 0.2
    for frame in range(900):
        time_s += rng.choice([0.02, 0.04, 0.1, 1.7])
        faces = [face for face in range(1, 5) if math.sin(frame * face / 60) > 0.3]
        rows += [face_row(frame, time_s, face, rng.choice(CLASSES), rng.uniform(-1, 1)) for face in faces]
        rows += [] if faces else [FaceRow(frame, time_s, 1)]
    seen, frames = {}, {}
    for row in rows:
        second = math.floor(round(row.time_s, 6))
        seen.setdefault((second, row.face), []).append(row.valence)
        frames.setdefault(second, set()).add(row.frame)
    expected = {}
    for face in range(1, 5):
        own = [second for second, of in seen if of == face]
        for second in range(min(own), max(own) + 1):
            analysed = len(frames.get(second, ()))
            values = seen.get((second, face), [])
            coverage = len(values) / analysed if analysed else math.nan
            expected[second, face] = (
                text(statistics.fmean(values) if values else math.nan),
                len(values),
                text(coverage),
            )
    lines = table(tmp_path, rows)
    keys = [(int(line["second"]), int(line["face"])) for line in lines]
    assert keys == sorted(expected)
    for key, line in zip(keys, lines):
        assert float(line["valence"] or 9) == pytest.approx(float(expected[key][0] or 9), abs=1.1e-6)
        assert (int(line["frames"]), line["coverage"]) == expected[key][1:]


def test_times_that_go_back_are_counted_and_left_out(tmp_path):
    rows = [face_row(0, 5.0, valence=1.0), face_row(1, 2.0, valence=-1.0), face_row(2, 5.5, valence=1.0)]
    made = SecondTable(tmp_path, CLASSES)
    for row in rows:
        made.write(row)
    assert made.close() == 1
    assert made.late_rows == 1
    assert made.close() == 0


def test_a_jump_of_more_than_a_day_is_counted_and_not_filled(tmp_path):
    made = SecondTable(tmp_path, CLASSES)
    for row in (face_row(0, 0.0), face_row(1, 1e9), face_row(2, 1e9 + 2)):
        made.write(row)
    assert made.close() == 4
    assert made.long_gaps == 1


def test_a_jump_without_the_face_fills_nothing(tmp_path):
    rows = [face_row(0, 0.0), FaceRow(1, 1e12, 1), face_row(2, 1e12 + 1, 2)]
    assert [line["face"] for line in table(tmp_path, rows)] == ["1", "2"]


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    begin = StagedFile.__init__

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def __getattr__(self, name):
            return getattr(self.file, name)

    def full(self, path):
        begin(self, path)
        if path.name == "valence_1hz.csv":
            self.file = Full(self.file)

    monkeypatch.setattr(StagedFile, "__init__", full)
    with pytest.raises(InputError, match="No space left") as caught:
        table(tmp_path, film(["fear"] * 100))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_no_rows(tmp_path):
    assert table(tmp_path, []) == []
