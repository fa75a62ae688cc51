"""A test part of whole people: how many, drawn by the seed, and what cannot be divided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of
from seqfer.corpus.person_split import with_test_people

LABELS = ("anger", "fear", "happiness")


def corpus(people: int) -> Manifest:
    """Everybody shows every emotion once."""
    clips = tuple(Clip(f"{p:02}{e}", f"{p:02}", e, ("a.png",), "own") for p in range(people) for e in LABELS)
    return Manifest("own", classes_of(clips), clips, Path(), ("one note",))


def people_of(manifest: Manifest, split: str) -> set[str]:
    return {clip.person for clip in manifest.clips if clip.split == split}


@pytest.mark.parametrize(("share", "people", "tested"), [(0.2, 20, 4), (0.15, 20, 3), (0.3, 10, 3), (0.5, 4, 2)])
def test_whole_people_make_up_the_share(share: float, people: int, tested: int) -> None:
    made = with_test_people(corpus(people), share, seed=5)
    test, training = people_of(made, "Test"), people_of(made, "Training")
    assert (len(test), len(training)) == (tested, people - tested)
    assert not test & training
    assert made.notes == (
        "one note",
        f"split by people with seed 5: Test {tested} people, {3 * tested} clips ({tested / people:.1%})",
    )
    assert [replace(clip, split=None) for clip in made.clips] == list(corpus(people).clips)


def test_classes_are_as_even_as_they_go() -> None:
    clips = [clip for clip in corpus(20).clips if clip.label != "fear" or int(clip.person) % 4 == 0]  # five show fear
    made = with_test_people(replace(corpus(20), clips=tuple(clips)), 0.2, seed=0)
    assert sum(clip.label == "fear" and clip.split == "Test" for clip in made.clips) == 1


def test_the_seed_decides_who_is_tested() -> None:
    first, again, other = (with_test_people(corpus(20), 0.2, seed) for seed in (0, 0, 1))
    assert first == again
    assert people_of(first, "Test") != people_of(other, "Test")


@pytest.mark.parametrize("share", [0.0, 0.04, 0.6, 0.9])
def test_shares_out_of_range(share: float) -> None:
    with pytest.raises(SettingsError, match=rf"test share is {share}; allowed: 0.05 to 0.5"):
        with_test_people(corpus(20), share, 0)


def test_too_few_people_and_official_splits() -> None:
    with pytest.raises(SettingsError, match=r"10 people; a test share of 0\.15 needs 20 or more"):
        with_test_people(corpus(10), 0.15, 0)
    official = tuple(replace(clip, split=("Test", "Training")[i % 2]) for i, clip in enumerate(corpus(10).clips))
    with pytest.raises(InputError, match=r"own has official splits \(Test, Training\); omit --test-share"):
        with_test_people(replace(corpus(10), clips=official), 0.2, 0)
