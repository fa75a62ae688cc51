"""Who an ensemble is fitted on and who it is scored on; pictures that occur in both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest
from seqfer.experiments.ensemble.division import clips_without_duplicates, divide, fingerprints, picture_hashes
from seqfer.experiments.ensemble.settings import FitSplit
from seqfer.models.image_model import ImageModel

FACES = np.random.default_rng(0).integers(0, 256, (5, 4, 4), np.uint8)


def corpus(*splits: str | None) -> Manifest:
    clips = tuple(Clip(f"c{k}", f"p{k}", "anger", ("a.png",), "own", split=split) for k, split in enumerate(splits))
    return Manifest("own", ("anger",), clips, Path())


def member(**meta: object) -> ImageModel:
    return ImageModel("m", None, meta)  # type: ignore[arg-type]


SPLITS = corpus("Training", "Validation", "Test", "Test")


def test_a_split_to_fit_on_and_a_split_to_score() -> None:
    made = divide(SPLITS, [member(corpus="own", split="Training")], FitSplit(fit_split="Validation"), "Test")
    assert [clip.clip for clip in made.fit.clips] == ["c1"]
    assert [clip.clip for clip in made.test.clips] == ["c2", "c3"]
    assert made.words == "split Validation"


@pytest.mark.parametrize(
    ("members", "split", "words"),
    [
        ([member()], "Validation", "an ensemble fitted on people of Validation cannot be scored on Validation"),
        ([member()], "", "cannot be scored on all clips: that is its own test set"),
        (
            [member(corpus="own", split="Test")],
            "Test",
            "m was trained on Test of own; score people not in its training",
        ),
        (
            [member(corpus="own", split="Validation")],
            "Test",
            "m was trained on Validation of own; fit on people not in",
        ),
        ([member(corpus="own", split="")], "Test", "m was trained on all of own"),
    ],
)
def test_data_that_was_trained_or_fitted_on_is_refused(members, split: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        divide(SPLITS, members, FitSplit(fit_split="Validation"), split)


def test_a_member_of_another_corpus_is_not_asked() -> None:
    assert divide(SPLITS, [member(corpus="other", split="Test")], FitSplit(fit_split="Validation"), "Test").test.clips


def test_people_in_both_parts_are_refused() -> None:
    shared = replace(SPLITS, clips=tuple(replace(clip, person="same") for clip in SPLITS.clips))
    with pytest.raises(InputError, match=r"1 people are fitted on and tested on \(first: same\)"):
        divide(shared, [member()], FitSplit(fit_split="Validation"), "Test")


def test_equal_pictures_have_equal_hashes() -> None:
    pictures = np.concatenate([FACES, FACES[1:2], FACES[:, ::-1]])
    hashes = picture_hashes(pictures)
    assert hashes[5] == hashes[1]
    assert len(set(hashes.tolist())) == 10
    assert np.array_equal(picture_hashes(np.asfortranarray(pictures)), hashes)  # whatever the layout in memory


def test_fingerprints_are_sorted_and_belong_to_the_corpus() -> None:
    one = fingerprints(SPLITS, FACES)
    assert [len(part) for part in (one.clips, one.people, one.pictures)] == [4, 4, 5]
    assert all(part.tolist() == sorted(set(part.tolist())) for part in (one.clips, one.people, one.pictures))
    other = fingerprints(replace(SPLITS, corpus="other"), FACES)
    assert not set(one.clips.tolist()) & set(other.clips.tolist())
    assert np.array_equal(one.pictures, other.pictures)


def test_clips_with_a_known_picture_are_left_out() -> None:
    kept = clips_without_duplicates(SPLITS, np.array([2, 1, 1, 1]), FACES, picture_hashes(FACES[[1, 3]]))
    assert kept.tolist() == [False, True, False, True]
