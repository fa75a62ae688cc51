"""An axis by its name, the one called valence, or the only one."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_axis

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
