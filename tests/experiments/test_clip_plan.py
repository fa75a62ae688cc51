"""What plans share: frames and faces of clips, clips by name, and the errors of a part."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from seqfer.experiments.clip_plan import ClipPlan, read_part_file, write_part_file

LENGTHS = (2, 4, 1)


@pytest.fixture
def plan(tmp_path: Path) -> ClipPlan:
    frames = sum(LENGTHS)
    np.save(tmp_path / "faces.npy", np.arange(frames, dtype=np.uint8)[:, None, None].repeat(4, 1).repeat(4, 2))
    return ClipPlan(
        out=tmp_path,
        classes=("anger", "fear"),
        names=("a", "b", "c"),
        people=("P", "Q", "P"),
        labels=np.array([0, 1, -1]),
        lengths=np.array(LENGTHS),
        faces_file=tmp_path / "faces.npy",
    )


@pytest.mark.parametrize(
    ("clips", "last", "frames"),
    [
        ([0, 2], None, [0, 1, 6]),
        ([2, 0], None, [6, 0, 1]),
        ([1], 3, [3, 4, 5]),
        ([0, 1, 2], 1, [1, 5, 6]),
        ([], None, []),
        ([], 2, []),
    ],
)
def test_frames_of_clips(plan: ClipPlan, clips: list[int], last: int | None, frames: list[int]) -> None:
    found = plan.frames_of(np.array(clips, dtype=np.int64), last)
    assert found.tolist() == frames
    assert found.dtype.kind == "i"
    images = plan.images_of(np.array(clips, dtype=np.int64), last)
    assert images.images[:, 0, 0].tolist() == frames
    assert images.labels.tolist() == [(0, 0, 1, 1, 1, 1, -1)[frame] for frame in frames]


def test_clips_by_name_keep_their_order(plan: ClipPlan) -> None:
    assert plan.clips_named(["c", "a"]).tolist() == [2, 0]


def test_the_error_of_a_part(plan: ClipPlan) -> None:
    assert plan.error_of({"clips": ["b", "a"], "probabilities": [[0.2, 0.8], [0.4, 0.6]]}) == 0.5
    assert math.isnan(plan.error_of({"clips": [], "probabilities": []}))


def test_a_part_is_read_as_it_was_written(plan: ClipPlan) -> None:
    part = {"clips": ["a"], "probabilities": [[0.25, 0.75]]}
    write_part_file(plan.named_part_file("x-fold0"), part)
    assert read_part_file(plan.named_part_file("x-fold0")) == part
