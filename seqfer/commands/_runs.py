"""What commands with a run folder share: the options that name it, and settings that a resumed run takes over."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from seqfer.commands._options import as_path, settings_from

Settings = TypeVar("Settings")


def add_run_arguments(parser: argparse.ArgumentParser, folder: str) -> None:
    """--out, --resume, --quiet. `folder` is the pattern of a new run's name."""
    parser.add_argument("--out", type=as_path, help=f"run folder (default: a new one, runs/{folder})")
    parser.add_argument("--resume", action="store_true", help="resume the run in --out, or the newest one")
    add_quiet(parser)


def add_list(parser: argparse.ArgumentParser) -> None:
    """--list: more videos, for commands that take several."""
    parser.add_argument(
        "--list",
        type=as_path,
        metavar="FILE",
        help="a text file that names more videos, a path per line; relative paths start at the working folder, or at the list's",
    )


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """--quiet."""
    parser.add_argument("--quiet", action="store_true", help="show no progress")


def settings_and_folder(
    args: argparse.Namespace, cls: type[Settings], folder: Callable[[Settings], str]
) -> tuple[Settings, Path]:
    """(settings, run folder); with --resume the options given on the command line override the run's own settings.

    `folder` names a new run. Raises SettingsError, also where there is no run to resume.
    """
    from seqfer.core.settings_files import saved_settings
    from seqfer.runs.folder import default_folder

    settings = settings_from(args, cls)
    out = args.out or default_folder(folder(settings), args.resume)
    if args.resume:
        settings = settings_from(args, cls, saved_settings(out))
    return settings, out
