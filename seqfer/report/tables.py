"""Prepares tables for the pages: confusion cells with their fraction of the row, per-class rows, and the provenance of a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqfer.report import words
from seqfer.runs.records import Provenance
from seqfer.runs.results import ClassScores


@dataclass(frozen=True)
class Cell:
    """One cell of a confusion matrix; `share` is its fraction of the row (of the actual class), NaN in an empty row."""

    count: int
    share: float
    right: bool
    title: str

    @property
    def shade(self) -> str:
        """The fraction for CSS, 0 to 1."""
        return f"{self.share:.3f}" if words.defined(self.share) else "0"


def confusion(counts: Sequence[Sequence[int]], classes: Sequence[str]) -> list[tuple[str, int, list[Cell]]]:
    """(class, support, cells) per row. Rows are actual, columns predicted classes, both in the order of `classes`."""
    rows = []
    for i, (actual, row) in enumerate(zip(classes, counts, strict=True)):
        total = int(sum(row))
        cells = [
            Cell(
                int(n),
                n / total if total else float("nan"),
                i == j,
                f"{actual} predicted as {predicted}" if i != j else f"{actual}, correct",
            )
            for j, (predicted, n) in enumerate(zip(classes, row, strict=True))
        ]
        rows.append((actual, total, cells))
    return rows


def per_class(values: Mapping[str, ClassScores], classes: Sequence[str]) -> list[dict[str, Any]]:
    """Precision, recall, F1 and support per class, in the order of `classes`; a class without scores has NaN."""
    keys = ("precision", "recall", "f1", "support")
    return [{"label": c, **{k: words.number(getattr(values.get(c), k, None)) for k in keys}} for c in classes]


def provenance(found: Provenance | Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Headed lists of (name, value): settings, versions, machine. Empty ones are left out."""
    values = vars(found) if isinstance(found, Provenance) else found
    rows = [
        (head, words.flat(values.get(key)))
        for head, key in (("Settings", "settings"), ("Versions", "versions"), ("Machine", "machine"))
    ]
    return [(head, lines) for head, lines in rows if lines]
