"""What every page of seqfer must be: well formed, self-contained, readable without colour or pictures."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input", "path", "circle", "rect", "line", "polygon"}


class Page(HTMLParser):
    """Parses a page strictly: tags must close in order. Keeps the visible text, every attribute and how many of each tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self.stack, f"never closed: {self.stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID or (
            tag not in ("meta", "link", "br", "img", "hr", "input") and not self.get_starttag_text().endswith("/>")
        ):
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag, f"</{tag}> out of order at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if "style" not in self.stack:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All visible text, white space (no-break spaces too) made single."""
        return " ".join(" ".join(self.texts).split())

    def count(self, tag: str) -> int:
        """How many of a tag."""
        return sum(name == tag for name, _ in self.tags)


def check_self_contained(text: str) -> None:
    """Nothing is fetched: no script, no link, no import, no reference that leaves the page."""
    page = Page(text)
    assert not {"script", "link", "iframe", "img", "object", "embed"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            assert not (attributes.get(name) or "#").replace("#", "", 1), f"<{tag} {name}={attributes.get(name)!r}>"
    assert not re.search(r"https?://|@import|url\(", text)


def check_accessible(text: str) -> None:
    """A language, one h1, words for every picture, headers for every table, names for everything that takes the focus."""
    page = Page(text)
    assert ("html", {"lang": "en"}) in page.tags
    assert page.count("h1") == 1
    for tag, attributes in page.tags:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or (
                attributes.get("role") == "img" and attributes.get("aria-label")
            )
        if tag == "th":
            assert attributes.get("scope") in ("row", "col")
        if "tabindex" in attributes:
            assert attributes.get("aria-label")
