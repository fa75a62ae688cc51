"""Fixtures of the tests of cross-validation: a drawn corpus with a cache of its own, and a finished run on it."""

from __future__ import annotations

import pytest
from cv_calls import cv
from mock_corpus import write_mock


@pytest.fixture(scope="module")
def mock(module_cache, tmp_path_factory):
    return write_mock(tmp_path_factory.mktemp("mock"))


@pytest.fixture(scope="module")
def finished(mock, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "whole"
    assert cv(mock, out, "--repeats", "2", "--heads", "lstm,bilstm,linear_svm") == 0
    return out
