"""What weights files may state of themselves: the keys that seqfer reads, with their types and limits.

Anybody may have made a weights file. A key of another type, an encoder that is not included, or a size that no model has is an error of one line,
found before anything is built. Keys that are not listed here are kept as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from seqfer.core import registry
from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.input_files import LONGEST_NAME
from seqfer.core.rated_valence import LEVEL_NAMES
from seqfer.runs.records import complaint

VALENCE = "valence"  # the one class of a head that regresses valence
LARGEST_INPUT_PX = 1024
MOST_FEATURES = 1 << 17
MOST_CELLS = 1024  # inputs of a temporal head

_Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
_Classes = Annotated[tuple[_Name, ...], Field(min_length=1, max_length=max(len(EMOTIONS), len(LEVEL_NAMES)))]
_Temperature = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
_InputSize = Annotated[int, Field(ge=0, le=LARGEST_INPUT_PX)]
_Checksum = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]


@dataclass(frozen=True)
class _Sequence:
    head: _Name
    feature_dim: Annotated[int, Field(ge=1, le=MOST_FEATURES)]
    projection: Annotated[int, Field(ge=1, le=MOST_CELLS)]
    correction_limit: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] | None = None
    average_temperature: _Temperature | None = None


@dataclass(frozen=True)
class _Member:
    name: Annotated[str, Field(min_length=1)]
    encoder: _Name
    sha256: _Checksum


@dataclass(frozen=True)
class _Regression:
    one_vs_rest: bool
    strength: float
    chosen: bool
    converged: bool


@dataclass(frozen=True)
class _Meta:
    encoder: _Name | None = None
    classes: _Classes | None = None
    encoder_classes: _Classes | None = None
    temperature: _Temperature | None = None
    encoder_temperature: _Temperature | None = None
    input_size: _InputSize | None = None
    encoder_input_size: _InputSize | None = None
    encoder_sha256: _Checksum | None = None
    sequence: _Sequence | None = None
    corpus: str | None = None
    split: str | None = None
    data_checksum: str | None = None
    held_back: _Share | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    class_shares: tuple[Annotated[float, Field(ge=0, le=1)], ...] | None = None
    members: Annotated[tuple[_Member, ...], Field(min_length=1, max_length=64)] | None = None
    regressions: Annotated[dict[_Name, _Regression], Field(max_length=16)] | None = None
    mirror: bool | None = None
    about: dict[str, Any] | None = None
    states: tuple[_Name, ...] | None = None


_NUMBERS = (
    "temperature",
    "encoder_temperature",
    "input_size",
    "encoder_input_size",
)  # null is the same as without them
_READER = TypeAdapter(_Meta)
OF_HEADS = ("encoder", "classes", "temperature", "encoder_classes", "encoder_temperature", "encoder_sha256")
OF_ENSEMBLES = ("members", "classes", "regressions", "mirror", "about")


def check_meta(path: Path, meta: Any, known_encoder: str | None = None) -> dict[str, Any]:
    """The meta of a weights file. `known_encoder` is an encoder that the user has named, of any module.

    Raises WeightsError, in one line with the file and the key, for a value of the wrong type or beyond the limits, and for names of plug-ins that
    are not included.
    """
    if not isinstance(meta, dict):
        raise WeightsError(f"{path}: its meta is a {type(meta).__name__}, not a JSON object; train it again")
    values = {key: value for key, value in meta.items() if value is not None}
    try:
        # a path may have bytes that are no text, which the strict reader refuses; the returned values keep them
        _READER.validate_json(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace"), strict=True)
    except ValidationError as error:
        raise WeightsError(complaint(error, path, "train it again, or get the file again")) from None
    _check_classes(path, values)
    _check_names(path, values, known_encoder)
    return {key: value for key, value in meta.items() if value is not None or key not in _NUMBERS}


def need_keys(path: Path, meta: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Raises WeightsError where a file lacks one of these keys."""
    for key in keys:
        if meta.get(key) is None:
            raise WeightsError(f"{path}: has no {key}; train it again, or get the file again")


def _check_classes(path: Path, values: Mapping[str, Any]) -> None:
    for key in ("classes", "encoder_classes"):
        found = tuple(values.get(key, EMOTIONS))
        if found in (LEVEL_NAMES, (VALENCE,)):
            continue
        wrong = next((name for name in found if name not in EMOTIONS), None)
        if wrong is not None:
            raise WeightsError(f"{path}: {key} has {wrong[:60]!r}; allowed: {', '.join(EMOTIONS)}")
        if len(set(found)) < len(found):
            raise WeightsError(f"{path}: {key} names a class twice")
    shares = values.get("class_shares")
    if shares is not None and len(shares) != len(values.get("classes", ())):
        raise WeightsError(f"{path}: class_shares has {len(shares)} numbers, not one per class; train it again")


def _check_names(path: Path, values: Mapping[str, Any], known_encoder: str | None) -> None:
    named = [("encoders", values.get("encoder"))]
    named += [("encoders", member["encoder"]) for member in values.get("members", ())]
    named += [("heads", values["sequence"]["head"])] if "sequence" in values else []
    for kind, name in named:
        if name is not None and name != known_encoder and name not in registry.names(kind):  # their import takes torch
            try:
                registry.find_builtin(kind, name)
            except SettingsError as error:
                raise WeightsError(f"{path}: {error}") from None
