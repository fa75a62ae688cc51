"""A video model of included weights that needs no torch: the encoder on ONNX Runtime, the rest, which is small, in NumPy.

Its numbers are those of `FilmModel` in single precision, or close to them with an int8 encoder; what each step means is said there and in
`logit_correction`. The layers after the encoder are read from the same weights files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqfer.core.rated_valence import LEVEL_NAMES
from seqfer.metrics.calibration import tempered_softmax
from seqfer.models.appearance_average import READING, average_where_alike, unit_of_appearance
from seqfer.models.graph_encoder import GraphEncoder, OnSession, SessionEncoder, choose_graph
from seqfer.models.included import SHIPPED, SHIPPED_GRAPHS, SHIPPED_HEADS, SHIPPED_VALENCE, TIERS, IncludedWeights
from seqfer.models.recurrent import LOWEST, SCALE, RecurrentHead, head_of
from seqfer.models.video_model import AVERAGE, read_outputs
from seqfer.models.weights_file import load_arrays
from seqfer.runs.onnx_session import Placement

LEVELS_SOURCE = (
    "expectation over nine levels, learned from the votes of FER+ raters under published norms (derived labels)"
)
_HEAD, _LEVELS = "head.", "levels."
# Values of the settings `runtime` and `precision` that these models serve.
RUNTIMES, PRECISIONS = ("auto", "onnx"), ("auto", "int8", "fp32")


@dataclass(frozen=True)
class GraphHead:
    """What follows the encoder: projected features, by which moments are compared, and the head that corrects its logits; see `LogitCorrection`."""

    mean: np.ndarray
    std: np.ndarray
    projection: np.ndarray
    bias: np.ndarray
    recurrent: RecurrentHead
    temperature: float
    limit: float
    corrects: bool

    def project(self, features: np.ndarray) -> np.ndarray:
        """(face feature) -> (face number)."""
        result: np.ndarray = (features - self.mean) / self.std @ self.projection.T + self.bias
        return result

    def appearance(self, projected: np.ndarray) -> np.ndarray:
        """(... number) in units of `average_where_alike`."""
        result: np.ndarray = projected / np.float32(unit_of_appearance(self.projection))
        return result

    def look(self, projected: np.ndarray, logits: np.ndarray, mask: np.ndarray, times_s: np.ndarray) -> np.ndarray:
        """(batch time number), (batch time class) -> (batch time class)."""
        averaged = logits
        if self.recurrent.uses_later_frames:
            readings = READING * tempered_softmax(logits, self.temperature)
            averaged = average_where_alike(logits, self.appearance(projected), mask, times_s, readings)
        if not self.corrects:
            return averaged / np.float32(self.temperature)
        return self._corrected(averaged, self.recurrent.look(self._inputs(projected, logits)))

    def step(self, projected: np.ndarray, logits: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        """As `look`, of a head that uses no later frames."""
        corrections, after = self.recurrent.step(self._inputs(projected, logits), state)
        return self._corrected(logits, corrections), after

    def _inputs(self, projected: np.ndarray, logits: np.ndarray) -> np.ndarray:
        readings = np.log(np.maximum(tempered_softmax(logits, self.temperature), np.exp(LOWEST))).astype(np.float32)
        return np.concatenate([projected, np.float32(SCALE) * readings], -1)

    def _corrected(self, logits: np.ndarray, corrections: np.ndarray) -> np.ndarray:
        limit = np.float32(self.limit)
        result: np.ndarray = logits / np.float32(self.temperature) + limit * np.tanh(corrections / limit)
        return result


@dataclass(frozen=True)
class GraphValence:
    """Nine levels of valence on the encoder's features: (level feature), (level,)."""

    name: str
    checksum: str
    source: str
    weight: np.ndarray
    bias: np.ndarray
    head: None = None

    def read(self, features: np.ndarray) -> np.ndarray:
        """(face feature) -> valence (face 1)."""
        levels = tempered_softmax(features @ self.weight.T + self.bias, 1.0)
        values = np.linspace(-1, 1, len(LEVEL_NAMES))
        return (levels @ values).astype(np.float32)[:, None]


