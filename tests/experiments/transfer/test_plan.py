"""Divisions of a transfer: who trains, validates and is tested."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from mock_corpus import write_mock

from seqfer.core.errors import SettingsError
from seqfer.core.records import Clip, Fold
from seqfer.corpus.manifest import read_manifest
from seqfer.experiments.transfer.plan import Plan, divide
from seqfer.experiments.transfer.settings import TransferSettings
from seqfer.experiments.transfer.stages import Unfreezing


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_mock(tmp_path_factory.mktemp("data"), people=20)


def test_divisions(data):
    clips = read_manifest(data).clips
    (fold,) = divide(clips, "person", 0, 0)
    assert [len(p) for p in (fold.train, fold.validation, fold.test)] == [16, 2, 2]
    (fold,) = divide(clips, "plain", 0, 0)
    assert [len(p) for p in (fold.train, fold.validation, fold.test)] == [48, 6, 6]
    assert sorted(p for f in divide(clips, "person", 5, 0) for p in f.test) == sorted({c.person for c in clips})
    with pytest.raises(SettingsError, match="80-10-10 needs 10 people or more, there are 3; use --folds 2"):
        divide([c for c in clips if c.person in ("p0", "p1", "p2")], "person", 0, 0)


def test_folds_test_their_share_and_validate_on_a_tenth_of_everything():
    clips = [Clip(f"{p}{e}", f"p{p:02}", e, ("a.png",), "own") for p in range(20) for e in ("anger", "fear")]
    for fold in divide(clips, "person", 5, 0):
        assert [len(part) for part in (fold.train, fold.validation, fold.test)] == [14, 2, 4]


def plan(**settings):
    """Four clips of three people, divided once by people and once by pictures."""
    return Plan(
        out=Path(),
        classes=("anger", "fear"),
        names=("x1", "x2", "x3", "x4"),
        people=("a", "a", "b", "c"),
        labels=np.zeros(4, int),
        lengths=np.ones(4, int),
        faces_file=Path(),
        settings=TransferSettings(**settings),
        corpus="own",
        encoder="tiny",
        steps=(Unfreezing("head", "classifier only", 0, 2), Unfreezing("all", "all stages", 2, 0)),
        divisions={
            "person": (Fold(0, frozenset({"a"}), frozenset({"b"}), frozenset({"c"})),),
            "plain": (Fold(0, frozenset({"x1", "x4"}), frozenset({"x3"}), frozenset({"x2"})),),
        },
    )


def test_clips_of_a_part_are_those_of_its_people_or_under_the_plain_protocol_its_own():
    one = plan()
    assert one.clips_of("person", one.divisions["person"][0].train).tolist() == [0, 1]
    assert one.clips_of("plain", one.divisions["plain"][0].train).tolist() == [0, 3]


def test_rows_and_units_of_work():
    assert plan(from_scratch=True).rows == ("zero-shot", "head", "all", "scratch")
    assert plan().rows == ("zero-shot", "head", "all")
    assert plan().units == [("person", 0), ("plain", 0)]


def test_every_part_has_a_file_of_its_own():
    one = plan()
    files = {one.part_file(*unit, row) for unit in one.units for row in one.rows}
    assert len(files) == 6
