"""Typed records of what a run writes as JSON, and their strict reader.

A record is a frozen dataclass; the file has its fields in their order. A number that is undefined is NaN in the record and null in the file. Every
record of a whole file begins with `kind`, which names the kind of run, and `format_version`; a file of the version before has neither and is read
as format 0.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import TypeAdapter, ValidationError, WrapValidator

from seqfer.core.errors import InputError
from seqfer.core.files import without_nan, write_json
from seqfer.core.input_files import read_json
from seqfer.core.one_line import one_line

FORMAT_VERSION = 1
SHOWN = 60  # characters of a wrong value that a message repeats

Record = TypeVar("Record")
JsonObject = dict[str, Any]


def _nan_for_null(value: object, checked: Callable[[object], float]) -> float:
    if value is None:
        return math.nan
    number = checked(value)
    return int(number) if type(value) is int else number  # written as it was read


Number = Annotated[float, WrapValidator(_nan_for_null)]
"""A number that may be undefined: NaN, and null in a file."""


def optional() -> Any:
    """A field of a record that is left out of the file where it is None."""
    return dataclasses.field(default=None, metadata={"left_out": True})


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a result comes from: seqfer's version, the command, the time, the settings, package versions, the machine, and the seconds it took."""

    seqfer: str = ""
    command: str = ""
    created: str = ""
    settings: JsonObject = dataclasses.field(default_factory=dict)
    versions: JsonObject = dataclasses.field(default_factory=dict)
    machine: JsonObject = dataclasses.field(default_factory=dict)
    seconds: float = math.nan


class RunRecord:
    """What the records of all kinds of run share."""

    @property
    def provenance(self) -> Provenance:
        """Where the result comes from, as far as this kind of run says it."""
        said = {field.name: getattr(self, field.name, None) for field in dataclasses.fields(Provenance)}
        said["seqfer"] = said["seqfer"] or (said["versions"] or {}).get("seqfer")
        return Provenance(**{name: value for name, value in said.items() if value is not None})


def as_json(record: Any) -> JsonObject:
    """A record as plain values, in the order of its fields; NaN is None."""
    plain: JsonObject = without_nan(_plain(record))
    return plain


def write_record(path: Path, record: Any) -> None:
    """Write a record as JSON, whole or not at all. Raises InputError when it cannot be written."""
    write_json(path, as_json(record))


def read_record(cls: type[Record], path: Path) -> Record:
    """The record of a file. Raises InputError, in one line that names the file and the key, for anything that does not fit."""
    return parse_record(cls, read_object(path), path)


def parse_record(cls: type[Record], values: Mapping[str, Any], path: Path) -> Record:
    """The record of values that were read from `path`. A file of the version before has no `format_version` and is of format 0.

    Raises InputError as `read_record` does, and for a file of a later version. Keys that the record does not have are passed over.
    """
    check_version(values, path)
    hashable: Any = cls  # a class is; mypy does not know it of a type variable
    adapter = _adapter(hashable)
    try:
        record: Record = adapter.validate_json(json.dumps({"format_version": 0, **values}), strict=True)
        shown = printable(values)
        if shown != values:
            record = adapter.validate_json(json.dumps({"format_version": 0, **shown}), strict=True)
    except ValidationError as error:
        raise InputError(complaint(error, path)) from None
    return record


def printable(value: Any) -> Any:
    """The same nested value with every text on one line: what a file says of itself is shown on terminals and in reports."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Mapping):
        return {one_line(str(key)): printable(one) for key, one in value.items()}
    return [printable(one) for one in value] if isinstance(value, list) else value


def read_object(path: Path, advice: str = "run it again") -> JsonObject:
    """The JSON object of a file. Raises InputError, which ends with `advice`, for one that cannot be read or is something else."""
    value = read_json(path, advice)
    if not isinstance(value, dict):
        raise InputError(f"{path}: a {type(value).__name__}, not one JSON object; {advice}")
    return value


def check_version(values: Mapping[str, Any], path: Path) -> None:
    """Raises InputError for a file of a format that this version does not know."""
    version = values.get("format_version", 0)
    if version not in range(FORMAT_VERSION + 1):
        raise InputError(
            f"{path}: its format_version is {str(version)[:SHOWN]!r}, and this seqfer reads up to {FORMAT_VERSION}; "
            "install the seqfer that wrote it, or run it again"
        )


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {f.name: _plain(v) for f, v in found if v is not None or not f.metadata.get("left_out")}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    # A name of a file may have bytes that are no text; they are shown escaped, because a strict reader of JSON refuses them.
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def complaint(error: ValidationError, path: Path, advice: str = "run it again") -> str:
    """The first thing that does not fit, in one line."""
    first = error.errors(include_url=False)[0]
    key = ".".join(map(str, first["loc"]))[:SHOWN] or "its content"
    if first["type"] == "missing":
        return one_line(
            f"{path}: has no {key}; {advice} with this seqfer"
            if advice == "run it again"
            else f"{path}: has no {key}; {advice}"
        )
    value = repr(first["input"])[:SHOWN]
    wanted = {
        "float_type": "a number",
        "int_type": "a whole number",
        "string_type": "a text",
        "bool_type": "true or false",
    }
    rule = _rule(first.get("ctx", {}))
    return one_line(
        f"{path}: {key} is {value}, not {wanted.get(first['type'], rule or 'what belongs there')}; {advice}"
    )


def _rule(bounds: Mapping[str, Any]) -> str:
    """The limit that a value breaks, in words."""
    words = {
        "ge": "at least",
        "gt": "above",
        "le": "at most",
        "lt": "below",
        "max_length": "at most",
        "min_length": "at least",
    }
    return next(
        (
            f"{word} {bounds[name]}{' long' if 'length' in name else ''}"
            for name, word in words.items()
            if name in bounds
        ),
        "",
    )
