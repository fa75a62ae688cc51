"""Writes docs/commands.md from the commands' own help. `--check` says whether the file is up to date."""

import argparse
import os
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = "# Commands\n\nMade by `make docs` from the commands' own help; do not edit by hand.\n"


def page() -> str:
    """The whole page, with help wrapped as on a terminal of 100 columns."""
    os.environ["COLUMNS"] = "100"
    os.environ["NO_COLOR"] = "1"
    from seqfer.cli import build_parser, command_modules

    parser = build_parser()
    subparsers = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    sections = [
        f"## seqfer {name}\n\n```text\n{subparsers.choices[name].format_help().rstrip()}\n```\n"
        for name in command_modules()
    ]
    return HEAD + "\n" + "\n".join(sections)


def main() -> int:
    """Write or check; exit code 1 when the check fails."""
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text() == page() else 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
