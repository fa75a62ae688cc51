"""Rows of finished runs for the leaderboard: the protocol of a test, and a row for each model that was tested by it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Protocol:
    """The test data. Rows of equal protocols may be ranked together. `drawn` identifies the people that `seqfer train` held out."""

    kind: str
    corpus: str = field(compare=False)  # only a name; the checksum is compared
    how: str = field(compare=False)
    split: str
    classes: tuple[str, ...]
    data_checksum: str
    folds_checksum: str = ""
    drawn: str = ""


@dataclass(frozen=True)
class Network:
    """The description of a model to count and to time: an encoder or a baseline by name, its temporal head or none, frames of an average clip, and
    the edge of the faces where it is not the encoder's default."""

    encoder: str
    classes: int
    head: str = ""
    frames: int = 1
    mirror: bool = False
    input_size: int = 0


@dataclass(frozen=True)
class Row:
    """One model in one run. Rates are fractions; undefined and unmeasurable values are NaN. `networks` are its networks, none where unknown."""

    run: str
    model: str
    clips: int
    error: float
    standard_error: float
    standard_error_over: str
    macro_f1: float
    ece: float
    networks: tuple[Network, ...]
    parameters: float = math.nan
    multiplications: float = math.nan
    ms_per_face: float = math.nan
    rank: int | None = None


Ranked = tuple[Protocol, list[Row]]


def with_binomial_error(row: Row) -> Row:
    """The row with the standard error of a proportion of independent clips."""
    error = math.sqrt(max(row.error * (1 - row.error), 0.0) / row.clips) if row.clips > 0 else math.nan
    return replace(row, standard_error=error, standard_error_over="clips")


def on_test_set(corpus: str, split: str, classes: tuple[str, ...], data_checksum: str) -> Protocol:
    """The protocol of a report on one test set."""
    how = "all clips" if split == "all" else f"split {split}"
    return Protocol("test set", corpus, how, split, classes, data_checksum)
