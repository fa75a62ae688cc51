"""Hooks of mkdocs: pages that are made when the site is built, the pages of a folder in the navigation, and links to files outside docs/.

Made are: the reference of the Python API (`api_pages`), the tutorials from their notebooks (`notebook_pages`), the model cards beside the weights,
the changelog and the guide for contributors. Files in docs/ link to files of the repository, so that the links work without the site; here they
lead to the pages, and a link to a file that has no page becomes plain text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import api_pages
import notebook_pages
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
CARDS = "seqfer/weights_files"
OUTSIDE = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md", "README.md": "index.md"}
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"^(```.*?^```)", flags=re.M | re.S)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the made pages, and put the pages of folders into the navigation."""
    for address, content in made_pages().items():
        files.append(File.generated(config, address, content=content))
    config.nav = _expanded(config.nav or [], sorted(file.src_uri for file in files.documentation_pages()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The text of a page with its links led to pages."""
    address = page.file.src_uri
    pages = {file.src_uri for file in files}
    parts = _CODE.split(markdown)
    parts[::2] = [_LINK.sub(lambda link: _led(link, address, pages), part) for part in parts[::2]]
    return "".join(parts)


def made_pages() -> dict[str, str | bytes]:
    """Address in the site -> content, of all pages and pictures that are not in docs/."""
    made: dict[str, str | bytes] = dict(api_pages.pages())
    for notebook in sorted((ROOT / "docs" / "tutorials").glob("*.ipynb")):
        made |= notebook_pages.pages(notebook)
    for card in sorted((ROOT / CARDS).glob("*.md")):
        made[f"models/{card.name}"] = card.read_text(encoding="utf-8")
    for name in ("CHANGELOG.md", "CONTRIBUTING.md"):
        made[OUTSIDE[name]] = (ROOT / name).read_text(encoding="utf-8")
    return made


def repository_path(address: str) -> str:
    """The file of the repository that a page of the site is made from."""
    outside = {page: file for file, page in OUTSIDE.items() if file != "README.md"}
    if address in outside:
        return outside[address]
    if address.startswith("models/"):
        return f"{CARDS}/{posixpath.basename(address)}"
    return f"docs/{address}"


def page_of(path: str) -> str | None:
    """The page of the site for a file or folder of the repository; None where there is none."""
    if path in OUTSIDE:
        return OUTSIDE[path]
    if path.startswith(f"{CARDS}/"):
        return f"models/{posixpath.basename(path)}"
    return path.removeprefix("docs/") if path.startswith("docs/") else None


def _led(link: re.Match[str], address: str, pages: set[str]) -> str:
    words, target = link.groups()
    path, mark, anchor = target.partition("#")
    if "://" in target or not path:
        return link.group()
    file = posixpath.normpath(posixpath.join(posixpath.dirname(repository_path(address)), path))
    page = page_of(file)
    if page is not None and page.endswith(".ipynb") and not words.startswith("Download"):
        page = page.removesuffix(".ipynb") + ".md"
    if page is not None and (ROOT / file).is_dir():
        page = next((known for known in sorted(pages) if known.startswith(f"{page}/")), None)
    if page is None:
        if not (ROOT / file).exists():
            return link.group()  # mkdocs says that the link is dead
        return words
    return f"[{words}]({posixpath.relpath(page, posixpath.dirname(address) or '.')}{mark}{anchor})"


def _expanded(nav: list[Any], pages: list[str]) -> list[Any]:
    """The navigation with every `folder/*` replaced by the pages of the folder that it names nowhere itself; the index comes first."""
    named = set(_named(nav))
    free = sorted((page for page in pages if page not in named), key=lambda page: not page.endswith("index.md"))

    def expand(entries: list[Any]) -> Iterator[Any]:
        for entry in entries:
            title, value = next(iter(entry.items())) if isinstance(entry, dict) else (None, entry)
            if isinstance(value, list):
                yield {title: list(expand(value))}
            elif value.endswith("*"):
                found = [page for page in free if posixpath.dirname(page) == value.rstrip("/*")]
                yield from found if title is None else [{title: found}]
            else:
                yield entry

    return list(expand(nav))


def _named(nav: list[Any]) -> Iterator[str]:
    for entry in nav:
        value = next(iter(entry.values())) if isinstance(entry, dict) else entry
        yield from _named(value) if isinstance(value, list) else [value]
