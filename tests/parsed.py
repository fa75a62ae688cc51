"""Parses the sources that tests walk."""

from __future__ import annotations

import ast
from functools import cache

TRIES = 5


@cache
def parsed(source: str) -> ast.Module:
    """The tree of a module's source, made once.

    CPython 3.11 counts the depth of all threads that build a tree in one number, and raises SystemError where another one was in between
    (python/cpython#106905); parsing again is right then.
    """
    for _ in range(TRIES - 1):
        try:
            return ast.parse(source)
        except SystemError:
            continue
    return ast.parse(source)
