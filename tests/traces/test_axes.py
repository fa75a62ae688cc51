"""An axis by its name, the one called valence, or the only one."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_axis, choose_columns, choose_tiers

FILE = Path("a.csv")


@pytest.mark.parametrize(
    ("axis", "labels", "index"),
    [
        ("Arousal", ["valence", "AROUSAL"], 1),
        (" valence ", ["arousal", "Valence"], 1),
        (None, ["arousal", "Valence"], 1),
        (None, ["joy"], 0),  # the only one, whatever it is called
        ("joy", ["joy"], 0),
    ],
)
def test_the_chosen_axis(axis: str | None, labels: list[str], index: int) -> None:
    assert choose_axis(FILE, axis, labels) == index


@pytest.mark.parametrize(
    ("axis", "labels", "words"),
    [
        (None, ["x", "y"], "a.csv: no axis is called valence; choose one of x, y"),
        (None, [], "a.csv: no axis is called valence; choose one of none"),
        ("joy", ["x", "y"], "a.csv: no axis 'joy'; it has x, y"),
        ("valence", ["joy"], "a.csv: no axis 'valence'; it has joy"),  # asked for by name, the only one is not taken
    ],
)
def test_an_axis_that_is_not_there(axis: str | None, labels: list[str], words: str) -> None:
    with pytest.raises(InputError) as caught:
        choose_axis(FILE, axis, labels)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("labels", "chosen"),
    [
        (["valence_mean", "arousal_mean"], ["valence_mean"]),
        (["V", "A"], ["V"]),
        (["Mean", "Std"], ["Mean"]),
        (["rating", "confidence"], ["rating"]),
        (["frame", "rating"], ["rating"]),
        (["frame", "truth"], ["truth"]),
        (["valence", "valence_sd", "valence_mean"], ["valence"]),
        (["Pleasure", "Arousal", "Dominance"], ["Pleasure"]),
        (["valenceRating", "n", "SEM"], ["valenceRating"]),
        (["rater1", "rater2", "std"], ["rater1", "rater2"]),
        (["FM1", "FM2", "FF1"], ["FM1", "FM2", "FF1"]),
        (["valence_r1", "arousal_r1", "valence_r2", "arousal_r2"], ["valence_r1", "valence_r2"]),
        (["annotator_ann", "annotator_ben"], ["annotator_ann", "annotator_ben"]),
    ],
)
def test_only_what_is_named_valence_or_as_a_rater_is_taken(labels: list[str], chosen: list[str]) -> None:
    assert [labels[place] for place in choose_columns(FILE, None, labels)] == chosen


@pytest.mark.parametrize(
    ("labels", "candidates"),
    [
        (["anna", "ben"], "'anna', 'ben'"),
        (["mean", "median"], "'mean', 'median'"),
        (["rater1", "rater2", "mean"], "'rater1', 'rater2', 'mean'"),
        (["arousal"], "'arousal'"),
        (["pupil", "arousal"], "'pupil'"),
        (["valence_mean", "valence_median"], "'valence_mean', 'valence_median'"),
    ],
)
def test_a_doubt_is_asked_in_one_line(labels: list[str], candidates: str) -> None:
    with pytest.raises(
        InputError, match=f"nothing says which column is valence; candidates are {candidates}; name it with --axis"
    ):
        choose_columns(FILE, None, labels)


def test_names_and_patterns_of_several_raters() -> None:
    labels = ["anna", "ben", "arousal", "a,*b"]
    assert choose_columns(FILE, "Ben", labels) == [1]
    assert choose_columns(FILE, "ben, an*", labels) == [1, 0]
    assert choose_columns(FILE, "a,*b", labels) == [3]
    with pytest.raises(InputError, match=r"no axis 'cem'; it has anna, ben, arousal"):
        choose_columns(FILE, "anna,cem", labels)


def test_tiers_of_other_ratings_are_left_out() -> None:
    assert choose_tiers(FILE, None, ["valence", "arousal", "second look"]) == [0, 2]
    assert choose_tiers(FILE, "Arousal", ["valence", "arousal"]) == [1]
    with pytest.raises(InputError, match="no tier is called valence; choose one of arousal"):
        choose_tiers(FILE, None, ["arousal"])
