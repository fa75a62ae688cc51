"""Networks are opened on one thread, or on so many as asked for; without ONNX Runtime there is no network."""

from __future__ import annotations

import pytest

from seqfer.models.included import SHIPPED_GRAPHS
from seqfer.runs import onnx_session


@pytest.mark.parametrize("threads", [1, 2])
def test_a_session_computes_on_the_threads_of_its_place(threads: int) -> None:
    graph = SHIPPED_GRAPHS["resezap_mirrored"].path
    place = onnx_session.Placement(threads=threads)
    options = onnx_session.open_session(graph.read_bytes(), place, graph.parent).get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (threads, 1)


def test_it_is_unavailable_where_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert onnx_session.is_available()
    monkeypatch.setattr(onnx_session, "find_spec", lambda name: None)
    assert not onnx_session.is_available()
