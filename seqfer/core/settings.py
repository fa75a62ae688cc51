"""Reads settings: TOML files and `--set key=value` become frozen dataclasses with checked types.

An unknown key is an error that lists the allowed keys; a value of the wrong type is an error too. Tables in the file are nested
settings (`[training]` is `training.*`).
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from seqfer.core.errors import SettingsError

Settings = TypeVar("Settings")


def read_settings(
    cls: type[Settings],
    file: Path | None = None,
    overrides: Sequence[Mapping[str, Any]] = (),
    sets: Sequence[str] = (),
    base: Mapping[str, Any] | None = None,
) -> Settings:
    """Defaults of `cls`, then `base` (a resumed run's settings), the TOML file, `overrides` and `key.sub=value` strings; later ones win."""
    values: dict[str, Any] = {}
    _merge(values, base or {})
    if file is not None:
        _merge(values, _read_toml(file))
    for override in overrides:
        _merge(values, override)
    for text in sets:
        _merge(values, _parse_set(text))
    return build(cls, values, where=str(file) if file else "settings")


def saved_settings(folder: Path) -> dict[str, Any]:
    """The settings a run folder was started with, as a `base` to resume it. Raises SettingsError where the folder has no run."""
    file = folder / "settings.json"
    if not file.exists():
        raise SettingsError(f"{folder} has no run to resume; omit --resume to start one, or check --out")
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingsError(f"{file}: not valid JSON ({error}); give another --out") from None
    return {k: v for k, v in values.items() if not k.endswith("_checksum") and k != "processes"}


def build(cls: type[Settings], values: Mapping[str, Any], where: str = "settings", prefix: str = "") -> Settings:
    """A frozen dataclass from nested mappings. Raises SettingsError for unknown keys and wrong types."""
    hints = get_type_hints(cls)
    fields = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - fields)
    if unknown:
        allowed = ", ".join(sorted(prefix + name for name in fields))
        raise SettingsError(f"{where}: unknown key {prefix + unknown[0]!r}; allowed: {allowed}")
    made = {name: _convert(hints[name], value, where, prefix + name) for name, value in values.items()}
    try:
        return cls(**made)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None


def as_dict(settings: Any) -> dict[str, Any]:
    """Settings as nested plain values, for JSON."""
    return json.loads(json.dumps(dataclasses.asdict(settings), default=str))


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror}); give the path of a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not valid TOML ({error})") from None


def _parse_set(text: str) -> dict[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise SettingsError(f"--set {text!r}: write it as key=value, for example --set training.epochs=30")
    parsed: Any
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value  # a word without quotes, as in --set encoder=tiny
    nested: dict[str, Any] = {}
    level = nested
    *tables, last = key.strip().split(".")
    for table in tables:
        level = level.setdefault(table, {})
    level[last] = parsed
    return nested


def _merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        if isinstance(value, Mapping):
            target = into.setdefault(key, {})
            if not isinstance(target, dict):
                raise SettingsError(f"{key!r} is a single value and cannot also be a table")
            _merge(target, value)
        else:
            into[key] = value


def _convert(hint: Any, value: Any, where: str, key: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if dataclasses.is_dataclass(value):
            return value
        if not isinstance(value, Mapping):
            raise SettingsError(f"{where}: {key} is a table; write {key}.NAME=value")
        return build(hint, value, where, key + ".")  # type: ignore[arg-type]
    if _fits(hint, value):
        if get_origin(hint) is tuple:
            return tuple(value)
        return float(value) if hint is float else value
    shown = str(hint).replace("typing.", "") if get_origin(hint) else getattr(hint, "__name__", str(hint))
    raise SettingsError(f"{where}: {key} = {value!r} is not of the type {shown}")


def _fits(hint: Any, value: Any) -> bool:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(part, value) for part in get_args(hint))
    if hint is type(None):
        return value is None
    if origin is tuple:
        return isinstance(value, list | tuple) and all(_fits(get_args(hint)[0], item) for item in value)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)
