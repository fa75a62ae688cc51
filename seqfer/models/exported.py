"""Reads models of single faces that `seqfer export` wrote as ONNX, without torch: what a file says of itself is checked, and its graph against it.

Anybody may have made such a file, so everything that does not fit is an error of one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.input_files import limit, parse_json, read_bytes
from seqfer.core.one_line import one_line
from seqfer.models.graph_encoder import OnSession, SessionEncoder
from seqfer.models.graph_model import GraphModel
from seqfer.models.meta import check_meta
from seqfer.models.settings import SUFFIXES
from seqfer.models.single_face import SingleFaceModel
from seqfer.models.weights_file import LARGEST_WEIGHTS_BYTES, MAX_WEIGHTS
from seqfer.runs.onnx_session import Placement

ADVICE = "give a .onnx file that `seqfer export` wrote"
_TEXTS = ("encoder", "head", "corpus")  # of the metadata; all other values are JSON
_META = ("encoder", "classes", "temperature", "corpus", "class_shares")  # as in weights files
_READ = (*_META, "parameters", "head", "input_size_px", "channels")
_NEEDED = ("encoder", "classes", "temperature", "head", "input_size_px", "channels")


class ExportedEncoder(SessionEncoder):
    """The graph of a file: class logits of faces, and no features. `about` is what the file says of itself."""

    def __init__(self, path: Path, place: Placement) -> None:
        """Raises WeightsError for a file that is damaged, too large, of no single faces, or whose graph is not what it says."""
        content = read_bytes(path, ADVICE, limit(MAX_WEIGHTS, LARGEST_WEIGHTS_BYTES), error=WeightsError)
        try:
            super().__init__(content, place)
        except SettingsError:
            raise
        except Exception as error:  # ONNX Runtime has no common class of its errors
            raise WeightsError(
                one_line(f"{path}: is no ONNX file, or damaged ({_first_line(error)}); {ADVICE}")
            ) from None
        self._path, self.about = path, _about(path, self._session.get_modelmeta().custom_metadata_map)
        self.input_size, self.channels = int(self.about["input_size"]), int(self.about["channels"])
        self._check_graph()

    def _outputs(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        try:
            logits = self._session.run(("logits",), {"images": pixels})[0]
        except Exception as error:
            raise self._unlike(_first_line(error)) from None
        return np.zeros((len(pixels), 0), np.float32), logits

    def _check_graph(self) -> None:
        """Raises WeightsError where the graph takes or gives other arrays than the metadata say, on two black faces."""
        names = [given.name for given in self._session.get_inputs()]
        if names != ["images"]:
            raise self._unlike(f"it takes {', '.join(names) or 'nothing'}, not images alone")
        found = self._outputs(np.zeros((2, self.channels, self.input_size, self.input_size), np.float32))[1]
        wanted = (2, len(self.about["classes"]))
        if not isinstance(found, np.ndarray) or found.shape != wanted or found.dtype != np.float32:
            raise self._unlike(f"its logits are not float32 of shape {wanted}")

    def _unlike(self, why: str) -> WeightsError:
        return WeightsError(
            one_line(f"{self._path}: its graph is not what its metadata say ({why}); export the model again")
        )


@dataclass(frozen=True)
class ExportedImageModel(OnSession, SingleFaceModel):
    """`name` is the path of the file; `meta` is what it says, as weights files do. The mirrored view of models that have one is in the graph."""

    name: str
    encoder: ExportedEncoder
    meta: Mapping[str, Any]
    mirrored = False
    feature_dim = 0

    @property
    def parameters(self) -> int:
        """Numbers in the weights it was exported from; 0 where the file does not say."""
        return int(self.encoder.about.get("parameters", 0))

    @property
    def features_key(self) -> Mapping[str, Any]:
        """It has no features. Raises WeightsError."""
        raise self._no_features()

    def read(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (face height width), or (face height width 3) RGB -> no features (face 0), and logits (face class) float32."""
        return self.encoder.read(faces)

    def embed(self, faces: np.ndarray) -> np.ndarray:
        """It has no features. Raises WeightsError."""
        raise self._no_features()

    def _no_features(self) -> WeightsError:
        return WeightsError(
            f"{self.name}: an exported model gives no features; give the .safetensors file or the name of the model"
        )


def is_exported(model: str) -> bool:
    """Whether a model is named by the file of an exported one."""
    return model.endswith(SUFFIXES["onnx"])


def open_exported(path: str, place: Placement) -> ExportedImageModel:
    """The model of single faces in a .onnx file. Errors as of `ExportedEncoder`."""
    encoder = ExportedEncoder(Path(path), place)
    meta = {key: encoder.about[key] for key in _META if key in encoder.about}
    return ExportedImageModel(path, encoder, {**meta, "input_size": encoder.input_size, "sha256": encoder.checksum})


def open_exported_video(path: str, place: Placement) -> GraphModel:
    """The same as a model for videos, which reads every frame by itself."""
    model = open_exported(path, place)
    return GraphModel(
        path,
        model.encoder_name,
        model.encoder,
        "none",
        None,
        model.classes,
        model.temperature,
        {"encoder": model.checksum},
    )


def _about(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """What the file says of itself. Raises WeightsError where something is missing, wrong, or of a model over time."""
    try:
        found = {key: text if key in _TEXTS else parse_json(text) for key, text in metadata.items() if key in _READ}
    except ValueError as error:
        raise WeightsError(one_line(f"{path}: its metadata cannot be read ({error}); export the model again")) from None
    about = {key: value for key, value in found.items() if value not in ("", [])}
    for key in _NEEDED:
        if key not in about:
            raise WeightsError(f"{path}: its metadata have no {key}; {ADVICE}")
    about["input_size"] = about.pop("input_size_px")
    if about["head"] != "none":
        raise WeightsError(
            one_line(
                f"{path}: takes the faces of a whole track (head {about['head']}); give a file of single faces: seqfer export --head none"
            )
        )
    checked = check_meta(path, about, str(about["encoder"]))
    if about["channels"] not in (1, 3) or not about["input_size"] or not isinstance(about.get("parameters", 0), int):
        raise WeightsError(
            f"{path}: its metadata have channels, input_size_px or parameters that no model has; export the model again"
        )
    return checked


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
