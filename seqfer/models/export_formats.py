"""Formats of exported models: ONNX, and torch's .pt2, each with a description of the model inside."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqfer.core.errors import SettingsError
from seqfer.models.export_modules import ExportModule
from seqfer.models.onnx_graph import onnx_graph

OUTPUTS = ("logits", "probabilities")
DESCRIPTION = "seqfer.json"  # the file inside a .pt2
_EXAMPLE = 3  # faces of the example; its number is not part of what is exported


@dataclass(frozen=True)
class ExportFormat:
    """`check` raises SettingsError for what the format cannot hold; `convert` makes its form of a module; `run` gives the probabilities (face class)
    that this form computes from inputs; `pack` makes the bytes of a file from it, with a description of the model."""

    check: Callable[[ExportModule], None]
    convert: Callable[[ExportModule], Any]
    run: Callable[[Any, Mapping[str, Tensor]], np.ndarray]
    pack: Callable[[Any, Mapping[str, Any]], bytes]


def check_onnx(module: ExportModule) -> None:
    """Raises SettingsError where a package is missing."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            f"format onnx needs the packages onnx and onnxruntime ({error}); run: pip install seqfer[onnx]"
        ) from None


def convert_to_onnx(module: ExportModule) -> bytes:
    """The graph as bytes."""
    return onnx_graph(module, module.example(_EXAMPLE), OUTPUTS, module.first)


def run_onnx(graph: bytes, inputs: Mapping[str, Tensor]) -> np.ndarray:
    """By ONNX Runtime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    named = {name: value.numpy() for name, value in inputs.items()}
    return np.asarray(session.run(["probabilities"], named)[0])


def pack_onnx(graph: bytes, description: Mapping[str, Any]) -> bytes:
    """A graph whose metadata has an entry for each part of the description: texts as they are, everything else as JSON."""
    import onnx

    model = onnx.load_from_string(graph)
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in description.items()}
    onnx.helper.set_model_props(model, texts)
    return bytes(model.SerializeToString())


def check_torch(module: ExportModule) -> None:
    """Raises SettingsError for a recurrent head: torch.export unrolls it, for tracks of one length only."""
    if any(isinstance(layer, nn.RNNBase) for layer in module.modules()):
        raise SettingsError(
            "format torch holds no recurrent head, because torch.export fixes the length of its tracks; give format onnx, or head average"
        )


def convert_to_torch(module: ExportModule) -> torch.export.ExportedProgram:
    """The program of torch.export."""
    inputs = tuple(module.example(_EXAMPLE).values())
    return torch.export.export(module, inputs, dynamic_shapes=[{0: torch.export.Dim.DYNAMIC} for _ in inputs])


def run_torch(program: torch.export.ExportedProgram, inputs: Mapping[str, Tensor]) -> np.ndarray:
    """By torch."""
    return np.asarray(program.module()(*inputs.values())[1].detach())


def pack_torch(program: torch.export.ExportedProgram, description: Mapping[str, Any]) -> bytes:
    """A .pt2 with the description as JSON in the extra file `seqfer.json`."""
    file = io.BytesIO()
    torch.export.save(program, file, extra_files={DESCRIPTION: json.dumps(description)})
    return file.getvalue()


FORMATS: Mapping[str, ExportFormat] = {
    "onnx": ExportFormat(check_onnx, convert_to_onnx, run_onnx, pack_onnx),
    "torch": ExportFormat(check_torch, convert_to_torch, run_torch, pack_torch),
}
