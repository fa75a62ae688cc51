"""What commands with a run folder share: the options that make it, and settings from a config file, the command line and an earlier run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

Settings = TypeVar("Settings")


def add_run_arguments(parser: argparse.ArgumentParser, folder: str, example: str) -> None:
    """--config, --set, --seed, --out, --resume, --quiet. `folder` is the pattern of a new run's name, `example` a setting for the help."""
    parser.add_argument(
        "--config", type=Path, help="settings as TOML, see configs/; options on the command line go over it"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help=f"any setting, for example {example}"
    )
    parser.add_argument("--seed", type=int, help="one number that decides everything that is drawn (default: 0)")
    parser.add_argument("--out", type=Path, help=f"run folder (default: a new one, runs/{folder})")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, or with the newest one")
    parser.add_argument("--quiet", action="store_true", help="no progress on screen")


def named(args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """The options of these names that were given."""
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}


def settings_of(
    args: argparse.Namespace, kind: type[Settings], given: Mapping[str, Any], folder: Callable[[Settings], str]
) -> tuple[Settings, Path]:
    """(settings, run folder): the defaults, under the config file, under `--set` and what was given; with --resume over the run's own.

    `folder` names a new run. Raises SettingsError, InputError where there is nothing to go on with.
    """
    from seqfer.core.settings_files import read_settings, saved_settings
    from seqfer.runs.folder import default_folder

    settings = read_settings(kind, args.config, [given], args.set)
    out = args.out or default_folder(folder(settings), args.resume)
    if args.resume:
        settings = read_settings(kind, args.config, [given], args.set, saved_settings(out))
    return settings, out


def need_data(data: str, corpus: str, command: str = "") -> None:
    """Raises SettingsError where no data was named; `corpus` is one that fits, `command` what makes a manifest of it."""
    from seqfer.core.errors import SettingsError

    if not data:
        made_by = command or f"seqfer prepare {corpus} ROOT -o {corpus}.jsonl"
        raise SettingsError(f"no data; give a manifest with --data (make one with `{made_by}`)")
