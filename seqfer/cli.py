"""The command line: finds the commands, parses, calls. `--help` imports neither torch nor NumPy, and no command.

A command is a module of `seqfer/commands`; its docstring is its help. Only the command that is called is imported.
Errors that are the input's fault end in one line and exit code 2.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import logging
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, TextIO, cast

from seqfer import __version__, commands
from seqfer.core.errors import SeqferError
from seqfer.core.one_line import one_line, plain_text

DESCRIPTION = "Facial-emotion analysis over time: clips and videos in, sequence labels and valence traces out."
EPILOG = "Run `seqfer COMMAND --help` for the options of a command and an example."
_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF)  # a full disk, a closed stream


class OneLineParser(argparse.ArgumentParser):
    """A parser that reports a wrong command line in one line, without the list of all options before it."""

    def error(self, message: str) -> NoReturn:
        help_of = self.prog if " " in self.prog else f"{self.prog} COMMAND"
        self.exit(2, f"{self.prog}: {one_line(message)}; `{help_of} --help` lists what is allowed\n")


def command_names() -> tuple[str, ...]:
    """The names of all commands, sorted. `annotate_video.py` is the command `annotate-video`. No command is imported."""
    found = (m.name for m in pkgutil.iter_modules(commands.__path__) if not m.name.startswith("_"))
    return tuple(sorted(name.replace("_", "-") for name in found))


def command_module(name: str) -> ModuleType:
    """The module of a command."""
    return importlib.import_module(f"seqfer.commands.{name.replace('-', '_')}")


def command_modules() -> dict[str, ModuleType]:
    """Command name -> module, sorted. Imports all of them, for tests and for docs/commands.md."""
    return {name: command_module(name) for name in command_names()}


def summary(name: str) -> str:
    """The first line of a command's help, read from its file, because importing all commands for their list would take too long."""
    file = Path(commands.__path__[0]) / f"{name.replace('-', '_')}.py"
    with file.open(encoding="utf-8") as lines:
        return lines.readline().strip().strip('"')


def build_parser(chosen: str | None = None) -> argparse.ArgumentParser:
    """The parser with a sub-parser for each command. Only that of the `chosen` command has its options; None: all have theirs."""
    parser = OneLineParser(prog="seqfer", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"seqfer {__version__}")
    parser.add_argument(
        "--traceback", action="store_true", help="show the whole traceback of an error (for bug reports)"
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in command_names():
        sub = subparsers.add_parser(name, help=summary(name), formatter_class=argparse.RawDescriptionHelpFormatter)
        if chosen in (name, None):
            module = command_module(name)
            sub.description = (module.__doc__ or "").strip()
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    if sys.stderr is None:  # closed by the parent process: messages are discarded
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process
    name = "seqfer"
    try:
        try:
            given = sys.argv[1:] if arguments is None else list(arguments)
            args = build_parser(next((word for word in given if not word.startswith("-")), "")).parse_args(given)
            name = f"seqfer {args.command}"
            _check_stdout()
            return _run(args)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # so that an output error is detected while it can be reported
    except BrokenPipeError:
        _silence(sys.stdout)  # the reader of the output (head, less) has ended
        return 141
    except OSError as error:
        if error.filename is not None or error.errno not in _CANNOT_WRITE:
            raise
        _silence(sys.stdout)
        _say(
            f"{name}: output cannot be written ({os.strerror(error.errno)}); free space, or redirect it to another place"
        )
        return 2


def _run(args: argparse.Namespace) -> int:
    try:
        with messages_on_stderr(), plain_stdout():
            return int(args.run(args))
    except SeqferError as error:
        if args.traceback:
            raise
        _say(f"seqfer {args.command}: {error}")
        return 2
    except KeyboardInterrupt:
        _say(f"seqfer {args.command}: interrupted; finished results are kept")
        return 130


class PlainOutput:
    """A text stream that escapes what a name may do to a terminal: colours, bells, letters in another order."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, with line breaks and tabs as they are."""
        return self._stream.write(plain_text(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def plain_stdout() -> Iterator[None]:
    """In the context the standard output is a `PlainOutput`."""
    before = sys.stdout
    sys.stdout = cast(TextIO, PlainOutput(before))
    try:
        yield
    finally:
        sys.stdout = before


class StderrHandler(logging.Handler):
    """Prints the message alone, to what `sys.stderr` is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one message."""
        with suppress(OSError):  # closed or full: a message that cannot be shown does not end the command
            print(one_line(self.format(record)), file=sys.stderr, flush=True)


@contextmanager
def messages_on_stderr() -> Iterator[None]:
    """In the context, messages of the logger `seqfer` are shown on stderr, one plain line each; the logger's state is restored after it."""
    logger, handler = logging.getLogger("seqfer"), StderrHandler()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def _check_stdout() -> None:
    """Raises OSError, as writing would, where the shell closed the standard output (`>&-`): Python then silently discards all output."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def _say(line: str) -> None:
    """Print one line on stderr; where that fails too, only the exit code tells."""
    try:
        print(one_line(line), file=sys.stderr, flush=True)
    except OSError:
        _silence(sys.stderr)


def _silence(stream: TextIO | None) -> None:
    """Redirect a stream that cannot be written to the null device, so that the interpreter's last flush raises no error."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
