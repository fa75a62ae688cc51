"""The order of rows, checked as they pass."""

from __future__ import annotations

import math

import pytest
from annotation_rows import CLASSES, face_row

from seqfer.core.errors import InputError
from seqfer.core.records import FaceRow
from seqfer.film.output.order import RowCounts, RowOrder
from seqfer.film.output.tables import Columns, RowTables


def write(folder, rows, **options):
    with RowTables(folder, Columns(CLASSES, **options)) as made:
        for row in rows:
            made.write(row)
    return made.counts


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([face_row(1, 0.1), face_row(0, 0.0)], "frame 0 comes after frame 1"),
        ([face_row(0, 0.0), face_row(0, 0.0)], "frame 0: face 1 beside another row"),
        ([face_row(0, 0.0), FaceRow(0, 0.0, 1)], "frame 0: a row without a face beside another row"),
        ([FaceRow(0, 0.0, 1), face_row(0, 0.0)], "frame 0: a row without a face beside another row"),
        ([FaceRow(0, math.nan, 1)], "frame 0: time nan is not a number"),
        ([FaceRow(0, 0.0, 1, 3)], "face 3: a face needs a box and 7 probabilities"),
        ([FaceRow(0, 0.0, 1, 3, (0, 0, 1, 1), 1.0, (0.5, 0.5))], "2 probabilities"),
        ([FaceRow(0, 0.0, 1, 3, (0, 0, 1, 1), 1.0, (math.nan,) * 7)], "are not all numbers"),
    ],
)
def test_rows_that_do_not_fit_are_one_line(tmp_path, rows, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        write(tmp_path, rows)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_what_has_passed_is_counted():
    order = RowOrder(CLASSES)
    for row in (face_row(0, 0.0, 1), face_row(0, 0.0, 2), FaceRow(1, 0.1, 1), face_row(5, 0.1, 1)):
        order.check(row)
    assert order.counts == RowCounts(rows=4, frames=3, frames_without_face=1, face_rows=3)


def test_a_refused_row_is_not_counted_as_a_row():
    order = RowOrder(CLASSES)
    order.check(face_row(3, 0.3))
    for refused in (face_row(2, 0.2), face_row(3, 0.3), FaceRow(3, 0.3, 1, 9)):
        with pytest.raises(InputError):
            order.check(refused)
    assert (order.counts.rows, order.counts.frames) == (1, 1)


def test_times_may_decrease_and_frames_may_be_left_out():
    order = RowOrder(CLASSES)
    for row in (face_row(0, 5.0), face_row(7, 2.0)):
        order.check(row)
    assert order.counts.frames == 2
