"""Renders pages from templates: one self-contained HTML file, without network and JavaScript."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seqfer.report import words

FOLDER = Path(__file__).parent
_FILTERS = (
    "percent",
    "mean_sem",
    "count",
    "decimal",
    "points",
    "p_value",
    "p_exact",
    "verdict",
    "freedom",
    "duration",
    "defined",
)


@cache
def _environment() -> Environment:
    # Escaping is always on: head titles, notes and settings come from users. A missing value is an error, not an empty cell.
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({name: getattr(words, name) for name in _FILTERS})
    made.globals["style"] = Markup((FOLDER / "style.css").read_text(encoding="utf-8"))
    return made


def render(template: str, **values: Any) -> str:
    """The page of a template in this folder (`cv.html`), including the style sheet. Values are escaped unless they are Markup."""
    return _environment().get_template(template).render(**values)
