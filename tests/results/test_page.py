"""The page of a result: shown in a frame of its own, saved, opened."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from seqfer.results.page import Page

HTML = '<!DOCTYPE html><html><body><p title="a">A &amp; B</p></body></html>'


def test_a_notebook_shows_it_in_a_frame_of_its_own() -> None:
    shown = Page(HTML)._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert shown.count("<p") == 0


def test_it_is_saved_and_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = Page(HTML).save(tmp_path / "page.html")
    assert file.read_text(encoding="utf-8") == HTML
    Page(HTML, file).open()
    assert opened == [file.as_uri()]
    Page(HTML).open()
    assert opened[1].endswith("/report.html")
    assert len(list(tmp_path.glob("seqfer-*/report.html"))) == 1
