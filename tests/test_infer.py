"""Which faces are encoded, and what is said of those between."""

import pytest
import torch

from seqfer.infer import _sparse
from seqfer.records import TrackedFace

BOX = (0.0, 0.0, 9.0, 9.0)


def block(faces_at, count=40, rate=30.0, times=None):
    rows = [
        (times[i] if times else i / rate, tuple(TrackedFace(f, BOX, 1.0) for f in faces_at(i))) for i in range(count)
    ]
    truth = torch.tensor([[time_s + 100 * face.face] for time_s, faces in rows for face in faces])
    return rows, truth


@pytest.mark.parametrize("hz", [0.0, 6.0, 15.0, 29.0, 30.0, 100.0])
def test_what_changes_evenly_is_restored(hz):
    rows, truth = block(lambda i: [f for f, there in ((1, True), (2, i % 13 < 9), (3, i > 30)) if there])
    between = _sparse(rows, hz)
    assert torch.allclose(between.spread(truth[between.rows]), truth, atol=1e-4)


def test_so_many_as_asked_for():
    rows, _truth = block(lambda i: [1])
    assert _sparse(rows, 0.0).rows == list(range(40))
    assert _sparse(rows, 15.0).rows == [*range(0, 40, 2), 39]
    assert _sparse(rows, 30.0).rows == list(range(40))


def test_both_ends_of_a_stretch_are_encoded():
    rows, _ = block(lambda i: [1] if i < 10 or i >= 20 else [])
    assert {0, 9, 10, 29} <= set(_sparse(rows, 2.0).rows)  # the 30 rows: 0 to 9, and from 10 on the second stretch


def test_a_clock_that_stands_is_no_line():
    rows, truth = block(lambda i: [1], 6, times=[0.0, 0.1, 0.1, 0.05, 0.2, 0.3])
    between = _sparse(rows, 1.0)
    made = between.spread(truth[between.rows])
    assert torch.isfinite(made).all()
    assert torch.equal(made[2:4], truth[2:4])


def test_nobody_there():
    assert _sparse([(0.0, ()), (0.1, ())], 15.0).rows == []
