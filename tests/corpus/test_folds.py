import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqfer.core.emotions import canonical
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import Clip
from seqfer.corpus.folds import load_folds, make_folds, repeat_seed, save_folds


def clip(person: str, label: str | None, number: int = 0) -> Clip:
    return Clip(f"{person}_{label}_{number}", person, label, ("a.png",), "made up")


def corpus(people: int = 30, seed: int = 0) -> list[Clip]:
    """Each person has one to four different expressions; contempt is rare."""
    rng = np.random.default_rng(seed)
    labels = ["anger", "disgust", "fear", "happiness", "surprise"]
    made = [
        clip(f"P{p:02}", str(e)) for p in range(people) for e in rng.choice(labels, rng.integers(1, 5), replace=False)
    ]
    return [*made, *(clip(f"P{p:02}", "contempt") for p in range(0, people, 3))]


def per_class(clips: list[Clip], people: frozenset[str]) -> list[int]:
    labels = sorted({c.label or "" for c in clips})
    return [sum(c.label == label and c.person in people for c in clips) for label in labels]


def assert_even(clips: list[Clip], folds: int, seed: int, off_by: int) -> None:
    counts = np.array([per_class(clips, fold.test) for fold in make_folds(clips, folds, seed)])
    assert (counts.max(axis=0) - counts.min(axis=0)).max() <= off_by, counts


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("folds", "off_by"), [(2, 1), (5, 1), (10, 2)])  # of three people a fold not all can be had
def test_every_class_is_spread_as_evenly_as_whole_people_allow(folds: int, off_by: int, seed: int) -> None:
    assert_even(corpus(), folds, seed, off_by)


def test_validation_follows_the_classes_too() -> None:
    clips = corpus()
    for fold in make_folds(clips, 5, seed=3, validation_share=0.2):
        wanted = 0.2 * np.array(per_class(clips, fold.train | fold.validation))
        assert np.abs(per_class(clips, fold.validation) - wanted).max() <= 1.0


def test_same_seed_same_folds_whatever_the_order_and_another_seed_others() -> None:
    clips = corpus()
    assert make_folds(clips, 5, 7) == make_folds(clips[::-1], 5, 7)
    assert {f.test for f in make_folds(clips, 5, 7)} != {f.test for f in make_folds(clips, 5, 8)}


def test_clips_without_a_label_are_a_class_of_their_own() -> None:
    clips = [*corpus(20), *(clip(f"P{p:02}", None) for p in range(10))]
    assert_even(clips, 5, 0, off_by=1)


def test_as_many_folds_as_people_leaves_one_out() -> None:
    folds = make_folds(corpus(8), 8, 0)
    assert [len(f.test) for f in folds] == [1] * 8
    assert all(f.validation for f in folds)


def test_validation_share_of_zero_takes_nobody() -> None:
    assert all(not f.validation for f in make_folds([clip("a", "fear"), clip("b", "fear")], 2, 0, validation_share=0))


def test_two_folds_leave_a_validation_person_even_where_one_person_has_most_clips() -> None:
    clips = [*(clip("a", "fear", n) for n in range(3)), clip("b", "fear"), clip("c", "fear"), clip("d", "fear")]
    for seed in range(5):
        assert all(f.train and f.validation for f in make_folds(clips, 2, seed))


