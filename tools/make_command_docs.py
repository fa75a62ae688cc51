"""Writes docs/commands.md from the commands' own help. `--check` says whether the file is up to date.

Options are listed from the parser itself and not from its formatted help, which looks different in every version of Python.
"""

import argparse
import sys
from pathlib import Path

from seqfer.cli import command_modules

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = "# Commands\n\nMade by `make docs` from the commands' own help; do not edit by hand.\n"


def page() -> str:
    """The whole page: per command its help text and a table of its options."""
    sections = []
    for name, module in command_modules().items():
        parser = argparse.ArgumentParser(prog=f"seqfer {name}", add_help=False)
        module.add_arguments(parser)
        rows = [f"| `{_names(action)}` | {(action.help or '').replace('|', '/')} |" for action in parser._actions]
        text = f"```text\n{(module.__doc__ or '').strip()}\n```"
        sections.append("\n".join([f"## seqfer {name}", "", text, "", "| option | meaning |", "|---|---|", *rows, ""]))
    return "\n".join([HEAD, *sections])


def _names(action: argparse.Action) -> str:
    value = action.metavar or action.dest.upper()
    if not action.option_strings:
        return str(value)
    return ", ".join(action.option_strings) + ("" if action.nargs == 0 else f" {value}")


def main() -> int:
    """Write or check; exit code 1 when the check fails."""
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.is_file() and PAGE.read_text() == page() else 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
