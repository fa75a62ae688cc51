"""A folder imports only from folders below it. The order is design and docs/map.md; every import is walked, those inside functions too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from parsed import parsed

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
    "geometry",
    "datasets",
    "detectors",
    "baselines",
    "heads",
    "encoders",
    "raters",
    "study",
    "training",
    "experiments",
    "estimators",
    "report",
    "film",
    "web",
    "results",
    "api",
    "commands",
    "cli",
    "__main__",
)
# One file each, found by the registry: no other module imports one by name, and none imports another one.
PLUGINS = tuple(registry.KINDS)
SEPARATE = {*PLUGINS, "commands"}  # a file of these imports of its own folder only files that begin with an underscore
RECORDS = {"runs.kinds"}  # a kind of run offers its record to whoever computes and shows that run
# Plug-ins whose names no other module may compare with; what it needs to know of one is an attribute of its module.
NAMED = ("baselines", "detectors", "encoders", "heads", "models.runtimes")
OTHER_MEANINGS = {
    "mean": ("geometry", "raters", "traces", "report"),
    "torch": ("runs",),
}  # folders in which the word is no plug-in
OPENING = (
    "seqfer.core.files",
    "seqfer.core.input_files",
)  # of core: written files, and files that anybody may have made
CORE_ONLY_FILES = {"os", "io", "shutil", "tempfile"}  # in core only these modules touch the disk
HEAVY = {"torch", "torchvision", "cv2", "av", "decord", "onnxruntime"}
WITHOUT_HEAVY = {"core", "metrics"}
AT_THE_TOP = {"__init__.py", "__main__.py", "api.py", "cli.py"}


def imports(source: str, module: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a module imports, `from a import b` being a.b; also import_module("...")."""
    for node in ast.walk(parsed(source)):
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
        only_files = own == "core" and module not in OPENING and theirs[0] in CORE_ONLY_FILES
        return f"in core only files.py and input_files.py import {theirs[0]}" if only_files else ""
    if len(theirs) < 2 or theirs[1].startswith("__version"):
        return ""
    if not own:
        return "" if theirs[1] == "api" else "seqfer/__init__.py imports nothing of the package but api"
    if own != theirs[1] and ORDER.index(theirs[1]) > ORDER.index(own):
        return f"{theirs[1]} is above {own}"
    if separate_folder(mine) != separate_folder(theirs):
        return (
            f"{own} imports a plug-in by name" if names_a_plugin(theirs) else hidden(theirs) if own != theirs[1] else ""
        )
    folder = separate_folder(theirs)
    at = 2 + folder.count(".")
    shared = len(theirs) > at and theirs[at].startswith("_")
    return "one plug-in or command imports another" if folder and len(theirs) > at and not shared else ""


def separate_folder(module: list[str]) -> str:
    """The folder of plug-ins or commands that a dotted name lies in, or nothing."""
    return next((f for f in SEPARATE if module[1 : 2 + f.count(".")] == f.split(".")), "")


def names_a_plugin(theirs: list[str]) -> bool:
    """Whether an import names a file of a plug-in folder: the registry finds plug-ins by their file names."""
    folder = separate_folder(theirs)
    at = 2 + folder.count(".")
    named = folder in PLUGINS and folder not in RECORDS and len(theirs) > at
    return named and (PACKAGE.joinpath(*theirs[1:at]) / f"{theirs[at]}.py").is_file()


def compared_plugins(source: str, module: str) -> list[str]:
    """Comparisons of a module with the name of a plug-in, each with its line."""
    mine = module.split(".")
    names = {name for kind in NAMED for name in registry.names(kind) if mine[1] not in OTHER_MEANINGS.get(name, ())}
    found = []
    for node in ast.walk(parsed(source)):
        parts = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        parts += [node.pattern] if isinstance(node, ast.match_case) else []
        words = {constant.value for part in parts for constant in ast.walk(part) if isinstance(constant, ast.Constant)}
        found += [f"{module}:{getattr(node, 'lineno', 0)}: compares with {word}" for word in words & names]
    return found


