"""An included encoder as a graph of ONNX Runtime: faces in, features and class logits out. Imports no torch.

`tools/ship_graphs.py` makes the graphs from the weights files; their numbers are those of torch in single precision. `tools/quantise_encoder.py`
makes those with int8 weights, whose numbers differ a little (docs/results.md).
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import numpy as np

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.models.included import SHIPPED_GRAPHS, SHIPPED_INT8, TIERS, IncludedWeights, tiers_in_int8
from seqfer.runs.device import int8_is_faster
from seqfer.runs.onnx_session import open_session

BATCH = 4  # faces that are computed at once; more take more memory and no less time


def choose_graph(encoder: str, precision: str) -> tuple[IncludedWeights, str]:
    """The included graph of an encoder for the setting `precision` (auto, int8 or fp32), and the precision it computes in.

    `auto` is int8 where such a graph is included and this processor computes it faster. Raises SettingsError for int8 without such a graph.
    """
    quantised = SHIPPED_INT8.get(encoder)
    if precision == "int8" and quantised is None:
        raise no_int8(next((tier for tier, of in TIERS.items() if of == encoder), encoder))
    if quantised is not None and (precision == "int8" or (precision == "auto" and int8_is_faster())):
        return quantised, "int8"
    return SHIPPED_GRAPHS[encoder], "fp32"


def no_int8(model: str) -> SettingsError:
    """The error where int8 is asked for and cannot be computed."""
    return SettingsError(
        f"precision is 'int8', which is available for {tiers_in_int8()} with its included heads, on the CPU with ONNX Runtime, not for {model} "
        "with these settings; give fp32"
    )


class GraphEncoder:
    """A graph that is included with seqfer, on the CPU. `cores` batches are computed side by side, each on `threads` threads."""

    def __init__(self, graph: IncludedWeights, threads: int = 1, cores: int = 1) -> None:
        """Raises WeightsError where the file is damaged."""
        try:
            content = graph.path.read_bytes()
        except OSError as error:
            raise WeightsError(f"{graph.path}: cannot be read ({error.strerror}); reinstall seqfer") from None
        if hashlib.sha256(content).hexdigest() != graph.sha256:
            raise WeightsError(f"{graph.path}: is damaged, its checksum is another one; reinstall seqfer")
        self._session, self._cores = open_session(content, threads), cores
        _, channels, size, _ = self._session.get_inputs()[0].shape
        self.channels, self.input_size = int(channels), int(size)
        self.checksum = graph.sha256
        self.runtime = f"onnxruntime {version('onnxruntime')}"

    def read(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (face height width), or (face height width 3) RGB -> float32 features (face feature) and logits (face class)."""
        batches = [faces[start : start + BATCH] for start in range(0, len(faces), BATCH)]
        if self._cores == 1 or len(batches) == 1:
            made = [self._run(batch) for batch in batches]
        else:
            with ThreadPoolExecutor(self._cores) as pool:
                made = list(pool.map(self._run, batches))
        features, logits = zip(*made)
        return np.concatenate(features), np.concatenate(logits)

    def _run(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        channels_first = faces[:, None] if faces.ndim == 3 else faces.transpose(0, 3, 1, 2)
        pixels = np.ascontiguousarray(channels_first, np.float32) / np.float32(255)
        features, logits = self._session.run(("features", "logits"), {"images": pixels})
        return features, logits
