"""What the hooks of the site make: links to files of the repository, pages of folders, tutorials from notebooks, topics of the API."""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import seqfer

SITE = Path(__file__).resolve().parents[2] / "tools" / "site"


@pytest.fixture(scope="module")
def hooks() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SITE))
        yield importlib.import_module("hooks")


def led(hooks: ModuleType, text: str, address: str) -> str:
    page: Any = SimpleNamespace(file=SimpleNamespace(src_uri=address))
    known = ["decisions/0001-one-encoder-per-fold.md", "models/compact.md", "tutorials/train_a_model.md"]
    return str(hooks.on_page_markdown(text, page, None, [SimpleNamespace(src_uri=name) for name in known]))


@pytest.mark.parametrize(
    ("address", "written", "expected"),
    [
        ("results.md", "[card](../seqfer/weights_files/compact.md#limits)", "[card](models/compact.md#limits)"),
        ("how-to/index.md", "[t](../tutorials/train_a_model.ipynb)", "[t](../tutorials/train_a_model.md)"),
        ("tutorials/x.md", "[Download it](train_a_model.ipynb)", "[Download it](train_a_model.ipynb)"),
        ("how-to/plugins.md", "[c](../../CONTRIBUTING.md)", "[c](../contributing.md)"),
        ("contributing.md", "[m](docs/map.md#plug-ins)", "[m](map.md#plug-ins)"),
        ("index.md", "[d](decisions/)", "[d](decisions/0001-one-encoder-per-fold.md)"),
        ("index.md", "[settings](../configs/cv.toml)", "settings"),
        ("index.md", "[dead](no.md)", "[dead](no.md)"),
        (
            "index.md",
            "[web](https://example.org/a.md) [here](#limits)",
            "[web](https://example.org/a.md) [here](#limits)",
        ),
        ("index.md", "```sh\n[x](../configs/cv.toml)\n```", "```sh\n[x](../configs/cv.toml)\n```"),
    ],
)
def test_links_lead_to_pages(hooks: ModuleType, address: str, written: str, expected: str) -> None:
    assert led(hooks, written, address) == expected


def test_a_folder_in_the_navigation_stands_for_its_other_pages(hooks: ModuleType) -> None:
    pages = ["a/index.md", "a/one.md", "a/two.md", "b/three.md", "b/index.md", "new.md", "start.md"]
    nav = ["start.md", {"A": ["a/two.md", "a/*"]}, {"B": "b/*"}, {"More": ["*"]}]
    assert hooks._expanded(nav, pages) == [
        "start.md",
        {"A": ["a/two.md", "a/index.md", "a/one.md"]},
        {"B": ["b/index.md", "b/three.md"]},
        {"More": ["new.md"]},
    ]


def test_a_notebook_becomes_a_page_with_its_pictures(hooks: ModuleType, tmp_path: Path) -> None:
    picture = base64.b64encode(b"a picture").decode()
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["printed\n"]},
        {
            "output_type": "display_data",
            "data": {"image/png": picture, "text/plain": ["<Figure>"]},
            "metadata": {"alt": "a line"},
        },
        {
            "output_type": "execute_result",
            "data": {"text/html": ["<style>x</style><table>\n", "    <tr></tr></table>"]},
        },
        {"output_type": "execute_result", "data": {"text/plain": ["2"]}},
        {"output_type": "error", "ename": "InputError", "evalue": "no such video", "traceback": []},
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {"cell_type": "code", "source": ["1 + 1"], "outputs": outputs},
    ]
    file = tmp_path / "demo.ipynb"
    file.write_text(json.dumps({"cells": cells}))
    made = hooks.notebook_pages.pages(file)
    assert made["tutorials/demo-1.png"] == b"a picture"
    page = made["tutorials/demo.md"]
    assert page.startswith("# Title\ntext\n\n[Download this page as a notebook](demo.ipynb)")
    for part in (
        "```python\n1 + 1\n```",
        "```text\nprinted\n```",
        "![a line](demo-1.png)",
        "<table>\n<tr>",
        "```text\n2\n```",
    ):
        assert part in page
    assert "<style>" not in page
    assert "InputError: no such video" in page


def test_a_name_of_an_unlisted_module_has_a_page_too(hooks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = hooks.api_pages
    everything = [name for names in pages.by_topic().values() for name in names]
    assert sorted(everything) == sorted(set(seqfer.__all__) - {"__version__"})
    monkeypatch.setattr(pages, "TOPICS", {"errors": pages.TOPICS["errors"]})
    assert "::: seqfer.annotate" in pages.pages()["api/others.md"]
