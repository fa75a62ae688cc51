"""Encoders as graphs of ONNX Runtime: faces in, features and class logits out. Imports no torch.

`tools/ship_graphs.py` makes the graphs from the weights files; their numbers are those of torch in single precision. `tools/quantise_encoder.py`
makes those with int8 weights, whose numbers differ a little (docs/results.md).
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.models.included import SHIPPED_GRAPHS, SHIPPED_INT8, TIERS, IncludedWeights, tiers_in_int8, weights_of
from seqfer.runs.device import int8_is_faster
from seqfer.runs.onnx_session import CPU, Placement, open_session, runtime_name

# Faces that are computed at once. On a CPU more of them take more memory and no less time; on other devices few leave most of it idle.
BATCH, DEVICE_BATCH = 4, 64


def choose_graph(encoder: str, precision: str, device: str = CPU) -> tuple[IncludedWeights, str]:
    """The included graph of an encoder for the setting `precision` (auto, int8 or fp32), and the precision it computes in.

    `auto` is int8 where such a graph is included and `device` is a processor that computes it faster.

    Raises SettingsError for int8 without such a graph.
    """
    quantised = SHIPPED_INT8.get(encoder)
    if precision == "int8" and quantised is None:
        raise no_int8(next((tier for tier, of in TIERS.items() if of == encoder), encoder))
    if quantised is not None and (precision == "int8" or (precision == "auto" and device == CPU and int8_is_faster())):
        return quantised, "int8"
    return SHIPPED_GRAPHS[encoder], "fp32"


def no_int8(model: str) -> SettingsError:
    """The error where int8 is asked for and cannot be computed."""
    return SettingsError(
        f"precision is 'int8', which is available for {tiers_in_int8()} with its included heads, on the CPU with ONNX Runtime; the model is "
        f"{model}: give fp32, or change model, device or runtime"
    )


class SessionEncoder:
    """A graph that takes `images` (image channel height width); subclasses say what it gives. `checksum` is the sha256 of its file."""

    channels: int
    input_size: int

    def __init__(self, content: bytes, place: Placement, folder: Path | None = None) -> None:
        """`folder` as for `open_session`. Raises what ONNX Runtime raises for a file that it cannot compute, and SettingsError where the device
        cannot be used."""
        self._session, self._place = open_session(content, place, folder), place
        self.checksum = hashlib.sha256(content).hexdigest()
        self.device, self.runtime = place.device, runtime_name(place)

    def read(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (face height width), or (face height width 3) RGB -> float32 features (face feature) and logits (face class)."""
        size = BATCH if self._place.kind == CPU else DEVICE_BATCH
        if len(faces) <= size:
            return self._run(faces)
        batches = [faces[start : start + size] for start in range(0, len(faces), size)]
        if self._place.cores == 1 or self._place.kind != CPU:
            made = [self._run(batch) for batch in batches]
        else:
            with ThreadPoolExecutor(self._place.cores) as pool:
                made = list(pool.map(self._run, batches))
        features, logits = zip(*made)
        return np.concatenate(features), np.concatenate(logits)

    def _run(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        channels_first = faces[:, None] if faces.ndim == 3 else faces.transpose(0, 3, 1, 2)
        pixels = np.divide(channels_first, np.float32(255), order="C", dtype=np.float32)
        return self._outputs(pixels)

    def _outputs(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """float32 (image channel height width) in [0, 1] -> as `read`."""
        raise NotImplementedError


class OnSession:
    """What a model on ONNX Runtime says of its encoder."""

    encoder: SessionEncoder

    @property
    def device(self) -> str:
        """Where it computes."""
        return self.encoder.device

    @property
    def runtime(self) -> str:
        """ONNX Runtime with its version, and the device where it is not the CPU."""
        return self.encoder.runtime

    @property
    def input_size(self) -> int:
        """Width and height of a face in pixels."""
        return self.encoder.input_size

    @property
    def channels(self) -> int:
        """1 for grey faces, 3 for RGB."""
        return self.encoder.channels


class GraphEncoder(SessionEncoder):
    """A graph that is included with seqfer. Batches are computed side by side on the cores of `place`."""

    def __init__(self, graph: IncludedWeights, place: Placement | None = None) -> None:
        """Raises WeightsError where the file, or that of its weights, is damaged."""
        content = _undamaged(graph)
        weights = weights_of(graph)
        if weights is not None:
            _undamaged(weights)
        super().__init__(content, place or Placement(), graph.path.parent)
        _, channels, size, _ = self._session.get_inputs()[0].shape
        self.channels, self.input_size = int(channels), int(size)

    def _outputs(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        features, logits = self._session.run(("features", "logits"), {"images": pixels})
        return features, logits


def _undamaged(file: IncludedWeights) -> bytes:
    try:
        content = file.path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{file.path}: cannot be read ({error.strerror}); reinstall seqfer") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise WeightsError(f"{file.path}: is damaged, its checksum is another one; reinstall seqfer")
    return content
