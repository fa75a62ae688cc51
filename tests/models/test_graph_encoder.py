"""Graphs of included encoders: torch's numbers, in int8 close to them and the same on every processor; a damaged file is refused.

`tests/golden/compact_int8.json` has the logits of the int8 graph for the drawn faces below, computed on a processor with AVX-512 VNNI; the same
processor without VNNI, and without AVX-512, gave equal numbers.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from tiny_models import stills

from seqfer import posed
from seqfer.core.emotions import CLASS_LISTS
from seqfer.core.errors import SettingsError, WeightsError
from seqfer.metrics.calibration import tempered_softmax
from seqfer.models import graph_encoder
from seqfer.models.graph_encoder import GraphEncoder, choose_graph
from seqfer.models.included import SHIPPED, SHIPPED_GRAPHS, SHIPPED_INT8, TIERS
from seqfer.models.opening import open_model
from seqfer.runs.onnx_session import Placement


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


def drawn_faces() -> np.ndarray:
    """uint8 (face 48 48) of drawn people, one for each of seven emotions."""
    pictures = [
        posed.render(posed.sample_person(number), posed.au_vector(emotion), size_px=48, framing="crop")
        for number, emotion in enumerate(CLASS_LISTS["fer2013"])
    ]
    return np.rint(np.stack(pictures).mean(-1)).astype(np.uint8)


def test_int8_is_close_to_fp32() -> None:
    faces = drawn_faces()
    exact, found = (GraphEncoder(choose_graph("mobilenet", precision)[0]).read(faces) for precision in ("fp32", "int8"))
    assert np.linalg.norm(found[0] - exact[0]) < 0.05 * np.linalg.norm(exact[0])
    before, after = (tempered_softmax(logits, 1.0) for _, logits in (exact, found))
    assert np.abs(before - after).mean() < 0.005
    assert np.abs(before - after).max() > 0  # not the same graph


def test_int8_gives_the_same_logits_on_every_processor() -> None:
    golden = json.loads((Path(__file__).resolve().parents[1] / "golden" / "compact_int8.json").read_text())
    _, logits = GraphEncoder(SHIPPED_INT8["mobilenet"]).read(drawn_faces())
    np.testing.assert_allclose(logits, golden["logits"], atol=0.02)


def test_sums_of_two_products_of_int8_fit_in_16_bits() -> None:
    """Processors with AVX2 but without VNNI add neighbouring products in 16 bits; depthwise convolutions are computed in 32."""
    graph = onnx.load(SHIPPED_INT8["mobilenet"].path).graph
    arrays = {array.name: numpy_helper.to_array(array) for array in graph.initializer}
    pointwise = [node for node in graph.node if node.op_type == "QLinearConv" and arrays[node.input[3]].shape[1] > 1]
    assert len(pointwise) == 12
    for node in pointwise:
        weights = arrays[node.input[3]]
        assert weights.dtype == np.int8
        pairs = weights.reshape(len(weights), -1, 2).astype(int)
        assert 255 * pairs.clip(min=0).sum(-1).max() <= np.iinfo(np.int16).max
        assert 255 * pairs.clip(max=0).sum(-1).min() >= np.iinfo(np.int16).min


@pytest.mark.parametrize(
    ("encoder", "precision", "fast", "wanted"),
    [
        ("mobilenet", "auto", True, "int8"),
        ("mobilenet", "auto", False, "fp32"),
        ("mobilenet", "int8", False, "int8"),
        ("mobilenet", "fp32", True, "fp32"),
        ("resezap_mirrored", "auto", True, "fp32"),
    ],
)
def test_auto_is_int8_where_there_is_one_and_it_is_faster(
    encoder: str, precision: str, fast: bool, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_encoder, "int8_is_faster", lambda: fast)
    graph, found = choose_graph(encoder, precision)
    assert found == wanted
    assert graph == (SHIPPED_INT8 if wanted == "int8" else SHIPPED_GRAPHS)[encoder]


def test_int8_where_there_is_none_is_refused() -> None:
    with pytest.raises(
        SettingsError, match=r"precision is 'int8', which is available for compact .*; the model is small: give fp32, "
    ):
        choose_graph("resezap_mirrored", "int8")


def test_batches_side_by_side_give_the_same_numbers() -> None:
    graph = SHIPPED_GRAPHS[TIERS["small"]]
    faces = stills(13, size=48)
    one, several = GraphEncoder(graph).read(faces), GraphEncoder(graph, Placement(cores=3)).read(faces)
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


def test_a_graph_whose_weights_are_damaged_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its weights are in the weights file, once in the package."""
    graph = SHIPPED_GRAPHS[TIERS["small"]]
    weights = SHIPPED[TIERS["small"]]
    (tmp_path / graph.file).write_bytes(graph.path.read_bytes())
    content = bytearray(weights.path.read_bytes())
    content[-1] ^= 1
    (tmp_path / weights.file).write_bytes(content)
    monkeypatch.setattr(type(graph), "path", property(lambda self: tmp_path / self.file))
    with pytest.raises(WeightsError, match=r"small\.safetensors: is damaged"):
        GraphEncoder(graph)
