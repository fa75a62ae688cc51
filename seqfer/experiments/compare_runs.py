"""`seqfer compare`: the paired test of two runs on the clips that both have predictions of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.numbers import decimal_number, whole_number
from seqfer.experiments.prediction_files import Columns, read_predictions
from seqfer.experiments.settings import CompareSettings
from seqfer.metrics.paired import (
    McNemar,
    PairedDifference,
    accuracy_difference_by_person,
    mcnemar,
    valence_differences_by_person,
)

UNCORRUPTED = "none:0"
Key = tuple[str, str]  # the clip, and the frame in it where rows are frames


@dataclass(frozen=True)
class RunComparison:
    """Two runs on the `rows` (clips, or frames of clips) of `people` people that both have; `left_out` counts the others of each run. Differences are
    the second's minus the first's, by measure; `mcnemar` is None for valence."""

    task: str
    runs: tuple[str, str]
    variants: tuple[str, str]
    rows: int
    clips: int
    people: int
    left_out: tuple[int, int]
    samples: int
    seed: int
    differences: dict[str, PairedDifference]
    mcnemar: McNemar | None


@dataclass(frozen=True)
class _Predictions:
    """The rows of one variant of a run: person, truth (label or valence) and prediction by clip and frame."""

    name: str
    variant: str
    valence: bool
    rows: dict[Key, tuple[str, Any, Any]]


def compare_runs(first: Path, second: Path, settings: CompareSettings) -> RunComparison:
    """The comparison of two run folders or files of predictions. Raises InputError where they have no clip in common, or differ in what is true."""
    a, b = _predictions(first, settings.first), _predictions(second, settings.second)
    if a.valence != b.valence:
        kinds = ["valence" if run.valence else "classes" for run in (a, b)]
        raise InputError(f"{first} has predictions of {kinds[0]}, {second} of {kinds[1]}; give two runs of one kind")
    if first.resolve() == second.resolve() and a.variant == b.variant:
        raise InputError(f"{first} is compared with itself; give another run, or --first and --second of its variants")
    common = [key for key in a.rows if key in b.rows]
    if not common:
        raise InputError(f"{first} and {second} have no clip in common; give runs that were tested on the same clips")
    people = [a.rows[key][0] for key in common]
    truths = [a.rows[key][1] for key in common]
    _check_truth(a, b, common)
    found = [[run.rows[key][2] for key in common] for run in (a, b)]
    test, differences = None, {}
    draw = {"samples": settings.samples, "seed": settings.seed}
    if a.valence:
        differences = valence_differences_by_person(found[0], found[1], truths, people, **draw)
    else:
        right = [np.array([p == t for p, t in zip(row, truths, strict=True)]) for row in found]
        test = mcnemar(right[0], right[1])
        differences = {"accuracy": accuracy_difference_by_person(right[0], right[1], people, **draw)}
    return RunComparison(
        task="valence" if a.valence else "classes",
        runs=(a.name, b.name),
        variants=(a.variant, b.variant),
        rows=len(common),
        clips=len({clip for clip, _ in common}),
        people=len(set(people)),
        left_out=(len(a.rows) - len(common), len(b.rows) - len(common)),
        **draw,
        differences=differences,
        mcnemar=test,
    )


def _check_truth(a: _Predictions, b: _Predictions, common: Sequence[Key]) -> None:
    for key in common:
        (person, truth, _), (other, also, _) = a.rows[key], b.rows[key]
        same = abs(truth - also) <= 1e-5 if a.valence else truth == also  # a CSV file has six decimals
        if person != other or not same:
            what = f"person {person}, {truth}" if person != other else truth
            raise InputError(
                f"clip {key[0]}: {what} in {a.name}, {f'person {other}, ' if person != other else ''}{also} in {b.name}; "
                "give runs that were tested on the same data"
            )


def _predictions(run: Path, wanted: str) -> _Predictions:
    columns = read_predictions(run)
    valence = "truth" in columns
    if not valence and "label" not in columns:
        raise InputError(f"{run}: no column 'label' or 'truth'; give predictions of seqfer")
    variants = _variants(columns)
    variant = _chosen(run, wanted, variants)
    frames, repeats = columns.get("frame"), columns.get("repeat")
    rows: dict[Key, tuple[str, Any, Any]] = {}
    for k, clip in enumerate(columns["clip"]):
        if variants[k] != variant or (repeats is not None and not _is_first(run, repeats[k])):
            continue
        key = (clip, "" if frames is None else str(frames[k]))
        if key in rows:
            raise InputError(f"{run}: clip {clip} has two predictions of {variant or 'the model'}; run it again")
        truth, found = columns["truth" if valence else "label"][k], columns["predicted"][k]
        values = (_number(run, truth), _number(run, found)) if valence else (truth, found)
        rows[key] = (columns["person"][k], *values)
    return _Predictions(str(run), variant, valence, rows)


def _variants(columns: Columns) -> list[str]:
    """What tells the rows of a clip apart: the head of a cross-validation, the corruption and its level of a stress test."""
    if "corruption" in columns:
        return [f"{name}:{level}" for name, level in zip(columns["corruption"], columns["level"], strict=True)]
    return list(columns.get("head", [""] * len(columns["clip"])))


def _chosen(run: Path, wanted: str, variants: Sequence[str]) -> str:
    found = list(dict.fromkeys(variants))
    if wanted in found:
        return wanted
    if not wanted and (len(found) == 1 or UNCORRUPTED in found):
        return found[0] if len(found) == 1 else UNCORRUPTED
    what = f"no predictions of {wanted!r}" if wanted else "several predictions of each clip"
    raise SettingsError(f"{run}: {what}; give --first or --second one of: {', '.join(filter(None, found)) or 'none'}")


def _number(run: Path, value: Any) -> float:
    number = decimal_number(value) if isinstance(value, str) else value
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise InputError(f"{run}: {value!r} is not a valence; run it again")
    return float(number)


def _is_first(run: Path, repeat: Any) -> bool:
    """Whether a row is of the first repeat of a cross-validation."""
    number = whole_number(repeat) if isinstance(repeat, str) else repeat
    if not isinstance(number, int):
        raise InputError(f"{run}: repeat {repeat!r} is not a whole number; run it again")
    return number == 0
