"""The tool that makes the int8 graph: ONNX Runtime computes what the tool simulates, close to fp32, and the pairs of weights are limited."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper
from torch import nn

TOOLS = Path(__file__).resolve().parents[2] / "tools"
WIDTH = 8


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TOOLS))


def small_net() -> list[object]:
    from quantise_encoder import Layer

    torch.manual_seed(0)
    shapes = [((WIDTH, 1, 3, 3), 2, 1), ((WIDTH, 1, 3, 3), 2, WIDTH), ((WIDTH, WIDTH, 1, 1), 1, 1)]
    shapes += [((WIDTH, 1, 3, 3), 1, WIDTH), ((WIDTH, WIDTH, 1, 1), 1, 1)]
    scale = [0.02, 0.5, 0.5, 0.5, 0.5]
    return [
        Layer(torch.randn(shape) * size, torch.rand(shape[0]), stride, groups)
        for (shape, stride, groups), size in zip(shapes, scale, strict=True)
    ]


def faces() -> torch.Tensor:
    return torch.rand(24, 1, 12, 12, generator=torch.Generator().manual_seed(1))


def test_the_graph_computes_what_the_tool_simulates_close_to_fp32() -> None:
    import quantise_encoder as tool
    from rounded_weights import keeps_to_pairs

    layers, images = small_net(), faces()
    made = tool.quantise(layers, images)
    content = tool.graph_of(made, nn.Linear(WIDTH, 3), 12, {"encoder": "test"})
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    features, logits = session.run(["features", "logits"], {"images": images.numpy()})
    simulated = exact = tool.entered(images)
    for layer, plain in zip(made, layers, strict=True):
        simulated, exact = layer(simulated), plain(exact).clamp(0, tool.HIGHEST)
    assert logits.shape == (24, 3)
    np.testing.assert_allclose(features, simulated.mean((2, 3)).numpy(), atol=0.01)
    wanted = exact.mean((2, 3)).numpy()
    assert np.linalg.norm(features - wanted) < 0.03 * np.linalg.norm(wanted)
    arrays = {array.name: numpy_helper.to_array(array) for array in onnx.load_from_string(content).graph.initializer}
    assert all(keeps_to_pairs(arrays[f"{number}.weight"]) for number in (2, 4))
    assert {arrays[f"{number}.weight"].dtype.name for number in range(5)} == {"float32", "int8"}


def test_channels_are_enlarged_to_the_whole_range_and_empty_ones_are_left() -> None:
    from quantise_encoder import HIGHEST, LARGEST_FACTOR, channel_factors

    activations = torch.stack([torch.full((4, 4), 3.0), torch.full((4, 4), 0.5), torch.zeros(4, 4)])[None]
    found = channel_factors(activations)
    assert torch.allclose(found[:2], torch.tensor([HIGHEST / 3, HIGHEST / 0.5]))
    assert found[2] == LARGEST_FACTOR
