"""Networks are opened on one thread, or on so many as asked for; without ONNX Runtime there is no network."""

from __future__ import annotations

import pytest

from seqfer.models.included import SHIPPED_GRAPHS
from seqfer.runs import onnx_session


def test_a_session_computes_on_one_thread() -> None:
    content = SHIPPED_GRAPHS["resezap_mirrored"].path.read_bytes()
    options = onnx_session.open_session(content).get_session_options()
    assert options.intra_op_num_threads == options.inter_op_num_threads == 1
    assert (
        onnx_session.open_session(content, onnx_session.Placement(threads=2)).get_session_options().intra_op_num_threads
        == 2
    )


def test_it_is_unavailable_where_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert onnx_session.is_available()
    monkeypatch.setattr(onnx_session, "find_spec", lambda name: None)
    assert not onnx_session.is_available()