@dataclass(frozen=True)
class GraphModel(OnSession):
    """`head` None: every frame by itself. `temperature` divides what `look` and `step` return. `valence` None: by the norms of the emotions."""

    name: str
    encoder_name: str
    encoder: SessionEncoder
    head_name: str
    head: GraphHead | None
    classes: tuple[str, ...]
    temperature: float
    checksums: Mapping[str, str]
    valence: GraphValence | None = None
    precision: str = "fp32"  # of the encoder; the rest is computed in fp32

    @property
    def causal(self) -> bool:
        """Whether a frame's outputs depend on no later frame."""
        return self.head is None or not self.head.recurrent.uses_later_frames

    @property
    def temporal(self) -> bool:
        """Whether a frame's outputs depend on other frames."""
        return self.head is not None

    @property
    def _projected(self) -> int:
        return 0 if self.head is None else len(self.head.projection)

    @property
    def input_dim(self) -> int:
        """Numbers per face that `encode` returns."""
        return self._projected + self.output_dim

    @property
    def output_dim(self) -> int:
        """A number per class, and valence where there is a valence model."""
        return len(self.classes) + (self.valence is not None)

    def encode(self, faces: np.ndarray) -> np.ndarray:
        """uint8 (face height width), or (face height width 3) RGB -> float32 (face input_dim): projected features, logits, valence."""
        if not len(faces):
            return np.zeros((0, self.input_dim), np.float32)
        features, logits = self.encoder.read(faces)
        parts = [logits] if self.head is None else [self.head.project(features), logits]
        parts += [] if self.valence is None else [self.valence.read(features)]
        return np.concatenate(parts, 1).astype(np.float32, copy=False)

    def look(self, inputs: np.ndarray, mask: np.ndarray, times_s: np.ndarray) -> np.ndarray:
        """(batch time input_dim), (batch time) bool, (batch time) seconds -> (batch time output_dim); each frame is computed with its context."""
        projected, logits, value = self._parts(inputs)
        made = [logits if self.head is None else self.head.look(projected, logits, mask, times_s)]
        if self.valence is not None:
            looks = logits if self.head is None else self.head.appearance(projected)
            made.append(average_where_alike(value, looks, mask, times_s))
        return np.concatenate(made, -1)

    def step(self, inputs: np.ndarray, state: Any = None) -> tuple[np.ndarray, Any]:
        """Further frames (batch time input_dim) after those that made `state` (None: the first ones) -> as `look`, and the state after them."""
        projected, logits, value = self._parts(inputs)
        made, after = (logits, None) if self.head is None else self.head.step(projected, logits, state)
        return np.concatenate([made, value], -1), after

    def read(self, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """(... output_dim) -> calibrated probabilities (... class), and with a valence model valence (...) in [-1, 1]; float64."""
        return read_outputs(self, outputs)

    def _parts(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        projected, end = self._projected, self._projected + len(self.classes)
        return inputs[..., :projected], inputs[..., projected:end], inputs[..., end:]


def open_graph_model(
    name: str, head: str, *, valence: bool, precision: str = "auto", place: Placement | None = None
) -> GraphModel | None:
    """An included model by tier or encoder name, or None where no graph or no such head is included for it.

    `head` is `none`, `average`, or the name of a temporal head (lstm, bilstm). `valence`: with the valence model that is included, if there is one.
    `precision` is auto, int8 or fp32. Raises WeightsError for a damaged file, SettingsError for int8 where no int8 graph is included.
    """
    encoder = TIERS.get(name, name)
    heads = SHIPPED_HEADS.get(encoder, {})
    stored = "bilstm" if head == AVERAGE else head
    if encoder not in SHIPPED_GRAPHS or (head != "none" and stored not in heads):
        return None
    tier = next((tier for tier, of in TIERS.items() if of == encoder), name)
    _, about = load_arrays(SHIPPED[encoder].path, SHIPPED[encoder].sha256)
    place = place or Placement()
    graph, computed_in = choose_graph(encoder, precision, place.kind)
    checksums = {"encoder": SHIPPED[encoder].sha256}
    temperature, made = float(about.get("temperature", 1.0)), None
    if head != "none":
        made, temperature = _head(heads[stored], corrects=head != AVERAGE)
        checksums["head"] = heads[stored].sha256
    levels = SHIPPED_VALENCE.get(encoder) if valence else None
    return GraphModel(
        tier,
        encoder,
        GraphEncoder(graph, place),
        head,
        made,
        tuple(about["classes"]),
        temperature,
        checksums,
        None if levels is None else read_graph_valence(levels, encoder),
        computed_in,
    )


def _head(weights: IncludedWeights, *, corrects: bool) -> tuple[GraphHead, float]:
    """The head, and the temperature of its outputs."""
    arrays, meta = load_arrays(weights.path, weights.sha256)
    shape = meta["sequence"]
    head = GraphHead(
        arrays[f"{_HEAD}feature_mean"],
        arrays[f"{_HEAD}feature_std"],
        arrays[f"{_HEAD}projection.weight"],
        arrays[f"{_HEAD}projection.bias"],
        head_of(arrays, f"{_HEAD}head."),
        float(arrays[f"{_HEAD}temperature"]),
        float(shape["correction_limit"]),
        corrects,
    )
    return head, float(meta["temperature"] if corrects else shape["average_temperature"])


def read_graph_valence(weights: IncludedWeights, name: str) -> GraphValence:
    """The included levels of valence of an encoder, under a name. Raises WeightsError for a damaged file."""
    arrays, _ = load_arrays(weights.path, weights.sha256)
    return GraphValence(name, weights.sha256, LEVELS_SOURCE, arrays[f"{_LEVELS}weight"], arrays[f"{_LEVELS}bias"])
