"""The plan of a cross-validation: clips of people, files of parts, parts that are damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.core.records import Fold
from seqfer.experiments.clip_plan import write_part_file
from seqfer.experiments.crossval.plan import Plan
from seqfer.experiments.crossval.settings import CvSettings


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    fold = Fold(0, frozenset({"a"}), frozenset({"b"}), frozenset({"c"}))
    return Plan(
        out=tmp_path,
        classes=("anger", "fear"),
        names=("x1", "x2", "x3", "x4"),
        people=("a", "b", "a", "c"),
        labels=np.array([0, 1, 1, 0]),
        lengths=np.ones(4, int),
        faces_file=tmp_path / "faces.npy",
        settings=CvSettings(),
        features_files=(),
        repeats=((fold,),),
    )


def test_clips_of_people_in_their_order(plan: Plan) -> None:
    assert plan.clips_of(frozenset({"a", "c"})).tolist() == [0, 2, 3]
    assert plan.clips_of(frozenset({"nobody"})).tolist() == []


def test_parts_are_read_from_the_file_of_their_fold_and_head(plan: Plan) -> None:
    file = plan.part_file(0, 1, "lstm")
    assert len({plan.part_file(r, f, h) for r in (0, 1) for f in (0, 1) for h in ("lstm", "gru")}) == 8
    write_part_file(file, {"head": "lstm", "clips": ["x1", "x4"], "probabilities": [[0.2, 0.8], [0.6, 0.4]]})
    part = plan.read_part(0, 1, "lstm")
    assert plan.error_of(part) == 0.5  # of x1 fear was predicted
    file.write_text("{")
    with pytest.raises(InputError, match=r"lstm\.json: cannot be read \(.+\); remove it and add --resume"):
        plan.read_part(0, 1, "lstm")
