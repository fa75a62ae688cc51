"""Corrections: read and written as JSON, applied in order, refused where they contradict each other."""

import json

import pytest
from annotated_film import row

from seqfer.core.errors import InputError
from seqfer.film.corrections import (
    Exclude,
    Merge,
    Name,
    Note,
    Split,
    as_correction,
    as_object,
    corrected_rows,
    names_of,
    read_corrections,
    write_corrections,
)
from seqfer.runs.names import CORRECTIONS_JSON

ALL = (
    Merge(1, 3),
    Split(1, 2.0, 5),
    Exclude(0.0, 1.0, 5, "wrong"),
    Exclude(0.0, 1.0),
    Name(1, "Zoë"),
    Note(2.0, "look"),
)


def faces(rows):
    return [(one.frame, one.face) for one in rows]


def test_they_are_read_as_they_were_written(tmp_path):
    assert read_corrections(tmp_path) == ()
    write_corrections(tmp_path, ALL)
    assert read_corrections(tmp_path) == ALL
    assert as_correction(json.loads(json.dumps(as_object(ALL[3]))), "x") == ALL[3]


def test_merge_split_and_exclude_in_their_order():
    rows = [row(0, 1), row(0, 2), row(10, 1), row(20, 3), row(30, 3), row(40, None)]
    assert faces(corrected_rows(rows, [Merge(1, 3)])) == [(0, 1), (0, 2), (10, 1), (20, 1), (30, 1), (40, None)]
    split = [Merge(1, 3), Split(1, 2.5, 4)]
    assert faces(corrected_rows(rows, split)) == [(0, 1), (0, 2), (10, 1), (20, 1), (30, 4), (40, None)]
    assert faces(corrected_rows(rows, [Exclude(0.0, 1.0, 2), Exclude(1.0, 2.0)]))[:3] == [(0, 1), (10, None), (20, 3)]
    assert faces(corrected_rows(rows, [Merge(2, 3), Merge(1, 2)][:1]))[3] == (20, 2)


def test_a_person_is_not_in_two_places():
    with pytest.raises(InputError, match=r"face 1 is in two places at 0\.000 s"):
        list(corrected_rows([row(0, 1), row(0, 2)], [Merge(1, 2)]))
    assert faces(corrected_rows([row(0, 1), row(0, 2)], [Exclude(0.0, 1.0, 2), Merge(1, 2)])) == [(0, 1)]


def test_names_follow_merges():
    assert names_of([Name(3, "Ann"), Merge(1, 3)]) == {1: "Ann"}
    assert names_of([Name(3, "Ann"), Name(1, "Bea"), Merge(1, 3), Name(2, "Eve")]) == {1: "Bea", 2: "Eve"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "is no correction"),
        ({"action": "merge", "face": 1}, "merge has face; allowed are face, other"),
        ({"action": "merge", "face": 1, "other": 1}, "two different faces"),
        ({"action": "merge", "face": 1, "other": -1}, "merge cannot have other = '-1'"),
        ({"action": "merge", "face": 1, "other": True}, "merge cannot have other"),
        ({"action": "split", "face": 1, "at_s": "x", "new_face": 2}, "split cannot have at_s"),
        ({"action": "split", "face": 1, "at_s": float("nan"), "new_face": 2}, "split cannot have at_s"),
        ({"action": "exclude", "from_s": 2, "to_s": 1}, "exclude ends at 1 s, not after 2 s"),
        ({"action": "name", "face": 1, "text": "x" * 3000}, "name cannot have text"),
        ({"action": "note", "at_s": 1, "text": "x", "colour": "red"}, "note cannot have colour|allowed are at_s, text"),
    ],
)
def test_what_is_no_correction(value, words):
    with pytest.raises(InputError, match=words):
        as_correction(value, "action 1")


@pytest.mark.parametrize("text", ["[]", '{"format_version": 2, "actions": []}', '{"format_version": 1}', "{"])
def test_damaged_files_are_named(tmp_path, text):
    (tmp_path / CORRECTIONS_JSON).write_text(text)
    with pytest.raises(InputError, match=r"corrections\.json"):
        read_corrections(tmp_path)
