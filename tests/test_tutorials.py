"""The notebooks of the tutorials: they run from top to bottom, and are stored with what they gave, without a trace of the machine."""

from __future__ import annotations

import base64
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import seqfer

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))
MOST_PICTURE_BYTES = 150_000

each_notebook = pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)


@pytest.fixture(scope="module")
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_notebooks", ROOT / "tools" / "run_notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code_cells(text: str) -> Iterator[dict[str, Any]]:
    yield from (cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")


def kinds(text: str) -> list[list[str]]:
    """Of every cell of code the kinds of its outputs; numbers in them may differ between machines."""
    return [[kind for o in cell["outputs"] for kind in o.get("data", {"text": ""})] for cell in code_cells(text)]


@each_notebook
@pytest.mark.timeout(900)  # under a minute on two idle cores
@pytest.mark.filterwarnings("default")  # of the clients of the kernel, not of seqfer
def test_it_runs_from_top_to_bottom(file: Path, runner: ModuleType, tmp_path: Path) -> None:
    assert kinds(runner.executed(file, tmp_path)) == kinds(file.read_text(encoding="utf-8")), (
        "python tools/run_notebooks.py"
    )


@each_notebook
def test_it_is_stored_with_small_pictures_that_are_described(file: Path) -> None:
    cells = list(code_cells(file.read_text(encoding="utf-8")))
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    pictures = [
        (cell, o["data"]["image/png"]) for cell in cells for o in cell["outputs"] if "image/png" in o.get("data", {})
    ]
    assert pictures
    for cell, picture in pictures:
        assert len(base64.b64decode(picture)) < MOST_PICTURE_BYTES
        assert cell["metadata"].get("alt"), "describe the picture in the cell's metadata, under alt"


@each_notebook
def test_it_names_no_folder_of_a_machine(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:tmp|home|root|work|Users|usr|opt)/", text)
    assert '"output_type": "error"' not in text


@each_notebook
def test_its_functions_are_public_and_its_links_lead_somewhere(file: Path) -> None:
    text = "".join("".join(cell["source"]) for cell in json.loads(file.read_text(encoding="utf-8"))["cells"])
    assert set(re.findall(r"\bseqfer\.(\w+)\(", text)) <= set(seqfer.__all__)
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    assert targets
    assert [target for target in targets if not (file.parent / target).exists()] == []


def test_a_cell_that_fails_is_named_in_one_line(runner: ModuleType, tmp_path: Path) -> None:
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": "1 / 0"}
    file = tmp_path / "bad.ipynb"
    file.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    with pytest.raises(runner.NotebookError, match=r"^bad\.ipynb: ZeroDivisionError: division by zero$"):
        runner.executed(file, tmp_path)
    cell["source"] = "import os; print(os.getcwd() + '/x')"
    file.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (tmp_path / "work").rmdir()
    with pytest.raises(runner.NotebookError, match="an output names a folder of this machine"):
        runner.executed(file, tmp_path)
