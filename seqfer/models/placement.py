"""Decides whether ONNX Runtime or torch computes a model that both can compute, by the settings `device` and `runtime`. Imports no torch."""

from __future__ import annotations

from seqfer.core.errors import SettingsError
from seqfer.models.graph_model import RUNTIMES
from seqfer.runs.device import may_have_cuda
from seqfer.runs.onnx_session import CPU, PROVIDERS, Placement, is_available, session_device
from seqfer.runs.process_tuning import usable_cores

AUTO = "auto"


def graph_placement(device: str, runtime: str, threads: int = 1, *, only_graph: bool = False) -> Placement | None:
    """Where ONNX Runtime computes a model, or None where torch does. `only_graph`: of a file that torch cannot read.

    A GPU that torch can use is used by torch, unless ONNX Runtime is named. Raises SettingsError for a device that ONNX Runtime lacks, and for
    another runtime or a missing package with `only_graph`.
    """
    if runtime not in RUNTIMES or not is_available():
        if only_graph:
            raise SettingsError(
                f"runtime is {runtime!r}, but a .onnx file is computed by ONNX Runtime; omit --runtime"
                if is_available()
                else "a .onnx file needs the package onnxruntime; run: pip install onnxruntime"
            )
        return None
    named = runtime != AUTO or only_graph or (device in PROVIDERS and not device.startswith("cuda"))
    if not named and (device != AUTO or may_have_cuda()):
        return None
    place = session_device(device) if named else CPU
    return Placement(place, threads, usable_cores())
