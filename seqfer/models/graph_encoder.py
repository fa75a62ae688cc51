"""An included encoder as a graph of ONNX Runtime: faces in, features and class logits out. Imports no torch.

`tools/ship_graphs.py` makes the graphs from the weights files; their numbers are those of torch in single precision.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import numpy as np

from seqfer.core.errors import WeightsError
from seqfer.models.included import IncludedWeights
from seqfer.runs.onnx_session import open_session

BATCH = 4  # faces that are computed at once; more take more memory and no less time


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
