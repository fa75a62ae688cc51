"""All tables at once: they agree with each other, and an exception leaves none of them."""

import csv
import math

import pytest
from annotation_rows import CLASSES, film

from seqfer.core.errors import InputError
from seqfer.core.records import FaceRow
from seqfer.film.output.files import AnnotationFiles
from seqfer.film.output.reading import read_rows
from seqfer.film.output.seconds import collect_second_means
from seqfer.film.output.tables import Columns

ROWS = film(["fear"] * 40 + [""] * 60 + ["anger"] * 20)


def lines(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_tables_agree(tmp_path):
    with AnnotationFiles(tmp_path, Columns(CLASSES)) as files:
        for row in ROWS:
            files.write(row)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "frames.csv",
        "frames.parquet",
        "tracks.csv",
        "valence_1hz.csv",
    ]
    frames = lines(tmp_path / "frames.csv")
    assert (len(frames), files.counts.face_rows, files.counts.frames_without_face) == (120, 60, 60)
    (track,) = lines(tmp_path / "tracks.csv")
    assert int(track["frames"]) == sum(int(line["frames"]) for line in lines(tmp_path / "valence_1hz.csv")) == 60
    means = []
    list(collect_second_means(read_rows(tmp_path), means))
    seen = [line for line in lines(tmp_path / "valence_1hz.csv") if line["frames"] != "0"]
    assert [
        math.isclose(mean.valence, float(line["valence"]), abs_tol=1e-6) for mean, line in zip(means, seen, strict=True)
    ]


def test_rows_whose_valence_differs_from_the_norms_of_their_emotions_are_counted(tmp_path):
    happy = [1.0 if name == "happiness" else 0.0 for name in CLASSES]  # 0.81 under norms
    with AnnotationFiles(tmp_path, Columns(CLASSES)) as files:
        for frame, valence in enumerate((0.81, 0.52, 0.5, -0.2)):
            files.write(FaceRow(frame, frame / 25, 1, 1, (0, 0, 9, 9), 0.9, tuple(happy), valence))
        files.write(FaceRow(4, 4 / 25, 1))
    assert files.differing == 2


def test_without_valence_there_is_no_trace(tmp_path):
    with AnnotationFiles(tmp_path, Columns(CLASSES, valence=False)) as files:
        for row in ROWS:
            files.write(row)
    assert not (tmp_path / "valence_1hz.csv").exists()


def test_an_exception_leaves_nothing(tmp_path):
    def write():
        with AnnotationFiles(tmp_path, Columns(CLASSES)) as files:
            for row in reversed(ROWS):
                files.write(row)

    with pytest.raises(InputError, match="comes after frame"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        AnnotationFiles(tmp_path / "file", Columns(CLASSES))
