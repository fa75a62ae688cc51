"""Options of the command line made from settings classes: name, type, range, default and help come from the declaration of each setting."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from seqfer.core.files import home_expanded, matching_paths
from seqfer.core.numbers import whole_number
from seqfer.core.settings import REQUIRED, Setting, all_settings, declared
from seqfer.core.settings_files import FORMER_NAMES, Text, read_settings

T = TypeVar("T")
_UNITS = ("s", "hz", "px", "fps")


def add_settings(
    parser: argparse.ArgumentParser, cls: type, *names: str, spelled: Mapping[str, str] | None = None
) -> None:
    """`--config`, `--set`, and an option for each of these settings: `detect_hz` is `--detect-hz`, a switch that is on by default `--no-NAME`.

    `spelled` gives single options another name. Values are kept as text; the settings class decides what they are.
    """
    known = declared(cls)
    for name in names:
        _add_option(parser, known[name], (spelled or {}).get(name) or "--" + name.replace("_", "-"))
    example = max(all_settings(cls), key=lambda s: ("." in s.key, s.default not in (REQUIRED, "", None, ())))
    parser.add_argument(
        "--config",
        type=as_path,
        metavar="FILE",
        help="settings as TOML, see configs/; options on the command line override them",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=f"any setting, such as {example.key}={typed(example.default)}; docs/commands.md lists them",
    )
    parser.set_defaults(settings_class=cls)


def add_setting_argument(parser: argparse.ArgumentParser, cls: type, name: str, nargs: str = "?") -> None:
    """A setting as a positional argument, which may also come from --config or --set."""
    setting = declared(cls)[name]
    metavar = name.removesuffix("s").upper() if nargs == "*" else name.upper()
    action = parser.add_argument(name, nargs=nargs, type=Text, metavar=metavar, help=_help(setting))
    action.setting = setting  # type: ignore[attr-defined]


def settings_from(args: argparse.Namespace, cls: type[T], base: Mapping[str, Any] | None = None) -> T:
    """The settings of a command line: defaults, `base` (a resumed run's), the file of --config, the options given, --set.

    Raises SettingsError.
    """
    given = {name: getattr(args, name) for name in declared(cls) if getattr(args, name, None) not in (None, [])}
    return read_settings(cls, args.config, [given], args.set, base)


def as_path(text: str) -> Path:
    """The type of every option and argument that is a path: `~` is expanded here and nowhere after it."""
    return Path(home_expanded(text))


class Paths(argparse.Action):
    """The action of options and arguments that take several paths: patterns that the shell did not expand are expanded here."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Store the paths."""
        setattr(namespace, self.dest, [path for given in values for path in matching_paths(given)])


def as_whole_number(text: str) -> int:
    """The type of every option that is a whole number and no setting."""
    value = whole_number(text)
    if value is None:
        raise argparse.ArgumentTypeError(f"invalid int value: {text!r}")
    return value


def typed(value: Any) -> str:
    """A value as typed on the command line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(typed, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def explained(setting: Setting) -> str:
    """The help of an option: what it is, what is allowed, the default. A switch needs neither of the last two."""
    notes = []
    if setting.hint is not bool:
        if setting.allowed:
            notes.append(f"allowed: {setting.allowed}")
        if setting.default not in (REQUIRED, "", None, ()):
            notes.append(f"default: {typed(setting.default)}")
    return setting.help + (f" ({'; '.join(notes)})" if notes else "")


def _add_option(parser: argparse.ArgumentParser, setting: Setting, option: str) -> None:
    action: argparse.Action
    if setting.hint is bool:
        option = option.replace("--", "--no-", 1) if setting.default else option
        text = f"no {setting.help}" if setting.default else setting.help
        action = parser.add_argument(
            option, dest=setting.key, action="store_const", const=not setting.default, help=text.replace("%", "%%")
        )
    else:
        action = parser.add_argument(
            option, dest=setting.key, type=Text, metavar=_metavar(setting), help=_help(setting)
        )
    action.setting = setting  # type: ignore[attr-defined]
    for former in (old for old, present in FORMER_NAMES.items() if present == setting.key):
        parser.add_argument(f"--{former.replace('_', '-')}", dest=setting.key, type=Text, help=argparse.SUPPRESS)


def _help(setting: Setting) -> str:
    return explained(setting).replace("%", "%%")


def _metavar(setting: Setting) -> str:
    unit = setting.key.rpartition("_")[2]
    if setting.kind.startswith("a list"):
        return "LIST"
    if setting.kind == "2 numbers":
        return "LO,HI"
    if unit in _UNITS:
        return unit.upper()
    return "N" if setting.kind in ("a whole number", "a number") else setting.key.upper()
