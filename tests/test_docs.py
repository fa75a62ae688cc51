"""The pages that are written by hand: their commands parse, their links lead somewhere, and the map names every module."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import seqfer
from seqfer.cli import build_parser

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(seqfer.__file__).parent
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(page for page in (ROOT / "docs").rglob("*.md") if page.name != "commands.md"),
        *(PACKAGE / "weights_files").glob("*.md"),
    ]
)


def commands(text: str) -> list[list[str]]:
    """Complete command lines of a page, split into words: lines of shell blocks, and code in running text that has arguments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(seqfer [^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    split = [shlex.split(line, comments=True) for line in lines if line.startswith("seqfer ")]
    return [words for words in split if len(words) > 2 and "..." not in words]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_parses(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in commands(page.read_text(encoding="utf-8")):
        try:
            build_parser().parse_args(words[1:])
        except SystemExit:
            reason = capsys.readouterr().err.splitlines()[-1]
            if (
                "required" not in reason and "expected one argument" not in reason
            ):  # running text may name an option alone
                pytest.fail(f"{page.name}: {shlex.join(words)} does not parse: {reason}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_have_their_full_names(page: Path) -> None:
    known = set(re.findall(r"^\| `(--[\w-]+)", (ROOT / "docs" / "commands.md").read_text(encoding="utf-8"), flags=re.M))
    used = {word.split("=")[0] for words in commands(page.read_text(encoding="utf-8")) for word in words}
    assert {word for word in used if word.startswith("--")} - known == set()


def test_every_function_of_the_readme_exists() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.M | re.S)
    used = set(re.findall(r"\bseqfer\.(\w+)\(", "".join(blocks)))
    assert used
    assert used <= set(seqfer.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name)
def test_every_file_named_exists(page: Path) -> None:
    named = re.findall(
        r"(?<![\w/.-])(?:tests|tools|configs|docs|seqfer)/[\w./*-]+[\w*/]", page.read_text(encoding="utf-8")
    )
    assert [name for name in named if not any(ROOT.glob(f"{name}*"))] == []


def test_the_map_names_every_module() -> None:
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    parts = re.split(r"^### (\S+)\n", text, flags=re.M)
    named = {
        folder: set(re.findall(r"^\| `(\w+)` \|", rows, flags=re.M)) for folder, rows in zip(parts[1::2], parts[2::2])
    }
    for folder in {path.parent for path in PACKAGE.rglob("*.py")} - {PACKAGE, PACKAGE / "commands"}:
        there = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("__")}
        assert named.get(folder.relative_to(PACKAGE).as_posix(), set()) == there, f"docs/map.md, section {folder.name}"
