"""The register of licences: up to date, and no weights file without a complete card."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "make_licence_register.py"
WEIGHTS = ROOT / "seqfer" / "weights_files"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = spec_from_file_location("make_licence_register", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one weights file and its card."""
    for file in WEIGHTS.glob("small.*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_the_register_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, TOOL, "--check"], cwd=ROOT)
    assert done.returncode == 0, "run `make docs`"


def test_every_file_has_its_row_with_checksum_and_uses(tool: ModuleType) -> None:
    page = tool.page()
    files = [file for file in WEIGHTS.iterdir() if file.suffix != ".md" and not file.name.startswith(".")]
    for file in files:
        assert f"| [`{file.name}`]" in page
        assert hashlib.sha256(file.read_bytes()).hexdigest() in page
    assert len(re.findall(r"\| yes; name the (?:data|papers) in publications \|", page)) == len(files)


def test_weights_without_a_complete_card_are_refused(tool: ModuleType, folder: Path) -> None:
    card = folder / "small.md"
    text = card.read_text(encoding="utf-8")
    (folder / "new.safetensors").write_bytes(b"weights")
    with pytest.raises(tool.RegisterError, match=r"new\.safetensors: has no model card new\.md"):
        tool.page(folder)
    (folder / "new.safetensors").unlink()
    card.write_text(text.replace("## What may be done with the weights", "## Uses"), encoding="utf-8")
    with pytest.raises(tool.RegisterError, match="no section '## What may be done with the weights'"):
        tool.page(folder)
    card.write_text(text, encoding="utf-8")
    (folder / "small.safetensors").write_bytes(b"other weights")
    with pytest.raises(tool.RegisterError, match="does not state the sha256"):
        tool.page(folder)
