"""Computes scores from probabilities under corruptions: every level against level 0, corruptions and groups of clips worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seqfer.core.errors import SettingsError
from seqfer.core.records import Clip
from seqfer.experiments.stress.corruptions import Corruption
from seqfer.metrics.classification import (
    classification_report,
    confusion_matrix,
    mean_and_standard_error,
    reliability,
    wilson_interval,
)
from seqfer.runs.kinds.stress import LevelScores, Stressed, StressedGroup, StressScores
from seqfer.runs.results import number

MOST_GROUPS = 12


def scores(shares: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> StressScores:
    """Accuracy with Wilson's 95 % interval, macro-F1 and expected calibration error of probabilities (clip class); NaN without clips."""
    confusion = confusion_matrix(labels, shares.argmax(1) if len(shares) else labels, len(names))
    report = classification_report(confusion, names)
    low, high = wilson_interval(int(np.trace(confusion)), len(labels))
    return StressScores(
        accuracy=number(report["accuracy"]),
        low=low,
        high=high,
        macro_f1=number(report["macro_f1"]),
        ece=reliability(shares, labels).expected_calibration_error,
        count=len(labels),
    )


def stressed(
    corruption: Corruption, clean: np.ndarray, shares: np.ndarray, labels: np.ndarray, names: Sequence[str]
) -> Stressed:
    """Scores of one corruption: probabilities `clean` (clip class) at level 0, `shares` (level clip class) at levels 1 and up.

    `mean_drop` is level 0's accuracy less the mean of the other levels'; its standard error is over clips, with paired differences.
    """
    levels = tuple(
        LevelScores(level=level, strength=corruption.strength(level), **vars(scores(given, labels, names)))
        for level, given in enumerate((clean, *shares))
    )
    right = (shares.argmax(2) == labels).mean(0)  # fraction of levels, for each clip
    drop, error = mean_and_standard_error((clean.argmax(1) == labels) - right)
    return Stressed(
        name=corruption.name,
        kind=corruption.kind,
        what=corruption.what,
        levels=levels,
        mean_accuracy=mean_and_standard_error(right)[0],
        mean_drop=drop,
        mean_drop_se=error,
    )


def worst_first(rows: Sequence[Stressed]) -> tuple[Stressed, ...]:
    """Corruptions by their mean drop, the largest first; equal ones keep their order."""
    return tuple(sorted(rows, key=lambda row: -row.mean_drop))


def members(clips: Sequence[Clip], attribute: str) -> dict[str, np.ndarray]:
    """Value of the attribute -> indices of the clips with it; clips without it are in no group.

    Raises SettingsError, listing the attributes, when none has it, and for an attribute with too many values to compare.
    """
    values = [clip.attributes.get(attribute) for clip in clips]
    found = sorted({value for value in values if value is not None})
    if not found:
        known = ", ".join(sorted({name for clip in clips for name in clip.attributes})) or "none"
        raise SettingsError(f"no clip has the attribute {attribute!r}; --groups may name: {known}")
    if len(found) > MOST_GROUPS:
        raise SettingsError(
            f"attribute {attribute!r} has {len(found)} values; allowed: up to {MOST_GROUPS}, choose another for --groups"
        )
    return {value: np.flatnonzero([v == value for v in values]) for value in found}


def by_group(
    groups: Mapping[str, np.ndarray],
    chosen: Sequence[Corruption],
    clean: np.ndarray,
    shares: Mapping[str, np.ndarray],
    labels: np.ndarray,
    names: Sequence[str],
) -> tuple[StressedGroup, ...]:
    """The result of `stressed` for each group, the group with the lowest mean accuracy under stress first."""
    rows = []
    for group, index in groups.items():
        own = [stressed(c, clean[index], shares[c.name][:, index], labels[index], names) for c in chosen]
        mean = float(np.mean([row.mean_accuracy for row in own]))
        first = scores(clean[index], labels[index], names)
        rows.append(
            StressedGroup(
                group=group,
                clean=first,
                mean_accuracy=mean,
                mean_drop=first.accuracy - mean,
                corruptions=worst_first(own),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.mean_accuracy))
