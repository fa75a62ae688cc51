"""Annotation files written for one test."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def saved(tmp_path: Path):
    """Write a file, under a name that says nothing."""

    def save(content: str | bytes, name: str = "export.dat") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return save