@pytest.mark.parametrize(
    ("people", "folds", "seed", "share", "words"),
    [
        (5, 1, 0, 0.15, "1 folds"),
        (3, 5, 0, 0.15, "3 people for 5 folds"),
        (0, 2, 0, 0.15, "0 people for 2 folds"),
        (3, 2, 0, 0.15, "3 people for 2 folds"),
        (5, 2, -1, 0.15, "seed -1"),
        (5, 2, 0, 1.0, "validation share 1.0"),
    ],
)
def test_settings_that_cannot_be_met(people: int, folds: int, seed: int, share: float, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        make_folds([clip(f"p{p}", "fear") for p in range(people)], folds, seed, share)
    assert "\n" not in str(caught.value)


def test_repeats_have_seeds_of_their_own() -> None:
    seeds = {repeat_seed(seed, repeat) for seed in range(20) for repeat in range(20)}
    assert len(seeds) == 400
    assert repeat_seed(1, 2) == repeat_seed(1, 2)
    assert all(0 <= s < 2**32 for s in seeds)
    with pytest.raises(SettingsError):
        repeat_seed(-1, 0)


def test_saved_folds_come_back(tmp_path: Path) -> None:
    clips = corpus()
    repeats = tuple(make_folds(clips, 5, repeat_seed(0, r)) for r in range(3))
    save_folds(tmp_path / "folds.json", repeats, seed=0)
    assert load_folds(tmp_path / "folds.json", clips) == repeats
    assert json.loads((tmp_path / "folds.json").read_text())["seed"] == 0


PEOPLE = ("ann", "bob", "cid", "dot")


def write(path: Path, change: Any) -> Path:
    rows = [
        [
            {"index": 0, "train": ["cid"], "validation": ["dot"], "test": ["ann", "bob"]},
            {"index": 1, "train": ["ann"], "validation": ["bob"], "test": ["cid", "dot"]},
        ]
        for _ in range(2)
    ]
    content: dict[str, Any] = {"seqfer_folds": 1, "seed": 0, "repeats": rows}
    change(content)
    path.write_text(json.dumps(content))
    return path


def leak(content: Any) -> None:
    content["repeats"][1][0]["train"].append("ann")


def two_tests(content: Any) -> None:
    fold = content["repeats"][1][1]
    fold["train"].remove("ann")
    fold["train"].append("bob")
    fold["validation"] = []
    fold["test"].append("ann")


def stranger(content: Any) -> None:
    content["repeats"][0][1]["train"].append("eve")


def absent(content: Any) -> None:
    content["repeats"][0][1]["validation"] = []


def untested(content: Any) -> None:
    fold = content["repeats"][0][0]
    fold["test"].remove("bob")
    fold["train"].append("bob")


def twice_in_a_list(content: Any) -> None:
    content["repeats"][0][0]["test"].append("bob")


def no_training(content: Any) -> None:
    fold = content["repeats"][0][0]
    fold["validation"] += fold.pop("train")
    fold["train"] = []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (leak, "repeat 1, fold 0: person ann is in train and in test"),
        (two_tests, "repeat 1: person ann is tested in fold 0 and in fold 1"),
        (stranger, "repeat 0, fold 1: person eve in train is unknown"),
        (absent, "repeat 0, fold 1: person bob of the data is in no part"),
        (untested, "repeat 0: person bob of the data is tested in no fold"),
        (twice_in_a_list, "repeat 0, fold 0: person bob is in test and in test"),
        (no_training, "repeat 0, fold 0: fold 0: train and test need at least one"),
        (lambda c: c["repeats"][0].pop(), "repeat 0: a list of 2 or more folds"),
        (lambda c: c["repeats"][0][1].update(index=5), "repeat 0, fold 1: must be"),
        (lambda c: c["repeats"][0][1].update(test="ann"), "repeat 0, fold 1: test must be a list"),
        (lambda c: c.update(seqfer_folds=2), "not {"),
        (lambda c: c.update(repeats=[]), "not {"),
    ],
)
def test_bad_folds_files_are_refused_naming_file_repeat_fold_and_person(
    tmp_path: Path, change: Any, words: str
) -> None:
    path = write(tmp_path / "folds.json", change)
    with pytest.raises(InputError) as caught:
        load_folds(path, [clip(p, "fear") for p in PEOPLE])
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_unchanged_file_is_accepted(tmp_path: Path) -> None:
    path = write(tmp_path / "folds.json", lambda content: None)
    assert len(load_folds(path, [clip(p, "fear") for p in PEOPLE])) == 2


@pytest.mark.parametrize("content", [None, b"", b"[1]", b"\xff\xfe", b"{"])
def test_what_is_no_folds_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "folds.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"folds\.json"):
        load_folds(path, [clip("ann", "fear")])


@pytest.mark.data
@pytest.mark.parametrize("folds", [5, 10])
def test_ck48_is_spread_within_one_clip_of_even(shared_data: Path, folds: int) -> None:
    found = {(p.parent.name, *p.stem.split("_")[:2]) for p in (shared_data / "ck48").glob("*/*.png")}
    if not found:
        pytest.skip("no ck48 in the research data")
    clips = [Clip(f"{person}_{take}", person, canonical(word), ("a.png",), "ck48") for word, person, take in found]
    for seed in range(3):
        assert_even(clips, folds, seed, off_by=1)
