import dataclasses
from typing import Any

import pytest

from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError
from seqfer.core.records import Clip, Fold

GOOD: dict[str, Any] = {
    "clip": "S1_1",
    "person": "S1",
    "label": "fear",
    "frames": ("a.png", "b.png"),
    "corpus": "ck+",
    "boxes_xyxy_px": ((0, 0, 4, 4), (1.5, 0, 4, 4)),
    "valence": (-1.0, 1.0),
    "votes": (0,) * len(EMOTIONS),
    "attributes": {"glasses": "yes"},
}


def test_a_clip_with_everything() -> None:
    made = Clip(**GOOD)
    assert made.attributes == {"glasses": "yes"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.label = "anger"  # type: ignore[misc]


def test_a_clip_needs_little() -> None:
    made = Clip("c", "p", None, ("a.png",), "own")
    assert (made.label, made.boxes_xyxy_px, made.valence, made.votes, made.attributes) == (None, None, None, None, {})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("clip", "", "needs a name"),
        ("person", "", "needs a name and a person"),
        ("frames", (), "no frames"),
        ("label", "happy", "not in the vocabulary"),
        ("boxes_xyxy_px", ((0, 0, 4, 4),), "1 boxes_xyxy_px for 2 frames"),
        ("boxes_xyxy_px", ((0, 0, 4, 4), (4, 0, 4, 4)), "x1 < x2"),
        ("boxes_xyxy_px", ((0, 0, 4, 4), (0, 5, 4, 4)), "y1 < y2"),
        ("boxes_xyxy_px", ((0, 0, 4, 4), (0, 0, 4)), "is not x1 y1 x2 y2"),
        ("boxes_xyxy_px", ((0, 0, 4, 4), (0, 0, float("inf"), 4)), "is not x1 y1 x2 y2"),
        ("valence", (0.0,), "1 valence for 2 frames"),
        ("valence", (0.0, 1.01), "outside [-1, 1]"),
        ("valence", (0.0, float("nan")), "outside [-1, 1]"),
        ("votes", (1, 2), "8 numbers >= 0"),
        ("votes", (float("nan"),) + (0,) * (len(EMOTIONS) - 1), "8 numbers >= 0"),
        ("votes", (-1,) + (0,) * (len(EMOTIONS) - 1), "8 numbers >= 0"),
    ],
)
def test_a_bad_clip_cannot_be_made(field: str, value: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        Clip(**{**GOOD, field: value})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("train", "validation", "test", "words"),
    [
        ("ab", "b", "c", "person b is in train and in validation"),
        ("ab", "d", "bc", "person b is in train and in test"),
        ("a", "bc", "c", "person c is in validation and in test"),
        ("", "b", "c", "need at least one person"),
        ("a", "b", "", "need at least one person"),
    ],
)
def test_a_leaking_or_empty_fold_cannot_be_made(train: str, validation: str, test: str, words: str) -> None:
    with pytest.raises(InputError, match="fold 3: ") as caught:
        Fold(3, frozenset(train), frozenset(validation), frozenset(test))
    assert words in str(caught.value)


def test_a_fold_may_do_without_validation() -> None:
    assert Fold(0, frozenset("a"), frozenset(), frozenset("b")).validation == frozenset()
