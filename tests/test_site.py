"""The documentation site: it builds strictly, fetches nothing from elsewhere, and has every public name, every command and every tutorial."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from browser import CHROMIUM, dump_dom

import seqfer
from seqfer.cli import command_modules

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; strict, so that a dead link or a page that the navigation lacks ends the build."""
    folder = tmp_path_factory.mktemp("site") / "built"
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout + done.stderr == ""
    return folder


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    loaded = r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//[^>]*>"
    found = {
        page.name: hits
        for page in site.rglob("*.html")
        if (hits := re.findall(loaded, page.read_text(encoding="utf-8")))
    }
    assert found == {}
    styles = "".join(sheet.read_text(encoding="utf-8") for sheet in site.rglob("*.css"))
    assert not re.search(r"url\(\"?(?:https?:)?//|@import", styles)


def test_every_public_name_is_documented_once(site: Path) -> None:
    pages = [page.read_text(encoding="utf-8") for page in (site / "api").glob("*.html")]
    places = {name: sum(f'id="seqfer.{name}"' in page for page in pages) for name in seqfer.__all__}
    assert {name: count for name, count in places.items() if count != 1} == {"__version__": 0}


def test_examples_are_shown_as_code(site: Path) -> None:
    page = (site / "api" / "videos.html").read_text(encoding="utf-8")
    assert "&gt;&gt;&gt;" in page
    assert "<blockquote>" not in page  # what `>>>` in running text becomes


def test_every_command_has_its_section(site: Path) -> None:
    page = (site / "commands.html").read_text(encoding="utf-8")
    assert [name for name in command_modules() if f'id="seqfer-{name}"' not in page] == []


def test_every_card_and_every_tutorial_is_a_page(site: Path) -> None:
    made_from = [*(ROOT / "seqfer" / "weights_files").glob("*.md"), *(ROOT / "docs" / "tutorials").glob("*.ipynb")]
    folders = {".md": "models", ".ipynb": "tutorials"}
    assert [p.name for p in made_from if not (site / folders[p.suffix] / f"{p.stem}.html").is_file()] == []


def test_a_page_opens_from_the_disk_without_an_error(site: Path, tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    dom, said = dump_dom(site / "api" / "videos.html", tmp_path / "profile", wait_ms=2000)
    assert "seqfer.annotate" in dom
    assert not re.search(r"CONSOLE.*(error|failed|refused)", said, flags=re.I)
