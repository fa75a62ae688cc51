"""Counts that add up, and words for every step that leaves frames out."""

import pytest

from seqfer.core.errors import SeqferError
from seqfer.film.output.counts import FrameCounts, RequestedFrames, reconcile
from seqfer.film.output.order import RowCounts

ALL = RowCounts(rows=120, frames=100, frames_without_face=10, face_rows=110)


def notes(container, decoded, analysed=100, counts=ALL, **options):
    asked = {name: options.pop(name) for name in ("fps", "start_s", "end_s") if name in options}
    made = reconcile(FrameCounts(container, decoded, analysed), counts, RequestedFrames(**asked), **options)
    assert made["analysed"] == analysed
    return made["notes"]


def test_what_agrees_needs_no_words():
    assert reconcile(FrameCounts(100, 100, 100), ALL) == {
        "container_frames": 100,
        "decoded": 100,
        "analysed": 100,
        "rows": 120,
        "rows_without_face": 10,
        "face_rows": 110,
        "partial": False,
        "notes": [],
    }


@pytest.mark.parametrize(
    ("counted", "options", "words"),
    [
        ((None, 100), {}, "does not say how many"),
        ((120, 100), {}, "announces 120 frames and holds 100"),
        ((90, 100), {}, "announces 90 frames; 100 were decoded"),
        ((300, 100), {"end_s": 4.0}, "stopped at --end 4 s, after 100 of 300"),
        ((250, 250), {"fps": 10.0}, "100 of 250 decoded frames were analysed, as asked for with --fps 10"),
        ((250, 250), {"fps": 12.5, "start_s": 1.0}, "with --fps 12.5, --start 1 s"),
        ((250, 250), {}, "though all were asked for"),
        ((100, 100), {"long_gaps": 1}, "away for more than a day"),
        ((100, 100), {"late_rows": 3}, "3 rows have times that go back"),
    ],
)
def test_each_difference_has_a_sentence(counted, options, words):
    (note,) = notes(*counted, **options)
    assert words in note


def test_a_film_that_breaks_is_partial():
    made = reconcile(FrameCounts(300, 100, 100), ALL, problem="the file ends in the middle of a picture")
    assert made["partial"] is True
    assert "ended early: the file ends in the middle of a picture" in made["notes"][0]
    assert "200 of the 300 frames" in made["notes"][1]


def test_no_face_at_all_is_said():
    counts = RowCounts(rows=100, frames=100, frames_without_face=100)
    assert "No face was found on any of the 100 analysed frames." in notes(100, 100, counts=counts)
    assert notes(0, 0, 0, RowCounts()) == []


@pytest.mark.parametrize(
    ("analysed", "counts"),
    [(99, ALL), (101, ALL), (100, RowCounts(rows=119, frames=100, frames_without_face=10, face_rows=110))],
)
def test_rows_that_do_not_add_up_are_an_error(analysed, counts):
    with pytest.raises(SeqferError, match="please report") as caught:
        reconcile(FrameCounts(100, 100, analysed), counts)
    assert "\n" not in str(caught.value)
