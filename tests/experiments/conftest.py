"""Fixtures of the tests of finished runs."""

from __future__ import annotations

import pytest
from ranked_runs import write_runs


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return write_runs(tmp_path_factory.mktemp("runs"))
