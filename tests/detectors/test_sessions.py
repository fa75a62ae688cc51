"""Networks are opened on one thread; without ONNX Runtime there is no network."""

from __future__ import annotations

import pytest

from seqfer.detectors import _sessions, centerface


def test_a_session_computes_on_one_thread() -> None:
    options = _sessions.open_session(centerface.PATH.read_bytes()).get_session_options()
    assert options.intra_op_num_threads == options.inter_op_num_threads == 1


def test_it_is_unavailable_where_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _sessions.is_available()
    monkeypatch.setattr(_sessions, "find_spec", lambda name: None)
    assert not _sessions.is_available()
