"""Settings from TOML files, `--set key=value`, options and earlier runs; later ones win.

An unknown key is an error that lists the allowed keys. Tables in a file are nested settings (`[training]` is `training.*`).
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.core.input_files import parse_toml, read_json, read_toml
from seqfer.core.numbers import decimal_number, whole_number
from seqfer.core.settings import OneSettingError, declared, is_settings

T = TypeVar("T")

# Names that settings had in earlier versions, and the names that they have now. Files with either are read; the present one is written.
FORMER_NAMES: Mapping[str, str] = {
    "calm_share": "reduced_augmentation_share",
    "small_size": "low_resolution_px",
    "small_share": "low_resolution_share",
    "least_votes": "min_votes",
}


# Settings that may name a module of the user's own; a file may name only what is included.
PLUGIN_SETTINGS = frozenset(("encoder", "head", "heads", "detector"))
ANOTHER_OUT = "give another --out"


class Text(str):
    """A value as it was typed on the command line; its type is that of the setting it is for."""


def read_settings(
    cls: type[T],
    file: Path | None = None,
    overrides: Sequence[Mapping[str, Any]] = (),
    sets: Sequence[str] = (),
    base: Mapping[str, Any] | None = None,
) -> T:
    """Defaults of `cls`, then `base` (a resumed run's settings), the TOML file, `overrides` and `key.sub=value` strings; later ones win.

    Raises SettingsError, which names the file where the value comes from it.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    typed = [*overrides, *map(_parse_set, sets)]
    stored = read_toml(file, "give the path of a TOML file") if file is not None else {}
    for given, where in ((base or {}, "the run's settings.json: "), (stored, f"{file}: ")):
        _refuse_modules(given, where, {name for one in typed for name in one})
    _merge(cls, values, base or {}, origins)
    _merge(cls, values, stored, origins, f"{file}: ")
    for given in typed:
        _merge(cls, values, given, origins)
    return _build(cls, values, origins)


def saved_settings(folder: Path) -> dict[str, Any]:
    """The settings a run folder was started with, as a `base` to resume it. Raises SettingsError where the folder has no run."""
    file = folder / "settings.json"
    if not file.exists():
        raise SettingsError(f"{folder} has no run to resume; omit --resume to start one, or check --out")
    values = read_json(file, ANOTHER_OUT, error=SettingsError)
    if not isinstance(values, dict):
        raise SettingsError(f"{file}: a {type(values).__name__}, not one JSON object; {ANOTHER_OUT}")
    return present_names({k: v for k, v in values.items() if not k.endswith("_checksum") and k != "processes"})


def present_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as an earlier version wrote them, under the names of this one."""
    return {
        FORMER_NAMES.get(name, name): present_names(value) if isinstance(value, Mapping) else value
        for name, value in values.items()
    }


def _refuse_modules(stored: Mapping[str, Any], where: str, typed: set[str]) -> None:
    """Raises SettingsError for a module of one's own that a file names, except where the command line names one for the same setting."""
    for key, given in stored.items():
        if isinstance(given, Mapping):
            _refuse_modules(given, where, typed)
        if key not in PLUGIN_SETTINGS - typed:
            continue
        for name in given if isinstance(given, list | tuple) else (given,):
            if isinstance(name, str) and "." in name and name not in registry.own_modules():
                raise SettingsError(
                    f"{where}{key} = {name[:60]!r}: a module of your own is named on the command line, such as --set {key}=..., "
                    f"or in the environment variable {registry.OWN_MODULES}, because it is run"
                )


def _parse_set(text: str) -> dict[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise SettingsError(f"--set {text!r}: write it as key=value, for example --set training.epochs=30")
    nested: Any = Text(value.strip())
    for table in reversed([part.strip() for part in key.split(".")]):
        nested = {table: nested}
    return dict(nested)


def _merge(
    cls: type,
    into: dict[str, Any],
    new: Mapping[str, Any],
    origins: dict[str, str],
    where: str = "",
    prefix: str = "",
) -> None:
    """Put `new` over `into`, key by key; `origins` keeps where each value came from. Raises SettingsError for keys that `cls` does not know."""
    known = declared(cls)
    for given, value in new.items():
        name = given if given in known else FORMER_NAMES.get(given, given)
        key = prefix + name
        if name not in known:
            allowed = ", ".join(sorted(prefix + each for each in known))
            raise SettingsError(f"{where}unknown key {prefix + given!r}; allowed: {allowed}")
        hint = known[name].hint
        if not is_settings(hint):
            if isinstance(value, Mapping) and not known[name].kind.startswith("a table"):
                raise SettingsError(f"{where}{key} is a single value and cannot also be a table")
            into[name], origins[key] = value, where
        elif isinstance(value, Mapping):
            _merge(hint, into.setdefault(name, {}), value, origins, where, key + ".")
        else:
            raise SettingsError(f"{where}{key} is a table; write {key}.NAME=value")


def _build(
    cls: type[T], values: Mapping[str, Any], origins: Mapping[str, str], prefix: str = "", default: Any = None
) -> T:
    """`default` is the table as it is where nothing is given: what a command changes in a shared class stays when one key of it is set."""
    known, made = declared(cls), {}
    for name, value in values.items():
        hint = known[name].hint
        if is_settings(hint):
            made[name] = _build(hint, value, origins, f"{prefix}{name}.", known[name].default)
        else:
            made[name] = _typed(hint, value)
    try:
        return cls(**made) if default is None else replace(default, **made)
    except OneSettingError as error:
        key = prefix + error.name
        raise SettingsError(f"{origins.get(key, '')}{prefix}{error}") from None
    except SettingsError as error:
        where = next((origins[prefix + name] for name in known if origins.get(prefix + name)), "")
        raise SettingsError(f"{where}{error}") from None


def _typed(hint: Any, value: Any) -> Any:
    """A value of the form that the setting has in Python: text from the command line is read by the setting's type, lists become tuples."""
    if isinstance(value, Text):
        value = _from_text(hint, value)
    return tuple(str(one) if isinstance(one, Text) else one for one in value) if isinstance(value, list) else value


def _from_text(hint: Any, text: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _from_text(inner[0], text)
    if origin in (Union, types.UnionType):
        plain = next(part for part in inner if part is not type(None))
        return None if text in ("", "none") else _from_text(plain, text)
    if origin is tuple and (not text.startswith("[") or _item(inner[0]) in (int, float)):
        plain = text.removeprefix("[").removesuffix("]") if text.startswith("[") else text
        return [_from_text(inner[0], part.strip()) for part in plain.split(",") if part.strip()]
    if hint in (int, float):
        whole = whole_number(text)
        number = decimal_number(text) if whole is None else whole
        return str(text) if number is None else number
    try:
        parsed = parse_toml(f"value = {text}")["value"]
    except ValueError:
        return str(text)  # a word without quotes, as in --set encoder=tiny
    wants_text = hint is str or isinstance(next(iter(inner), None), str)  # str, or a Literal of words
    return parsed if origin is tuple or isinstance(parsed, str) or not wants_text else str(text)


def _item(hint: Any) -> Any:
    """The type of a list's items without their bounds."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint
