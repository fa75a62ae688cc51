"""Opens networks with ONNX Runtime; not a plug-in."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any


def is_available() -> bool:
    """Whether ONNX Runtime is installed; it is on every platform that has it."""
    return find_spec("onnxruntime") is not None


def open_session(content: bytes) -> Any:
    """An onnxruntime.InferenceSession of a network's file that computes on one thread, as the other cores decode and encode."""
    import onnxruntime  # imported here, because it is slow

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
