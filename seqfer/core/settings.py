"""Settings are declared once: a field of a frozen, strict pydantic dataclass that carries type, range, default and one line of help.

From the declaration come the check of every value, the sentence that says what is allowed, the form in TOML and `--set`
(`seqfer.core.settings_files`), the option on the command line (`seqfer.commands._options`) and the row in docs/commands.md.

    @settings(frozen=True)
    class LoopSettings:
        epochs: int = Field(default=20, ge=1, description="passes over the training images")
        schedule: Literal["cosine", "constant"] = Field(default="cosine", description="how the learning rate falls")

A class stays an ordinary dataclass: `dataclasses.fields`, `replace` and `asdict` work on it. Rules between two fields stand in `__post_init__`.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import pydantic
from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, core_schema

from seqfer.core.errors import SettingsError
from seqfer.core.files import home_expanded
from seqfer.core.numbers import is_count

__all__ = [
    "REQUIRED",
    "Allowed",
    "DeviceName",
    "Field",
    "OneSettingError",
    "PathText",
    "Setting",
    "all_settings",
    "as_dict",
    "declared",
    "device_field",
    "is_settings",
    "narrowed",
    "settings",
    "threads_field",
]

T = TypeVar("T")
_STRICT = pydantic.ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
_OMIT_DEFAULT = "omit_default"
_SCALARS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_PLURALS = {str: "texts", int: "whole numbers", float: "numbers"}
REQUIRED: Any = PydanticUndefined  # in place of a default, where there is none

if TYPE_CHECKING:
    # To a type checker a settings class is the dataclass that it is at run time; `Field(...)` stands where a default would.
    from dataclasses import dataclass as settings
else:

    def settings(*, frozen: Literal[True]) -> Callable[[type[T]], type[T]]:
        """Class decorator: a frozen pydantic dataclass whose values are checked when it is made. Raises SettingsError, in one line."""

        def decorate(cls: type[T]) -> type[T]:
            made = pydantic.dataclasses.dataclass(cls, frozen=frozen, config=_STRICT)
            checked = made.__init__

            @functools.wraps(checked)
            def init(self: T, *args: Any, **values: Any) -> None:
                try:
                    checked(self, *args, **values)
                except pydantic.ValidationError as error:
                    names = [field.name for field in dataclasses.fields(made)]
                    raise _first_problem(made, error, {**dict(zip(names, args)), **values}) from None

            made.__init__ = init
            return made

        return decorate


@dataclasses.dataclass(frozen=True)
class Allowed:
    """A rule that bounds cannot express, as in `Annotated[float, Allowed("0, or 0.01 to 0.5", lambda v: ...)]`: its words and the check.

    `read`, where given, turns what a user wrote into the value before its type is checked, such as a word that stands for a number.
    """

    words: str
    fits: Callable[[Any], bool]
    read: Callable[[Any], Any] | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: pydantic.GetCoreSchemaHandler) -> Any:
        checked = core_schema.no_info_after_validator_function(self._check, handler(source))
        return core_schema.no_info_before_validator_function(self.read, checked) if self.read else checked

    def _check(self, value: Any) -> Any:
        if not self.fits(value):
            raise ValueError(self.words)
        return value


class OneSettingError(SettingsError):
    """One setting with a wrong value. The message begins with the setting's `name`, so that the name of its table can be put before it."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name + message)
        self.name = name


@dataclasses.dataclass(frozen=True)
class Setting:
    """What is known of one setting. `key` is dotted inside a table (`training.epochs`); `kind` names the type in words; `allowed` is empty where
    every value of the type is allowed; `default` is REQUIRED where there is none."""

    key: str
    hint: Any
    kind: str
    allowed: str
    default: Any
    help: str
    says_all: bool = False  # whether `allowed` needs no type before it

    @property
    def words(self) -> str:
        """Type and range in words, as an error message says them."""
        if not self.allowed:
            return self.kind
        return self.allowed if self.says_all else f"{self.kind}, {self.allowed}"


def device_field() -> Any:
    """The field `device` of every command that runs a model. It is left out of files while it is "auto", as in runs begun before it existed."""
    return Field(
        default="auto",
        description="where the model runs; auto: on a CUDA device where there is one, else on the processor; coreml, directml: included models and "
        "files of `seqfer export`, by ONNX Runtime",
        json_schema_extra={_OMIT_DEFAULT: True},
    )


def threads_field(default: int) -> Any:
    """The field `threads` of every command whose numbers depend on it. Its default is the same on every machine, whatever its number of cores."""
    return Field(
        default=default,
        ge=1,
        le=1024,
        description="threads of torch, on which the last digits of numbers depend: stored with the run, and the same on every machine",
    )


DeviceName = Annotated[
    str,
    Allowed(
        "auto, cpu, cuda, cuda:N, mps, coreml, directml",
        lambda name: (
            name in ("auto", "cpu", "cuda", "mps", "coreml", "directml")
            or (name.startswith("cuda:") and is_count(name[5:]))
        ),
    ),
]


PathText = Annotated[str, Allowed("", lambda path: True, home_expanded)]
"""The path of a file, or a name in its place. `~` is expanded here, once: what comes after it is opened as it is."""


