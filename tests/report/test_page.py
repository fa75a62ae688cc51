"""Templates: values are escaped, a missing one is an error, the style sheet is inside."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from seqfer.report import page
from seqfer.report.page import render


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with one template in place of the package's."""
    (tmp_path / "style.css").write_text("p{margin:0}")
    (tmp_path / "one.html").write_text(
        "<style>{{ style }}</style>\n{% if note %}\n{{ note }} {{ 0.132|percent }}\n{% endif %}\n"
    )
    monkeypatch.setattr(page, "FOLDER", tmp_path)
    page._environment.cache_clear()
    yield tmp_path
    page._environment.cache_clear()


def test_texts_are_escaped_and_markup_is_not(folder) -> None:
    assert render("one.html", note="<b>&") == "<style>p{margin:0}</style>\n&lt;b&gt;&amp; 13.2\u00a0%\n"
    assert "<b>x</b> 13.2" in render("one.html", note=Markup("<b>x</b>"))


def test_a_value_that_is_missing_is_an_error(folder) -> None:
    with pytest.raises(UndefinedError, match="'note' is undefined"):
        render("one.html")
