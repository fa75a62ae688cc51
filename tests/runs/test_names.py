"""The names of the files of a run are written down in one module: no other one of the package spells them."""

from __future__ import annotations

import ast
from pathlib import Path

from parsed import parsed

import seqfer
from seqfer.runs import names

PACKAGE = Path(seqfer.__file__).parent
SPELLED = {value for name, value in vars(names).items() if name.isupper()} - {"parts", "aligned"}  # words, too
TEMPLATES = {"leaderboard.html", "ensemble.html", "evaluate.html", "stress.html"}  # of the pages, in seqfer/report


def spelled_in(path: Path) -> set[str]:
    """The names that string literals of a module are, whole."""
    tree = parsed(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in SPELLED}


def test_no_other_module_spells_a_file_name():
    allowed = {"core/settings.py", "core/settings_files.py", "runs/names.py"}  # core is below runs
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        found = spelled_in(path) - (TEMPLATES if name.startswith("report/") else set())
        assert name in allowed or not found, (
            f"{name} spells {', '.join(sorted(found))}: import it from seqfer.runs.names"
        )


def test_names_are_unique():
    found = [value for name, value in vars(names).items() if name.isupper()]
    assert len(found) == len(set(found))
