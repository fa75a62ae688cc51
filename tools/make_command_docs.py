"""Writes docs/commands.md from the commands' own help and settings. `--check` says whether the file is up to date.

Options are listed from the parser itself and not from its formatted help, which looks different in every version of Python. What is said
of a setting - type, allowed values, default, meaning - is what its class declares.
"""

import argparse
import re
import sys
from dataclasses import fields
from pathlib import Path

from seqfer.cli import command_modules
from seqfer.commands._options import typed
from seqfer.core.settings import REQUIRED, Setting, declared, is_settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = """# Commands

Made by `make docs` from the commands' own help and settings; do not edit by hand.

A setting is given by its option, by `--set KEY=VALUE`, or in a TOML file by `--config FILE`; `--set` overrides options, options override the file.
A key with a dot is in a table of the file: `training.epochs` is `epochs` under `[training]`.
"""
TYPES = {"a whole number": "whole number", "a number": "number", "2 numbers": "two numbers"}


def page() -> str:
    """The whole page: a section per command, then the tables of settings that several commands share."""
    tables: dict[type, str] = {}
    sections = [_section(name, module, tables) for name, module in command_modules().items()]
    shared = [
        f"### {cls.__name__}\n\n{_first_line(cls)}\n\n{_table('setting', [_row(s.key, s) for s in declared(cls).values()])}"
        for cls in tables
    ]
    return "\n".join([HEAD, *sections, "## Tables of settings\n", *shared])


def _section(name: str, module, tables: dict[type, str]) -> str:
    parser = argparse.ArgumentParser(prog=f"seqfer {name}", add_help=False)
    module.add_arguments(parser)
    text = _help(module.__doc__ or "")
    rows = [_option_row(action) for action in parser._actions if action.help != argparse.SUPPRESS]
    parts = [f"## seqfer {name}", "", text, "", _table("option", rows)]
    cls = parser.get_default("settings_class")
    with_option = {action.setting.key for action in parser._actions if hasattr(action, "setting")}
    more = [s for s in declared(cls).values() if s.key not in with_option] if cls else []
    if more:
        parts += ["Settings without an option of their own:", ""]
        parts += [_table("setting", [_table_row(s, tables) if is_settings(s.hint) else _row(s.key, s) for s in more])]
    return "\n".join(parts)


def _help(text: str) -> str:
    """A command's help as paragraphs, with its examples as a block of shell lines."""
    words, _, examples = text.strip().partition("\nExample:\n")
    lines = [re.sub(r"( {2,})\((.+)\)$", r"\1# \2", line.removeprefix("  ")) for line in examples.rstrip().splitlines()]
    return "\n".join([words.rstrip(), "", "```sh", *lines, "```"])


def _option_row(action: argparse.Action) -> list[str]:
    setting = getattr(action, "setting", None)
    if action.nargs == 0:
        return [f"`{_names(action)}`", "switch", "", "", (action.help or "").replace("%%", "%")]
    if setting is not None:
        return _row(_names(action), setting)
    kind = "file or folder" if action.type is Path else {int: "whole number"}.get(action.type, "text")
    return [f"`{_names(action)}`", kind, "", "", (action.help or "").replace("%%", "%")]


def _row(name: str, setting: Setting) -> list[str]:
    kind = TYPES.get(setting.kind, setting.kind.removeprefix("a "))
    return [f"`{name}`", kind, setting.allowed, _default(setting), setting.help]


def _table_row(setting: Setting, tables: dict[type, str]) -> list[str]:
    """A table of settings: what its defaults are here, where they are not those of its class."""
    cls = setting.hint
    tables[cls] = cls.__name__
    own, usual = setting.default, cls()
    changed = [
        f"{f.name} {typed(getattr(own, f.name))}" for f in fields(cls) if getattr(own, f.name) != getattr(usual, f.name)
    ]
    here = f"; here {', '.join(changed)}" if changed else ""
    return [f"`{setting.key}.*`", "table", f"[{cls.__name__}](#{cls.__name__.lower()})", "", setting.help + here]


def _table(first: str, rows: list[list[str]]) -> str:
    lines = [f"| {first} | type | allowed | default | meaning |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows), ""])


def _default(setting: Setting) -> str:
    return "" if setting.default in (REQUIRED, None, "", ()) else f"`{typed(setting.default)}`"


def _names(action: argparse.Action) -> str:
    value = action.metavar or action.dest.upper()
    if not action.option_strings:
        return str(value)
    return ", ".join(action.option_strings) + ("" if action.nargs == 0 else f" {value}")


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0]


def main() -> int:
    """Write or check; exit code 1 when the check fails."""
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.is_file() and PAGE.read_text() == page() else 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
