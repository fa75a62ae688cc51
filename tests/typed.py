"""Reads the plain values of made-up reports as records, so that a test can change any value first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from seqfer.runs.records import parse_record

Record = TypeVar("Record")


def typed(cls: type[Record], values: Mapping[str, Any]) -> Record:
    """The record of these values."""
    return parse_record(cls, values, Path("report.json"))


def on_values(function: Callable[..., Any], cls: type[Any]) -> Callable[..., Any]:
    """The function with plain values in place of the record that is its first argument."""

    def called(values: Mapping[str, Any], *rest: Any) -> Any:
        return function(typed(cls, values), *rest)

    return called
