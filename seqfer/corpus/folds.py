"""Makes, saves and reads person-disjoint folds, balanced over the classes; a person in two parts of a fold is an error.

The division is original work: people are assigned one by one, in an order drawn from the seed, to the fold they fit best,
then moved and exchanged between folds as long as that makes the clips per class more even. It replaces
scikit-learn's `StratifiedGroupKFold`, which assigns without exchanging (CK+48 in ten folds: 4 to 7 clips of happiness
per fold, where 5 to 6 is possible) and warns about, or rejects, classes with fewer clips than folds.

`folds.json`: {"seqfer_folds": 1, "seed": s, "repeats": [[fold, ...], ...]}, a fold being
{"index": 0, "train": [person, ...], "validation": [...], "test": [...]}.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import write_atomically
from seqfer.core.input_files import read_json
from seqfer.core.records import Clip, Fold

VERSION = 1
_PARTS = ("train", "validation", "test")


def repeat_seed(seed: int, repeat: int) -> int:
    """The seed (32 bits) of repeat 0, 1, ... under a user's seed; unlike with sums, none recurs under the next seed."""
    if seed < 0 or repeat < 0:
        raise SettingsError(f"seed {seed}, repeat {repeat}; both must be 0 or more")
    return int(np.random.SeedSequence([seed, repeat]).generate_state(1)[0])


def make_folds(clips: Sequence[Clip], folds: int, seed: int, validation_share: float = 0.15) -> tuple[Fold, ...]:
    """Divide the people of `clips` into folds: test parts partition them, with clips per class as even as possible.

    `validation_share` is the fraction of the other folds' clips whose people are used for validation (at least one
    person; 0: none). Equal arguments give equal folds, whatever the order of the clips. Raises SettingsError for
    impossible settings.
    """
    people, counts = _table([(clip.person, str(clip.label)) for clip in clips])
    _check_settings(len(people), folds, seed, validation_share)
    rng = np.random.default_rng(seed)
    # with two folds the train part of one is the test part of the other, and must have a person for validation too
    least = 2 if folds == 2 and validation_share > 0 else 1
    tested = _divide(counts, [1 / folds] * folds, least, rng)
    made = []
    for index in range(folds):
        rest = np.flatnonzero(tested != index)
        held = np.zeros(len(rest), bool)
        if validation_share > 0:
            held = _divide(counts[rest], [validation_share, 1 - validation_share], 1, rng) == 0
        made.append(
            Fold(
                index,
                train=frozenset(people[i] for i in rest[~held]),
                validation=frozenset(people[i] for i in rest[held]),
                test=frozenset(people[i] for i in np.flatnonzero(tested == index)),
            )
        )
    return tuple(made)


