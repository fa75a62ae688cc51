"""Graphs of included encoders: torch's numbers, on any number of cores, and a damaged file is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_models import stills

from seqfer.core.errors import WeightsError
from seqfer.models.graph_encoder import GraphEncoder
from seqfer.models.included import SHIPPED_GRAPHS, TIERS
from seqfer.models.opening import open_model


@pytest.mark.parametrize("tier", TIERS)
def test_features_and_logits_are_torchs(tier: str) -> None:
    model = open_model(tier, kind="video", frames_alone=True, device="cpu")
    graph = GraphEncoder(SHIPPED_GRAPHS[TIERS[tier]])
    assert (graph.input_size, graph.channels) == (model.input_size, model.channels)
    faces = stills(9, size=graph.input_size)
    features, logits = graph.read(faces)
    assert features.shape == (9, model.encoder.feature_dim)
    assert np.allclose(logits, model.encode(faces), atol=1e-4)
    assert graph.runtime.startswith("onnxruntime ")


def test_batches_side_by_side_give_the_same_numbers() -> None:
    graph = SHIPPED_GRAPHS[TIERS["small"]]
    faces = stills(13, size=48)
    one, several = GraphEncoder(graph).read(faces), GraphEncoder(graph, cores=3).read(faces)
    assert all(np.array_equal(a, b) for a, b in zip(one, several, strict=True))


def test_a_damaged_or_missing_graph_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = SHIPPED_GRAPHS[TIERS["small"]]
    content = bytearray(graph.path.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "small.onnx").write_bytes(content)
    monkeypatch.setattr(type(graph), "path", property(lambda self: tmp_path / self.file))
    with pytest.raises(WeightsError, match=r"small\.onnx: is damaged, its checksum is another one; reinstall"):
        GraphEncoder(graph)
    (tmp_path / "small.onnx").unlink()
    with pytest.raises(WeightsError, match=r"small\.onnx: cannot be read .*; reinstall"):
        GraphEncoder(graph)
