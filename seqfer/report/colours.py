"""The colours of emotions outside of pages, such as in figures: those of the pages' style sheet in its light theme."""

from __future__ import annotations

import re
from functools import cache

from seqfer.report.page import FOLDER
from seqfer.report.timeline import ORDER

OTHER, INK, SOFT, LINE = "axis", "ink", "soft", "line"


@cache
def colours() -> dict[str, str]:
    """Colour as #rrggbb by name: every emotion, and `axis` (also of classes outside the vocabulary), `ink`, `soft`, `line`."""
    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    first = dict(
        reversed(re.findall(r"--(\w+): (#[0-9a-f]{6});", style))
    )  # of a name that the dark theme has, too, the first
    return {name: first[name] for name in (*ORDER, OTHER, INK, SOFT, LINE)}


def colour_of(emotion: str) -> str:
    """The colour of an emotion."""
    return colours().get(emotion, colours()[OTHER])