def is_settings(hint: Any) -> bool:
    """Whether a type is a settings class, which is a table in TOML."""
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def declared(cls: type) -> dict[str, Setting]:
    """The settings of a class by name, tables included, in the order of the class."""
    return {name: _setting(name, info) for name, info in _fields(cls).items()}


def all_settings(cls: type, prefix: str = "", example: Any = None) -> Iterator[Setting]:
    """Every setting with its dotted key, those of tables too; `example` is an instance whose values are the defaults."""
    for name, setting in declared(cls).items():
        default = setting.default if example is None else getattr(example, name)
        if is_settings(setting.hint):
            yield from all_settings(setting.hint, f"{prefix}{name}.", default)
        else:
            yield dataclasses.replace(setting, key=prefix + name, default=default)


def narrowed(wide: Any, cls: type[T]) -> T:
    """The settings of a base class out of those of a class that adds to it."""
    return cls(**{field.name: getattr(wide, field.name) for field in dataclasses.fields(cls)})  # type: ignore[arg-type]


def as_dict(settings_: Any) -> dict[str, Any]:
    """Settings as nested plain values, for JSON."""
    values = {}
    for name, info in _fields(type(settings_)).items():
        value = getattr(settings_, name)
        if (
            isinstance(info.json_schema_extra, dict)
            and info.json_schema_extra.get(_OMIT_DEFAULT)
            and value == info.default
        ):
            continue
        values[name] = as_dict(value) if is_settings(type(value)) else json.loads(json.dumps(value, default=str))
    return values


def _fields(cls: type) -> dict[str, FieldInfo]:
    result: dict[str, FieldInfo] = vars(cls)["__pydantic_fields__"]
    return result


def _setting(name: str, info: FieldInfo) -> Setting:
    default = info.default_factory() if info.default_factory else info.default  # type: ignore[call-arg]
    hint = info.annotation
    item = next(iter(get_args(hint)), None)
    says_all = bool(_choices(hint) or _choices(item)) or any(
        isinstance(m, Allowed) for m in (*info.metadata, *get_args(item)[1:])
    )
    return Setting(name, hint, _kind(hint), _allowed(hint, info.metadata), default, info.description or "", says_all)


def _kind(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(_kind(part) for part in inner if part is not type(None))
    if origin is Annotated:
        return _kind(inner[0])
    if origin is Literal:
        return "text"
    if origin is tuple:
        item = get_args(inner[0])[0] if get_origin(inner[0]) is Annotated else inner[0]
        plural = _PLURALS.get(item, "texts")
        return f"a list of {plural}" if inner[-1] is Ellipsis else f"{len(inner)} {plural}"
    return _SCALARS.get(hint, "a table")


def _allowed(hint: Any, metadata: list[Any]) -> str:
    for found in metadata:
        if isinstance(found, Allowed):
            return found.words
    if get_origin(hint) is tuple:
        return _allowed_items(get_args(hint)[0], metadata)
    return _choices(hint) or _range(metadata)


def _allowed_items(item: Any, metadata: list[Any]) -> str:
    """What the items of a list may be: one of some words, numbers in a range."""
    words = [m.words for m in get_args(item)[1:] if isinstance(m, Allowed)] or [_choices(item)]
    if words[0]:
        return f"{words[0]}, or several of them"
    least = ["at least one"] if any(getattr(m, "min_length", 0) for m in metadata) else []
    rules = [m for found in get_args(item)[1:] for m in getattr(found, "metadata", [found])]
    return ", ".join([*least, *([f"each {_range(rules)}"] if _range(rules) else [])])


def _choices(hint: Any) -> str:
    """The words of a Literal, else an empty text."""
    return ", ".join(map(str, get_args(hint))) if get_origin(hint) is Literal else ""


def _range(metadata: list[Any]) -> str:
    bounds = {name: getattr(m, name) for m in metadata for name in ("ge", "gt", "le", "lt") if hasattr(m, name)}
    if {"ge", "le"} <= bounds.keys():
        return f"{bounds['ge']:g} to {bounds['le']:g}"
    low = f"{bounds['ge']:g} or more" if "ge" in bounds else f"above {bounds['gt']:g}" if "gt" in bounds else ""
    high = f"at most {bounds['le']:g}" if "le" in bounds else f"below {bounds['lt']:g}" if "lt" in bounds else ""
    return ", ".join(part for part in (low, high) if part)


def _first_problem(cls: type, error: pydantic.ValidationError, given: dict[str, Any]) -> SettingsError:
    """The first of a ValidationError's problems in one line."""
    problem = error.errors(include_url=False, include_context=False)[0]
    known, place = declared(cls), problem["loc"][0] if problem["loc"] else ""
    name = (
        [*known, place][min(place, len(known))] if isinstance(place, int) else place
    )  # of values given without their names
    if name not in known:
        return SettingsError(f"unknown setting {name!r}; allowed: {', '.join(sorted(known))}")
    if problem["type"] == "missing" and name not in given:
        return OneSettingError(name, f" is missing; give {known[name].help or known[name].kind}")
    value = list(given[name]) if isinstance(given[name], tuple) else given[name]
    return OneSettingError(name, f" = {value!r}; allowed: {known[name].words}")
