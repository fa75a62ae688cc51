"""A folder imports only from folders below it. The order is design and docs/map.md; every import is walked, those inside functions too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqfer
from seqfer.core import registry

PACKAGE = Path(seqfer.__file__).parent
ROOT = Path(__file__).resolve().parent.parent

# Lowest first.
ORDER = (
    "core",
    "metrics",
    "runs",
    "video",
    "tracks",
    "traces",
    "posed",
    "corpus",
    "models",
    "datasets",
    "detectors",
    "baselines",
    "heads",
    "encoders",
    "raters",
    "training",
    "experiments",
    "report",
    "film",
    "api",
    "commands",
    "cli",
    "__main__",
)
PLUGINS = {
    "datasets",
    "detectors",
    "baselines",
    "heads",
    "encoders",
}  # one file each; no file imports another one of its folder
SEPARATE = PLUGINS | {"commands"}  # a file of these imports of its own folder only files that begin with an underscore
CORE_ONLY_FILES = {"os", "io", "shutil", "tempfile"}  # in core only files.py touches the disk
HEAVY = {"torch", "torchvision", "cv2", "av", "decord", "onnxruntime"}
WITHOUT_HEAVY = {"core", "metrics"}
AT_THE_TOP = {"__init__.py", "__main__.py", "api.py", "cli.py"}


def imports(source: str, module: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a module imports, `from a import b` being a.b; also import_module("...")."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from ((node.lineno, str(name.value)) for name in node.args[:1] if isinstance(name, ast.Constant))


def complaint(module: str, imported: str) -> str:
    """Why `module` may not import `imported` (dotted names), or nothing."""
    mine, theirs = module.split("."), imported.split(".")
    own = mine[1] if len(mine) > 1 else ""
    if theirs[0] != "seqfer":
        if own in WITHOUT_HEAVY and theirs[0] in HEAVY:
            return f"{own} does without {theirs[0]}"
        only_files = own == "core" and mine[-1] != "files" and theirs[0] in CORE_ONLY_FILES
        return f"in core only files.py imports {theirs[0]}" if only_files else ""
    if len(theirs) < 2 or theirs[1].startswith("__version"):
        return ""
    if not own:
        return "" if theirs[1] == "api" else "seqfer/__init__.py imports nothing of the package but api"
    if reason := names_a_nested_plugin(module, imported):
        return reason
    if own != theirs[1]:
        upward = ORDER.index(theirs[1]) > ORDER.index(own)
        if upward:
            return f"{theirs[1]} is above {own}"
        return f"{own} imports a plug-in by name" if names_a_plugin(theirs) else hidden(theirs)
    shared = len(theirs) > 2 and theirs[2].startswith("_")
    return "one plug-in or command imports another" if own in SEPARATE and len(theirs) > 2 and not shared else ""


def names_a_plugin(theirs: list[str]) -> bool:
    """Whether an import from outside its folder names a file of a plug-in folder: the registry finds plug-ins by their file names."""
    return theirs[1] in PLUGINS and len(theirs) > 2 and (PACKAGE / theirs[1] / f"{theirs[2]}.py").is_file()


def names_a_nested_plugin(module: str, imported: str) -> str:
    """Why `module` may not import a plug-in of a folder inside a folder, such as `traces/readers/`, or nothing."""
    for kind in (kind for kind in registry.KINDS if "." in kind):
        folder = f"seqfer.{kind}."
        name = imported.removeprefix(folder).split(".")[0]
        if imported.startswith(folder) and (PACKAGE / kind.replace(".", "/") / f"{name}.py").is_file():
            if not module.startswith(folder):
                return f"{module} imports a plug-in by name"
            if not name.startswith("_"):
                return "one plug-in or command imports another"
    return ""


def hidden(theirs: list[str]) -> str:
    """A module whose name begins with an underscore is for its own folder."""
    private = [part for part in theirs[1:-1] if part.startswith("_") and not part.startswith("__")]
    return f"{private[0]} is for its own folder" if private else ""


def complaints(source: str, module: str) -> list[str]:
    """All complaints about a module's source, each with its line."""
    found = [(line, complaint(module, name)) for line, name in imports(source, module)]
    if module.startswith("seqfer.core.") and module != "seqfer.core.files":
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "open":
                found.append((node.lineno, "in core only files.py opens files"))
    return [f"{module}:{line}: {words}" for line, words in found if words]


