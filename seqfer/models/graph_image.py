"""Included models of single faces without torch, on ONNX Runtime: emotions, and valence on the same features.

Their numbers are those of `ImageModel` and `ValenceModel` to rounding: a probability differs by at most 1e-4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqfer.models.graph_encoder import GraphEncoder, OnSession, choose_graph
from seqfer.models.graph_model import GraphValence, read_graph_valence
from seqfer.models.included import SHIPPED, SHIPPED_GRAPHS, SHIPPED_VALENCE, TIERS, TWO_VIEWS
from seqfer.models.single_face import SingleFaceModel
from seqfer.models.weights_file import stored_arrays
from seqfer.runs.onnx_session import CPU, Placement


@dataclass(frozen=True)
class GraphImageModel(OnSession, SingleFaceModel):
    """`name` is what it was opened by; `meta` is what its weights file says; `width` and `values` are its numbers of features and of weights."""

    name: str
    encoder: GraphEncoder
    meta: Mapping[str, Any]
    width: int
    values: int

    @property
    def feature_dim(self) -> int:
        """Features per face."""
        return self.width

    @property
    def parameters(self) -> int:
        """Numbers in its weights, batch norm's statistics included."""
        return self.values

    @property
    def mirrored(self) -> bool:
        """Whether it classifies a face by the mean over the face and its mirror image."""
        return self.encoder_name in TWO_VIEWS

    @property
    def features_key(self) -> Mapping[str, Any]:
        """The graph, which computes other last digits than torch, and another device than the CPU."""
        kind = self.device.partition(":")[0]
        return {"graph": self.encoder.checksum} | ({} if kind == CPU else {"device": kind})

    def read(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (face height width), or (face height width 3) RGB -> float32 features (face feature) and logits (face class)."""
        return self.encoder.read(faces)


@dataclass(frozen=True)
class GraphValenceModel(OnSession):
    """The levels of valence that are included for an encoder, on the features of its graph."""

    encoder: GraphEncoder
    levels: GraphValence
    encoder_name: str

    @property
    def checksum(self) -> str:
        """sha256 of the weights file of the levels."""
        return self.levels.checksum

    def valence(self, faces: np.ndarray, *, mirror: bool = False) -> np.ndarray:
        """uint8 (face height width) of the encoder's size -> valence (face,) float64; with `mirror` the mean over the face and its mirror image."""
        views = (faces, faces[:, :, ::-1]) if mirror else (faces,)
        values = [self.levels.read(self.encoder.read(view)[0])[:, 0].astype(np.float64) for view in views]
        result: np.ndarray = np.mean(values, axis=0)
        return result


def open_graph_image(name: str, place: Placement | None = None, precision: str = "fp32") -> GraphImageModel | None:
    """An included model by tier or encoder name, or None where no graph is included for it. `precision` is int8 or fp32.

    Raises WeightsError for a damaged file, SettingsError for int8 where no int8 graph is included.
    """
    encoder = TIERS.get(name, name)
    if encoder not in SHIPPED_GRAPHS:
        return None
    weights = SHIPPED[encoder]
    arrays, meta = stored_arrays(weights.path, weights.sha256)
    floats = [array for array in arrays.values() if array.dtype.kind == "f"]
    return GraphImageModel(
        name,
        GraphEncoder(choose_graph(encoder, precision)[0], place),
        {**meta, "sha256": weights.sha256},
        next(a.shape[1] for name, a in arrays.items() if name.startswith("classifier") and a.ndim == 2),
        sum(array.size for array in floats),
    )


def open_graph_valence(name: str, place: Placement | None = None) -> GraphValenceModel | None:
    """The valence model that is included for a tier or encoder, or None. Raises WeightsError for a damaged file."""
    encoder = TIERS.get(name, name)
    if encoder not in SHIPPED_GRAPHS or encoder not in SHIPPED_VALENCE:
        return None
    levels = read_graph_valence(SHIPPED_VALENCE[encoder], encoder)
    return GraphValenceModel(GraphEncoder(SHIPPED_GRAPHS[encoder], place), levels, encoder)
