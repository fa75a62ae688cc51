"""What the annotation of a video needs of a model, whatever computes it: NumPy arrays in and out. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from seqfer.core.emotions import VALENCE_NORMS
from seqfer.metrics.calibration import tempered_softmax

AVERAGE = "average"  # the name of the head that only averages


class ValenceSource(Protocol):
    """Where the valence of a model comes from: its name, the checksum of its file, and the origin of its labels; `head` None: a value per frame."""

    @property
    def name(self) -> str: ...
    @property
    def checksum(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def head(self) -> Any: ...


class VideoModel(Protocol):
    """`FilmModel` (torch) and `GraphModel` (ONNX Runtime) are of this kind; their docstrings say what each name means."""

    @property
    def name(self) -> str: ...
    @property
    def encoder_name(self) -> str: ...
    @property
    def head_name(self) -> str: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def temperature(self) -> float: ...
    @property
    def checksums(self) -> Mapping[str, str]: ...
    @property
    def runtime(self) -> str: ...
    @property
    def precision(self) -> str: ...
    @property
    def valence(self) -> ValenceSource | None: ...
    @property
    def input_size(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def input_dim(self) -> int: ...
    @property
    def output_dim(self) -> int: ...
    @property
    def causal(self) -> bool: ...
    @property
    def temporal(self) -> bool: ...

    def encode(self, faces: np.ndarray) -> np.ndarray:
        """uint8 faces -> float32 (face input_dim)."""

    def look(self, inputs: np.ndarray, mask: np.ndarray, times_s: np.ndarray) -> np.ndarray:
        """(batch time input_dim), (batch time) bool, (batch time) seconds -> (batch time output_dim)."""

    def step(self, inputs: np.ndarray, state: Any = None) -> tuple[np.ndarray, Any]:
        """Further frames after those that made `state` -> outputs, and the state after them."""

    def read(self, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """(... output_dim) -> probabilities (... class), and valence (...) of a valence model."""


def valence_norms(model: VideoModel) -> np.ndarray:
    """Valence norms (class,) of the model's classes."""
    return np.array([VALENCE_NORMS[name] for name in model.classes])


def read_outputs(model: VideoModel, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """(... output_dim) of a model -> calibrated probabilities (... class), and with a valence model valence (...) in [-1, 1]; float64."""
    numbers = outputs.astype(np.float64)
    value = None if model.valence is None else numbers[..., -1].clip(-1, 1)
    return tempered_softmax(numbers[..., : len(model.classes)], model.temperature), value
