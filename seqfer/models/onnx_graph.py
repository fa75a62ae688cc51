"""Writes a torch module as an ONNX graph."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, nn

OPSET = 17


def onnx_graph(module: nn.Module, inputs: dict[str, Tensor], outputs: Sequence[str], first: str) -> bytes:
    """The graph of a module in eval mode: its arguments by name, in order, with examples; the names of its outputs. The first dimension of all of
    them, of the name `first`, is free. Needs the package onnx; raises whatever torch raises for a module that cannot be written."""
    graph = io.BytesIO()
    plain = module.to(memory_format=torch.contiguous_format)
    with warnings.catch_warnings():
        # the old exporter warns that it is deprecated, but needs one package less, is faster, and knows LSTMs of any length
        warnings.simplefilter("ignore")
        torch.onnx.export(
            plain,
            tuple(inputs.values()),
            graph,  # type: ignore[arg-type]  # a type that the old exporter accepts
            dynamo=False,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: {0: first} for name in (*inputs, *outputs)},
        )
    return graph.getvalue()
