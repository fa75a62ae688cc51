"""Drawing rows on pictures and films: what is drawn where, at every size; rows of fewer frames than the film; times and sound kept."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.core.records import FaceRow
from seqfer.film.output.extra_files import AnnotatedVideo
from seqfer.film.output.formats import overlay
from seqfer.film.output.formats.overlay import draw_overlay, face_rgb, write_overlay
from seqfer.video import open_source
from seqfer.video.writing import H264Writer

CLASSES = ("happiness", "sadness")
GREY = 128


def row(frame: int = 0, face: int | None = 1, box=(100.0, 120.0, 180.0, 220.0), valence=0.5, time_s=0.0) -> FaceRow:
    if face is None:
        return FaceRow(frame, time_s, 1)
    return FaceRow(frame, time_s, 1, face, box, 0.9, (0.8, 0.2), valence)


def plain(height: int = 360) -> np.ndarray:
    return np.full((height, height * 16 // 9, 3), GREY, np.uint8)


def test_the_picture_given_is_not_touched():
    picture = plain()
    drawn = draw_overlay(picture, [row()], CLASSES)
    assert drawn.shape == picture.shape
    assert (picture == GREY).all()
    assert (drawn != GREY).any()


def test_nothing_to_draw():
    assert (draw_overlay(plain(), [row(face=None)], CLASSES) == GREY).all()
    assert (draw_overlay(plain(), [], CLASSES) == GREY).all()


def test_the_face_itself_stays_free():
    drawn = draw_overlay(plain(), [row()], CLASSES)
    assert (drawn[125:215, 105:175] == GREY).all()
    assert tuple(drawn[170, 100]) == face_rgb(1)


@pytest.mark.parametrize("height", [64, 360, 1080, 2160])
def test_sizes_follow_the_picture(height):
    scale = height / 360
    box = tuple(scale * value for value in (200.0, 160.0, 280.0, 260.0))
    changed = (draw_overlay(plain(height), [row(box=box)], CLASSES) != GREY).any(axis=2)
    assert 0.01 < changed.mean() < (0.4 if height == 64 else 0.2)


def test_a_colour_for_each_face_and_the_same_again():
    assert len({face_rgb(face) for face in range(1, 9)}) == 8
    assert face_rgb(9) == face_rgb(1)


@pytest.mark.parametrize(
    "box",
    [(-50.0, -60.0, 40.0, 30.0), (600.0, 300.0, 700.0, 400.0), (0.0, 0.0, 640.0, 360.0), (900.0, 500.0, 950.0, 560.0)],
)
def test_boxes_over_the_edge(box):
    assert draw_overlay(plain(), [row(box=box)], CLASSES).shape == (360, 640, 3)


def test_panels_avoid_other_faces():
    above, below = (100.0, 60.0, 180.0, 130.0), (100.0, 150.0, 180.0, 230.0)
    drawn = draw_overlay(plain(), [row(box=below, face=2), row(box=above)], CLASSES)
    for x1, y1, x2, y2 in (above, below):
        assert (drawn[int(y1) + 4 : int(y2) - 4, int(x1) + 4 : int(x2) - 4] == GREY).all()


def test_valence_leans_to_its_side_and_none_has_no_bar():
    def pixels(valence: float, colour: tuple[int, int, int]) -> int:
        return int((draw_overlay(plain(720), [row(valence=valence)], CLASSES) == colour).all(axis=2).sum())

    assert pixels(0.8, overlay.PLEASANT_RGB) > pixels(0.3, overlay.PLEASANT_RGB) > 0
    assert pixels(-0.8, overlay.UNPLEASANT_RGB) > 0 == pixels(-0.8, overlay.PLEASANT_RGB)
    assert pixels(math.nan, overlay.PLEASANT_RGB) == 0 == pixels(math.nan, overlay.UNPLEASANT_RGB)


def test_a_face_without_probabilities_has_its_name():
    bare = FaceRow(0, 0.0, 1, 1, (100.0, 120.0, 180.0, 220.0), 0.9)
    assert (draw_overlay(plain(), [bare], CLASSES) != GREY).any()


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "grey.mp4"
    with H264Writer(path, 320, 180, 10.0) as writer:
        for k in range(20):
            writer.write(np.full((180, 320, 3), GREY, np.uint8), k / 10)
    return path


def drawn_frames(path) -> list[bool]:
    with open_source(str(path)) as source:
        return [bool((np.abs(frame.rgb().astype(int) - GREY) > 40).any()) for frame in source.frames()]


def times(path) -> list[float]:
    with open_source(str(path)) as source:
        return [round(frame.time_s, 3) for frame in source.frames()]


def annotated(film, rows, **more) -> AnnotatedVideo:
    return AnnotatedVideo(rows, CLASSES, str(film), **more)


def test_a_film_with_rows_on_some_frames(film, tmp_path):
    box = (100.0, 80.0, 150.0, 140.0)
    rows = [row(k, 1 if k in (5, 10) else None, box, time_s=k / 10) for k in (0, 5, 10, 15)]
    out = tmp_path / "out.mp4"
    assert write_overlay(out, annotated(film, iter(rows))) == 20
    assert drawn_frames(out) == [5 <= k < 15 for k in range(20)]
    assert times(out) == times(film)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["grey.mp4", "out.mp4"]


def test_after_the_last_row_the_picture_becomes_clear_again(film, tmp_path):
    rows = [row(k, 1, (100.0, 80.0, 150.0, 140.0), time_s=k / 10) for k in range(0, 9, 2)]
    write_overlay(tmp_path / "out.mp4", annotated(film, rows))
    assert drawn_frames(tmp_path / "out.mp4") == [k < 10 for k in range(20)]


def test_no_rows_and_no_valence(film, tmp_path):
    assert write_overlay(tmp_path / "a.mp4", annotated(film, [], has_valence=False)) == 20
    rows = [row(k, 1, (100.0, 80.0, 150.0, 140.0), time_s=k / 10) for k in range(20)]
    assert write_overlay(tmp_path / "b.mp4", annotated(film, rows, has_valence=False)) == 20
    assert not any(drawn_frames(tmp_path / "a.mp4"))
    assert all(drawn_frames(tmp_path / "b.mp4"))


def test_what_is_no_film_is_refused_and_nothing_is_left(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no film")
    with pytest.raises(InputError):
        write_overlay(tmp_path / "out.mp4", annotated(tmp_path / "a.mp4", [row()]))
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
