"""For any table of clips: no person in two parts of a fold, tests partition the people, nobody is lost, a file comes
back as it was."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from seqfer.core.emotions import EMOTIONS
from seqfer.core.records import Clip
from seqfer.corpus.folds import load_folds, make_folds, save_folds

tables = st.dictionaries(
    st.text("abcd0_", min_size=1, max_size=4),
    st.lists(st.sampled_from([*EMOTIONS, None]), min_size=1, max_size=6),
    min_size=4,
    max_size=25,
)


def clips_of(table: dict[str, list[str | None]]) -> list[Clip]:
    return [
        Clip(f"{p} {n}", p, label, ("x.png",), "t") for p, labels in table.items() for n, label in enumerate(labels)
    ]


@given(tables, st.integers(2, 12), st.integers(0, 2**40), st.sampled_from([0.0, 0.05, 0.15, 0.5, 0.95]))
def test_folds_partition_the_people(table: dict[str, list[str | None]], folds: int, seed: int, share: float) -> None:
    folds = min(folds, len(table))
    made = make_folds(clips_of(table), folds, seed, share)
    assert [fold.index for fold in made] == list(range(folds))
    assert sorted(person for fold in made for person in fold.test) == sorted(table)
    for fold in made:
        parts = (fold.train, fold.validation, fold.test)
        assert sum(map(len, parts)) == len(table)
        assert frozenset().union(*parts) == set(table)
        assert fold.train
        assert fold.test
        assert bool(fold.validation) == (share > 0)


@given(tables, st.integers(0, 100))
def test_folds_survive_their_file(table: dict[str, list[str | None]], seed: int) -> None:
    clips = clips_of(table)
    repeats = (make_folds(clips, 2, seed), make_folds(clips, 3, seed))
    with tempfile.TemporaryDirectory() as folder:
        save_folds(Path(folder) / "folds.json", repeats, seed)
        assert load_folds(Path(folder) / "folds.json", clips) == repeats