def hidden(theirs: list[str]) -> str:
    """A module whose name begins with an underscore is for its own folder."""
    private = [part for part in theirs[1:-1] if part.startswith("_") and not part.startswith("__")]
    return f"{private[0]} is for its own folder" if private else ""


def complaints(source: str, module: str) -> list[str]:
    """All complaints about a module's source, each with its line."""
    found = [(line, complaint(module, name)) for line, name in imports(source, module)]
    if module.startswith("seqfer.core.") and module not in OPENING:
        for node in ast.walk(parsed(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "open":
                found.append((node.lineno, "in core only files.py and input_files.py open files"))
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


@pytest.mark.parametrize("module", [name for name in modules() if not separate_folder(name.split(".")) and "." in name])
def test_no_module_compares_with_the_name_of_a_plugin(module: str) -> None:
    assert compared_plugins(modules()[module].read_text(encoding="utf-8"), module) == []


def test_the_walk_sees_comparisons_with_a_plugin() -> None:
    assert len(compared_plugins("if name == 'haar' or kind in ('lstm', 'x'):\n    pass", "seqfer.film.many")) == 2
    assert compared_plugins("if method == 'mean' or name == 'other':\n    pass", "seqfer.traces.fusion") == []


def test_the_top_of_the_package_holds_four_files() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} <= AT_THE_TOP


@pytest.mark.parametrize("folder", sorted(folders()))
def test_every_folder_says_what_it_is_for(folder: str) -> None:
    text = ast.get_docstring(parsed((PACKAGE / folder / "__init__.py").read_text(encoding="utf-8")))
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
        ("seqfer.models.runtime", "from seqfer.models.runtimes.onnx import prepare"),
        ("seqfer.film.opening", "from seqfer.models.runtimes import onnx"),
        ("seqfer.models.runtimes.torch", "from seqfer.models.runtimes.onnx import prepare"),
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
        ("seqfer.models.runtimes.torch", "from seqfer.models.film_model import FilmModel"),
        ("seqfer.cli", "from seqfer import __version__, commands"),
        ("seqfer.__main__", "from seqfer.cli import main"),
    ],
)
def test_the_walk_lets_pass_what_is_allowed(module: str, source: str) -> None:
    assert complaints(source, module) == []


def test_an_unknown_folder_must_be_given_a_place() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        complaints("from seqfer.utils import x", "seqfer.film.one")


@pytest.mark.parametrize("module", modules())
def test_functions_are_short_and_take_few_arguments(module: str) -> None:
    """At most 50 lines and 7 parameters, `self` and `cls` not counted."""
    for node in ast.walk(parsed(modules()[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            others = [extra for extra in (node.args.vararg, node.args.kwarg) if extra is not None]
            count = len(named) + len(others) - (bool(named) and named[0].arg in ("self", "cls"))
            assert count <= 7, (
                f"{module}.{node.name} takes {count} parameters; put those that belong together into a record"
            )
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= 50, f"{module}.{node.name} has {lines} lines; split it"


# Plug-ins that tests/contracts/ finds and tests through the registry.
BY_CONTRACT = {"encoders", "heads", "baselines", "detectors", "datasets", "runs/kinds"}


def test_every_module_has_its_test_file():
    missing = set()
    for path in PACKAGE.rglob("*.py"):
        module = path.relative_to(PACKAGE)
        plugin = module.parent.as_posix() in BY_CONTRACT and not path.name.startswith("_")
        if path.name.startswith("__") or plugin:
            continue
        if not (ROOT / "tests" / module.parent / f"test_{path.stem.lstrip('_')}.py").is_file():
            missing.add(module.as_posix())
    assert sorted(missing) == [], "write tests/<folders>/test_<module>.py for these"
