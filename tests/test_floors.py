"""A file imports only from lower floors. The table is docs/map.md's, held as data; every import is walked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqfer

PACKAGE = Path(seqfer.__file__).parent

# Lowest first. On a stacked floor a file may also import those named before it, so that no cycle can arise.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "one_line", "emotions", "rated_valence", "records", "metrics"),
    (
        "device",
        "progress",
        "images",
        "manifest",
        "cache",
        "runfolder",
        "video",
        "traces",
        "fusion",
        "lag",
        "shots",
        "tracks",
        "following",
        "folds",
        "config",
        "layers",
        "augment",
        "faces",
        "duplicates",
    ),
    ("datasets", "detectors", "encoders", "heads", "baselines"),
    (
        "parts",
        "weights",
        "detection",
        "checkpoint",
        "data",
        "features",
        "model",
        "valence_model",
        "film_valence",
        "film_model",
        "film_files",
        "onnx_runtime",
        "fused",
    ),
    (
        "copies",
        "train",
        "train_sequence",
        "stills",
        "train_stills",
        "evaluation",
        "pool",
        "moving_stills",
        "train_head",
        "sparse",
        "recall",
        "temporal",
        "infer",
        "annotation",
        "train_traces",
        "train_valence_head",
        "train_levels",
        "valence_evaluation",
        "cv_plan",
        "cv_fold",
        "valence_fold",
        "crossval",
        "cv_summary",
        "valence_summary",
        "interval_scores",
        "ensemble",
        "transfer",
        "leaderboard_runs",
        "leaderboard",
        "stress",
        "rater_comparison",
        "film_clips",
        "report",
        "overlay",
        "thumbnails",
        "annotate_settings",
        "annotate_summary",
        "annotate_run",
        "annotate",
        "annotate_many",
    ),
    ("commands",),
    ("cli", "__main__"),
)
STACKED = {0, 1, 3, 4, 6}
PARTS, COMMANDS = 2, 5
NOT_ON_FLOOR_0 = {"torch", "torchvision", "os", "io", "pathlib", "shutil", "tempfile", "cv2", "av", "decord"}


def floor_of(name: str) -> int:
    for number, names in enumerate(FLOORS):
        if name in names:
            return number
    raise AssertionError(f"seqfer/{name} is on no floor; give it a place in FLOORS and in docs/map.md")


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
    if len(mine) < 2:
        return "seqfer/__init__.py imports nothing of the package" if theirs[0] == "seqfer" else ""
    own_floor = floor_of(mine[1])
    if theirs[0] != "seqfer":
        return f"floor 0 does without {theirs[0]}" if own_floor == 0 and theirs[0] in NOT_ON_FLOOR_0 else ""
    if len(theirs) < 2 or theirs[1].startswith("__version"):
        return ""
    their_floor = floor_of(theirs[1])
    if their_floor != own_floor:
        return f"floor {own_floor} imports floor {their_floor}" if their_floor > own_floor else ""
    if mine[1] == theirs[1]:
        # within a folder: parts and commands share only files with an underscore, other folders are one thing
        shared = len(theirs) > 2 and theirs[2].startswith("_")
        return "one part imports another" if own_floor in (PARTS, COMMANDS) and not shared else ""
    names = FLOORS[own_floor]
    upward = own_floor not in STACKED or names.index(theirs[1]) > names.index(mine[1])
    return f"{mine[1]} and {theirs[1]} share a floor and {theirs[1]} is not below" if upward else ""


def complaints(source: str, module: str) -> list[str]:
    """All complaints about a module's source, each with its line."""
    found = [(line, complaint(module, name)) for line, name in imports(source, module)]
    if module.count(".") and floor_of(module.split(".")[1]) == 0:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "open":
                found.append((node.lineno, "floor 0 opens no files"))
    return [f"{module}:{line}: {words}" for line, words in found if words]


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("seqfer", *path.relative_to(PACKAGE).with_suffix("").parts)
        # a folder keeps its __init__ in its name, so that relative imports count the same in it as in any other file
        found[".".join(parts if parts != ("seqfer", "__init__") else parts[:1])] = path
    return found


@pytest.mark.parametrize("module", modules())
def test_imports_come_from_lower_floors(module: str) -> None:
    assert complaints(modules()[module].read_text(encoding="utf-8"), module) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("seqfer.manifest", "from seqfer.model import load"),
        ("seqfer.manifest", "def f():\n    from seqfer import model"),
        ("seqfer.manifest", "from . import folds"),
        ("seqfer.manifest", "import importlib\nimportlib.import_module('seqfer.train')"),
        ("seqfer.heads.lstm", "from seqfer.encoders import resezap"),
        ("seqfer.heads.lstm", "from seqfer.heads.gru import build"),
        ("seqfer.heads.lstm", "from .gru import build"),
        ("seqfer.heads.lstm", "from seqfer import parts"),
        ("seqfer.commands.train", "from seqfer.commands.infer import run"),
        ("seqfer.train", "import seqfer.crossval"),
        ("seqfer.metrics.traces", "import torch.nn"),
        ("seqfer.metrics.traces", "from pathlib import Path"),
        ("seqfer.metrics.traces", "def f():\n    return open('x')"),
        ("seqfer", "from seqfer.model import load"),
    ],
)
def test_the_walk_sees_what_is_forbidden(module: str, source: str) -> None:
    assert len(complaints(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("seqfer.folds", "from seqfer.manifest import write_atomically"),
        ("seqfer.records", "from seqfer.emotions import EMOTIONS"),
        ("seqfer.datasets.ck48", "from seqfer.datasets._files import entries"),
        ("seqfer.report.page", "from seqfer.report import words"),
        ("seqfer.layers", "import torch"),
        ("seqfer.cli", "from seqfer import __version__, commands"),
        ("seqfer.__main__", "from seqfer.cli import main"),
    ],
)
def test_the_walk_lets_pass_what_is_allowed(module: str, source: str) -> None:
    assert complaints(source, module) == []


def test_an_unknown_file_must_be_given_a_floor() -> None:
    with pytest.raises(AssertionError, match="utils is on no floor"):
        complaints("import os", "seqfer.utils")
