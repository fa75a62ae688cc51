"""Valence models of still faces: logits of nine levels, whose expectation is valence in [-1, 1], from a file or included with seqfer.

A file has a whole network (an encoder whose classes are the levels), or only the last layer for an included encoder: that layer uses the
features which `seqfer annotate-video` has already computed, so that a video needs one encoder only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.files import file_checksum
from seqfer.core.rated_valence import LEVEL_NAMES
from seqfer.models.features import run_frames
from seqfer.models.included import SHIPPED, SHIPPED_VALENCE, TIERS
from seqfer.models.layers import FrameEncoder, expected_valence, fuse_conv_bn
from seqfer.models.meta import need_keys
from seqfer.models.weights import load_into, load_tensors, read_encoder, save_tensors

_LEVELS = "levels."


@dataclass(frozen=True)
class ValenceModel:
    """`levels` turns the features of `encoder` into logits of the nine levels. `encoder_checksum` is that of the weights the features come from."""

    name: str
    encoder_name: str
    encoder: FrameEncoder
    levels: nn.Module
    encoder_checksum: str
    checksum: str
    meta: Mapping[str, Any]
    runtime: str = "torch"
    has_valence = True
    temporal = False

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.encoder.device

    @property
    def input_size(self) -> int:
        """Width and height of a face in pixels."""
        return self.encoder.input_size

    @property
    def channels(self) -> int:
        """1 for grey faces, 3 for RGB."""
        return self.encoder.channels

    def to(self, device: torch.device) -> ValenceModel:
        """The same model on a device; its layers are moved, not copied."""
        self.encoder.to(device)
        self.levels.to(device)
        return self

    def on_runtime(self, encoder: FrameEncoder, runtime: str) -> ValenceModel:
        """The same model computed by its encoder on another runtime."""
        return replace(self, encoder=encoder, runtime=runtime)

    @torch.no_grad()
    def valence(self, faces: np.ndarray, *, mirror: bool = False) -> np.ndarray:
        """uint8 (face height width), or (face height width 3), of the encoder's size -> valence (face,) float64; with `mirror` the mean of
        the image's and its mirror image's."""
        short = fuse_conv_bn(self.encoder)

        def read(pixels: Tensor) -> Tensor:
            return expected_valence(self.levels(short.embed(pixels)).cpu().double())  # mps has no float64

        views = [
            run_frames(read, faces, mirror=m, device=self.device).numpy()
            for m in ((False, True) if mirror else (False,))
        ]
        result: np.ndarray = np.mean(views, axis=0)
        return result


def read_valence_model(model: str = "compact") -> ValenceModel:
    """An included tier by name, or a .safetensors file of `seqfer train-valence`.

    Raises WeightsError for a file that is damaged or has no levels of valence, SettingsError for a tier without an included valence model.
    """
    if model.endswith(".safetensors"):
        return _from_file(Path(model))
    encoder = TIERS.get(model, model)
    if encoder not in SHIPPED_VALENCE:
        allowed = ", ".join(tier for tier, name in TIERS.items() if name in SHIPPED_VALENCE)
        raise SettingsError(
            f"no valence weights are included for {model!r}; allowed: {allowed}, or a .safetensors file of train-valence"
        )
    shipped = SHIPPED_VALENCE[encoder]
    return _from_file(shipped.path, shipped.sha256, model)


def _from_file(path: Path, sha256: str | None = None, name: str | None = None) -> ValenceModel:
    tensors, meta = load_tensors(path, sha256)
    if tuple(meta.get("classes") or ()) != LEVEL_NAMES:
        raise WeightsError(f"{path}: has no levels of valence; give a valence.safetensors of `seqfer train-valence`")
    checksum = sha256 or file_checksum(path)
    need_keys(path, meta, ("encoder",))
    encoder_name = meta["encoder"]
    if "encoder_sha256" not in meta:
        encoder, _ = read_encoder(str(path))
        return ValenceModel(
            name or path.name, encoder_name, encoder, encoder.classifier.eval(), checksum, checksum, meta
        )
    if encoder_name not in SHIPPED or SHIPPED[encoder_name].sha256 != meta["encoder_sha256"]:
        raise WeightsError(
            f"{path}: was trained on other weights of {encoder_name} than those of this seqfer; train it again"
        )
    encoder, _ = read_encoder(encoder_name)
    levels = nn.Linear(encoder.output_layer.in_features, len(LEVEL_NAMES))
    own = {key.removeprefix(_LEVELS): tensor for key, tensor in tensors.items() if key.startswith(_LEVELS)}
    load_into(levels, own, str(path))
    return ValenceModel(name or path.name, encoder_name, encoder, levels.eval(), meta["encoder_sha256"], checksum, meta)


def save_levels(path: Path, levels: nn.Linear, encoder_meta: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    """Write a last layer for the included weights that `encoder_meta` describes; returns the file's sha256."""
    about = {
        "encoder": encoder_meta["encoder"],
        "encoder_sha256": encoder_meta["sha256"],
        "classes": list(LEVEL_NAMES),
    }
    return save_tensors(path, {_LEVELS + k: v for k, v in levels.state_dict().items()}, {**meta, **about})
