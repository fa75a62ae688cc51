"""Opens networks with ONNX Runtime, on the CPU: the one place that decides how its sessions compute."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any


def is_available() -> bool:
    """Whether ONNX Runtime is installed; it is on every platform that has it."""
    return find_spec("onnxruntime") is not None


def open_session(content: bytes, threads: int = 1) -> Any:
    """An onnxruntime.InferenceSession of a network's file that computes on so many threads; the other cores decode and encode."""
    import onnxruntime  # imported here, because it is slow

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4
    # the video decoder uses the cores between runs
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