def tested_in(people: Sequence[str], labels: Sequence[str], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold (clip,) in which each clip is tested, from its person and its label: as `make_folds` without validation people.

    Raises SettingsError for impossible settings.
    """
    names, counts = _table(list(zip(people, labels, strict=True)))
    _check_settings(len(names), folds, seed, 0.0)
    tested = _divide(counts, [1 / folds] * folds, 1, np.random.default_rng(seed))
    fold_of = dict(zip(names, tested))
    return np.array([fold_of[person] for person in people])


def save_folds(path: Path, repeats: Sequence[Sequence[Fold]], seed: int) -> None:
    """Write the folds of all repeats as `folds.json`, atomically. Raises InputError where it cannot be written."""
    content = {"seqfer_folds": VERSION, "seed": seed, "repeats": _rows(repeats)}
    write_atomically(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def folds_checksum(repeats: Sequence[Sequence[Fold]]) -> str:
    """sha256 as hex: equal for equal folds only."""
    return hashlib.sha256(json.dumps(_rows(repeats)).encode()).hexdigest()


def _rows(repeats: Sequence[Sequence[Fold]]) -> list[list[dict[str, Any]]]:
    return [
        [{"index": f.index, **{part: sorted(getattr(f, part)) for part in _PARTS}} for f in folds] for folds in repeats
    ]


def load_folds(path: Path, clips: Iterable[Clip]) -> tuple[tuple[Fold, ...], ...]:
    """Read `folds.json` and check it against the people of `clips`: a tuple of folds per repeat.

    Raises InputError naming file, repeat, fold and person for a person in two parts of a fold, tested twice in a
    repeat, unknown in the data, or of the data and missing in a fold.
    """
    people = frozenset(clip.person for clip in clips)
    content = read_json(path, "make it with `seqfer cv`")
    repeats = content.get("repeats") if isinstance(content, dict) and content.get("seqfer_folds") == VERSION else None
    if not isinstance(repeats, list) or not repeats:
        layout = f'{{"seqfer_folds": {VERSION}, "seed": ..., "repeats": [[fold, ...], ...]}}'
        raise InputError(f"{path}: not {layout} with a repeat in it; make it with `seqfer cv`")
    return tuple(_repeat(f"{path}: repeat {number}", rows, people) for number, rows in enumerate(repeats))


def _repeat(where: str, rows: Any, people: frozenset[str]) -> tuple[Fold, ...]:
    if not isinstance(rows, list) or len(rows) < 2:
        raise InputError(f"{where}: a list of 2 or more folds is needed")
    folds = tuple(_fold(f"{where}, fold {index}", index, row, people) for index, row in enumerate(rows))
    tested: dict[str, int] = {}
    for fold in folds:
        for person in sorted(fold.test):
            if person in tested:
                both = f"fold {tested[person]} and in fold {fold.index}"
                raise InputError(f"{where}: person {person} is tested in {both}; test each once")
            tested[person] = fold.index
    if people - set(tested):
        raise InputError(
            f"{where}: person {min(people - set(tested))} of the data is tested in no fold; test each once"
        )
    return folds


def _fold(where: str, index: int, row: Any, people: frozenset[str]) -> Fold:
    if not isinstance(row, dict) or set(row) != {"index", *_PARTS} or row["index"] != index:
        raise InputError(f'{where}: must be {{"index": {index}, "train": [...], "validation": [...], "test": [...]}}')
    owner: dict[str, str] = {}
    for part in _PARTS:
        if not isinstance(row[part], list) or not all(isinstance(person, str) for person in row[part]):
            raise InputError(f"{where}: {part} must be a list of people's names")
        for person in row[part]:
            if person in owner:
                both = f"{owner[person]} and in {part}"
                raise InputError(f"{where}: person {person} is in {both}; each person may be in one part only, once")
            if person not in people:
                raise InputError(
                    f"{where}: person {person} in {part} is unknown in the data; use the folds of this manifest"
                )
            owner[person] = part
    if people - set(owner):
        raise InputError(
            f"{where}: person {min(people - set(owner))} of the data is in no part; use the folds of this manifest"
        )
    try:
        return Fold(index, *(frozenset(row[part]) for part in _PARTS))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _check_settings(people: int, folds: int, seed: int, validation_share: float) -> None:
    if folds < 2:
        raise SettingsError(
            f"{folds} folds; 2 or more are needed, as each person is tested by a model that never saw them"
        )
    if people < folds:
        raise SettingsError(
            f"{people} people for {folds} folds; each fold tests at least one person, so lower the folds to {people}"
        )
    if seed < 0:
        raise SettingsError(f"seed {seed}; give a whole number >= 0")
    if not 0 <= validation_share < 1:
        raise SettingsError(
            f"validation share {validation_share}; give a number from 0 (no validation people) to below 1"
        )
    if validation_share > 0 and folds == 2 and people < 4:
        raise SettingsError(
            f"{people} people for 2 folds leave none for validation; have 4, use 3 folds or a validation share of 0"
        )


def _table(clips: Sequence[tuple[str, str]]) -> tuple[list[str], NDArray[np.float64]]:
    """From (person, label) of clips: sorted people, and their clip counts (person, label + 1): one column per label, last the sum."""
    people = sorted({person for person, _ in clips})
    labels = sorted({label for _, label in clips})
    row, column = {p: i for i, p in enumerate(people)}, {name: i for i, name in enumerate(labels)}
    counts = np.zeros((len(people), len(labels) + 1))
    for person, label in clips:
        counts[row[person], column[label]] += 1
        counts[row[person], -1] += 1
    return people, counts


def _divide(
    counts: NDArray[np.float64], shares: Sequence[float], least: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """A bin (person,) for each row of counts (person, column), with at least `least` people per bin and sums near
    the fractions `shares` of the whole.

    The cost is chi-square: squared distance from the target count over the target count, so that a small class has as
    much weight as a large one.
    """
    bins, total = len(shares), counts.sum(axis=0)
    weight = 1 / np.maximum(total, 1)
    surplus = -np.outer(shares, total)  # (bin, column): count of a bin minus its target
    chosen = np.full(len(counts), -1)
    for turn, person in enumerate(rng.permutation(len(counts))):
        row = counts[person]
        gain = ((surplus + row) ** 2 - surplus**2) @ weight
        chosen[person] = turn % bins if turn < least * bins else int(np.argmin(gain))
        surplus[chosen[person]] += row
    _exchange(counts, weight, surplus, chosen, least)
    return chosen


def _exchange(
    counts: NDArray[np.float64],
    weight: NDArray[np.float64],
    surplus: NDArray[np.float64],
    chosen: NDArray[np.int64],
    least: int,
) -> None:
    """Move or swap people between two bins, the best of all first, until nothing lowers the cost. Changes `surplus` and
    `chosen`.

    People with equal counts are interchangeable, so the search is over kinds of people; kind 0 is no person, for moves
    instead of swaps.
    """
    patterns, kind = np.unique(counts, axis=0, return_inverse=True)
    patterns, kind = np.vstack([np.zeros_like(weight), patterns]), kind.ravel() + 1
    scaled = patterns * np.sqrt(weight)
    norms = (scaled**2).sum(axis=1)
    apart = 2 * (norms[:, None] + norms[None, :] - 2 * scaled @ scaled.T)  # (kind, kind): twice the squared distance
    bins = range(len(surplus))
    pairs = [(i, j) for i in bins for j in bins if i < j]
    improved = True
    while improved:
        improved = False
        for i, j in pairs:
            there = [np.bincount(kind[chosen == b], minlength=len(patterns)) > 0 for b in (i, j)]
            there[0][0] = (chosen == j).sum() > least  # a move: only where enough people remain
            there[1][0] = (chosen == i).sum() > least
            along = 2 * patterns @ (weight * (surplus[i] - surplus[j]))
            change = apart + along[None, :] - along[:, None]  # (given by i, given by j)
            change[~there[0]] = np.inf
            change[:, ~there[1]] = np.inf
            give, take = np.unravel_index(np.argmin(change), change.shape)
            if change[give, take] > -1e-9:
                continue
            movers = [np.flatnonzero((chosen == b) & (kind == k))[:1] for b, k in ((i, give), (j, take))]
            chosen[movers[0]], chosen[movers[1]] = j, i
            step = patterns[take] - patterns[give]
            surplus[i] += step
            surplus[j] -= step
            improved = True
