"""The command line: finds the commands, parses, calls. `--help` imports neither torch nor NumPy.

A command is a module of `seqfer/commands`; its docstring is its help. Errors that are the input's fault end in one line and exit code 2.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType

from seqfer import __version__, commands
from seqfer.errors import SeqferError

DESCRIPTION = "Facial-emotion analysis over time: clips and films in, sequence labels and valence traces out."
EPILOG = "Run `seqfer COMMAND --help` for the options of a command and an example."


def command_modules() -> dict[str, ModuleType]:
    """Command name -> module, sorted. `annotate_video.py` is the command `annotate-video`."""
    found = sorted(m.name for m in pkgutil.iter_modules(commands.__path__) if not m.name.startswith("_"))
    return {name.replace("_", "-"): importlib.import_module(f"seqfer.commands.{name}") for name in found}


def build_parser() -> argparse.ArgumentParser:
    """The whole parser, with one sub-parser per command."""
    parser = argparse.ArgumentParser(prog="seqfer", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"seqfer {__version__}")
    parser.add_argument(
        "--traceback", action="store_true", help="show the whole traceback of an error (for bug reports)"
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in command_modules().items():
        text = (module.__doc__ or "").strip()
        sub = subparsers.add_parser(
            name, help=text.splitlines()[0], description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = build_parser().parse_args(arguments)
    try:
        return args.run(args)
    except SeqferError as error:
        if args.traceback:
            raise
        print(f"seqfer {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"seqfer {args.command}: interrupted; what was finished is kept", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) has gone. Point stdout elsewhere so that the interpreter's last flush is quiet too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
