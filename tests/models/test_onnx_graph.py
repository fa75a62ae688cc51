"""A torch module as an ONNX graph whose first dimension is free."""

from __future__ import annotations

import numpy as np
import onnxruntime
import torch
from torch import nn

from seqfer.models.onnx_graph import OPSET, onnx_graph


def test_names_and_the_free_dimension() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(3, 2).eval()
    session = onnxruntime.InferenceSession(onnx_graph(layer, {"numbers": torch.zeros(2, 3)}, ["sums"], "row"))
    assert session.get_inputs()[0].shape == ["row", 3]
    for rows in (1, 5):
        numbers = torch.rand(rows, 3)
        (found,) = session.run(["sums"], {"numbers": numbers.numpy()})
        np.testing.assert_allclose(found, layer(numbers).detach(), atol=1e-6)


def test_the_version_of_the_operators() -> None:
    import onnx

    graph = onnx.load_from_string(onnx_graph(nn.ReLU(), {"x": torch.zeros(2, 1)}, ["y"], "row"))
    assert graph.opset_import[0].version == OPSET
