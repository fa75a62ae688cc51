"""Rows of finished runs for the leaderboard: the protocol of a test, and a row for each model that was tested by it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from seqfer.runs.records import JsonObject, RunRecord


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
class RankedRow:
    """One model in one run. Rates are fractions; undefined and unmeasurable values are NaN, and such a value to rank by gives no rank.

    `multiplications` are those of the convolutions for one image, `ms_per_face` milliseconds of processor time on one thread.
    """

    run: str
    model: str
    clips: int
    error: float
    standard_error: float
    standard_error_over: str
    macro_f1: float
    ece: float
    parameters: float = math.nan
    multiplications: float = math.nan
    ms_per_face: float = math.nan
    rank: int | None = None


@dataclass(frozen=True)
class Row(RankedRow):
    """A row with the networks that are to be counted and timed, none where they are unknown."""

    networks: tuple[Network, ...] = ()

    @property
    def without_networks(self) -> RankedRow:
        """What the leaderboard says of it."""
        return RankedRow(**{field.name: getattr(self, field.name) for field in fields(RankedRow)})


@dataclass(frozen=True, kw_only=True)
class RankedGroup(Protocol):
    """Models that were tested on the same clips, the best first. `heading` is the protocol as text."""

    heading: str
    rows: tuple[RankedRow, ...]


@dataclass(frozen=True, kw_only=True)
class LeaderboardRecord(RunRecord):
    """leaderboard.json. `by` is the measure to rank by, `timing` the batch, the threads and the number of runs whose median a time is."""

    by: str
    seqfer: str
    command: str
    created: str
    machine: JsonObject
    versions: JsonObject
    timing: Mapping[str, int]
    groups: tuple[RankedGroup, ...]


Ranked = tuple[Protocol, list[Row]]


def with_binomial_error(row: Row) -> Row:
    """The row with the standard error of a proportion of independent clips."""
    error = math.sqrt(max(row.error * (1 - row.error), 0.0) / row.clips) if row.clips > 0 else math.nan
    return replace(row, standard_error=error, standard_error_over="clips")


def on_test_set(corpus: str, split: str, classes: tuple[str, ...], data_checksum: str) -> Protocol:
    """The protocol of a report on one test set."""
    how = "all clips" if split == "all" else f"split {split}"
    return Protocol("test set", corpus, how, split, classes, data_checksum)