def modules() -> dict[str, Path]:
    """Dotted name -> file, of every module of the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("seqfer", *path.relative_to(PACKAGE).with_suffix("").parts)
        # a folder keeps its __init__ in its name, so that relative imports count the same in it as in any other file
        found[".".join(parts if parts != ("seqfer", "__init__") else parts[:1])] = path
    return found


def folders() -> set[str]:
    """The folders of the package that hold modules, such as `experiments/crossval/`."""
    return {f"{path.parent.relative_to(PACKAGE).as_posix()}/" for path in PACKAGE.rglob("*.py")} - {"./"}


@pytest.mark.parametrize("module", modules())
def test_imports_come_from_lower_folders(module: str) -> None:
    found = complaints(modules()[module].read_text(encoding="utf-8"), module)
    assert found == []


def test_the_top_of_the_package_holds_four_files() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} <= AT_THE_TOP


@pytest.mark.parametrize("folder", sorted(folders()))
def test_every_folder_says_what_it_is_for(folder: str) -> None:
    text = ast.get_docstring(ast.parse((PACKAGE / folder / "__init__.py").read_text(encoding="utf-8")))
    assert text is not None
    assert len(text.split()) >= 8, f"seqfer/{folder}__init__.py says too little about what the folder is for"


def test_the_map_names_every_folder_and_none_that_is_not_there() -> None:
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`seqfer/([a-z_/]+/)`", text))
    assert named - folders() - {"weights_files/"} == set()
    assert folders() - named == set()


def test_the_order_names_every_folder() -> None:
    tops = {folder.split("/")[0] for folder in folders()}
    assert tops - set(ORDER) == set()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("seqfer.corpus.manifest", "from seqfer.models.sequence import load"),
        ("seqfer.corpus.manifest", "def f():\n    from seqfer import models"),
        ("seqfer.corpus.manifest", "import importlib\nimportlib.import_module('seqfer.training.image_loop')"),
        ("seqfer.heads.lstm", "from seqfer.encoders import resezap"),
        ("seqfer.heads.lstm", "from seqfer.heads.gru import build"),
        ("seqfer.heads.lstm", "from .gru import build"),
        ("seqfer.models.film_valence", "from seqfer.encoders.liu_valence import build"),
        ("seqfer.training.train_encoder", "from seqfer.baselines.linear_svm import build"),
        ("seqfer.film.one", "from seqfer.detectors._detector import Detector"),
        ("seqfer.film.one", "from seqfer.film.output.formats.elan import write"),
        ("seqfer.traces.reading", "from seqfer.traces.readers import carma"),
        ("seqfer.traces.readers.darma", "from seqfer.traces.readers.carma import MARK"),
        ("seqfer.commands.train", "from seqfer.commands.infer import run"),
        ("seqfer.training.image_loop", "import seqfer.experiments.crossval"),
        ("seqfer.metrics.traces", "import torch.nn"),
        ("seqfer.core.records", "import os"),
        ("seqfer.core.records", "def f():\n    return open('x')"),
        ("seqfer", "from seqfer.models.sequence import load"),
    ],
)
def test_the_walk_sees_what_is_forbidden(module: str, source: str) -> None:
    assert len(complaints(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("seqfer.corpus.folds", "from seqfer.core.files import write_atomically"),
        ("seqfer.core.records", "from seqfer.core.emotions import EMOTIONS"),
        ("seqfer.datasets.ck48", "from seqfer.datasets._files import entries"),
        ("seqfer.report.page", "from seqfer.report import words"),
        ("seqfer.models.layers", "import torch"),
        ("seqfer.cli", "from seqfer import __version__, commands"),
        ("seqfer.__main__", "from seqfer.cli import main"),
    ],
)
def test_the_walk_lets_pass_what_is_allowed(module: str, source: str) -> None:
    assert complaints(source, module) == []


def test_an_unknown_folder_must_be_given_a_place() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        complaints("from seqfer.utils import x", "seqfer.film.one")
