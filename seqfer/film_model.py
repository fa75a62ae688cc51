"""What turns the faces of a film into probabilities: an encoder, a temporal head on top of it, a temperature. One file on disk, or shipped.

A sequence file holds the head and its feature statistics. It names the encoder it was trained on: one that ships (by its checksum, so that a
head never runs on other features than it learned from), or one whose tensors lie in the same file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqfer import parts
from seqfer.device import uses_bf16
from seqfer.emotions import VALENCE_NORMS
from seqfer.errors import SettingsError, WeightsError
from seqfer.features import run_frames
from seqfer.layers import FrameEncoder, folded
from seqfer.manifest import file_checksum
from seqfer.model import SequenceModel
from seqfer.weights import (
    SHIPPED,
    SHIPPED_HEADS,
    TIERS,
    load_encoder_weights,
    load_into,
    load_tensors,
    open_model,
    save_tensors,
)

BATCH = 16  # faces at a time: more are no quicker and take more memory
_ENCODER, _HEAD = "encoder.", "head."


@dataclass(frozen=True)
class FilmModel:
    """`head` None: every frame by itself, from the encoder's own classifier. `temperature` divides the logits.
    `bf16`: the encoder multiplies in bfloat16, twice as fast where the processor has it; logits then move in their third digit."""

    name: str
    encoder_name: str
    encoder: FrameEncoder
    head_name: str
    head: SequenceModel | None
    classes: tuple[str, ...]
    temperature: float
    checksums: Mapping[str, str]
    bf16: bool = False

    @property
    def causal(self) -> bool:
        """Whether a frame's probabilities depend on no later frame."""
        return self.head is None or bool(parts.find("heads", self.head_name).CAUSAL)

    @property
    def input_dim(self) -> int:
        """Numbers per face that pass from the encoder's side to the temporal side."""
        return len(self.classes) if self.head is None else self.head.projection.out_features

    @torch.no_grad()
    def encode(self, faces: np.ndarray) -> Tensor:
        """uint8 (face height width), or (face height width 3) RGB, of the encoder's size -> (face input_dim): the head's inputs, or logits
        where there is no head."""
        if not len(faces):
            return torch.zeros(0, self.input_dim)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            look = self.encoder.classify if self.head is None else self.encoder.embed
            seen = run_frames(look, faces, batch=BATCH).float()
        return seen if self.head is None else self.head.project(seen)

    def probabilities(self, logits: Tensor) -> np.ndarray:
        """(... class) logits -> calibrated probabilities, float64."""
        return (logits.double() / self.temperature).softmax(-1).numpy()

    def norms(self) -> np.ndarray:
        """Valence norms (class,) of the model's classes."""
        return np.array([VALENCE_NORMS[name] for name in self.classes])


def open_film_model(
    model: str = "compact", *, causal: bool = False, frames_alone: bool = False, precision: str = "fp32"
) -> FilmModel:
    """A shipped tier by name, with its BiLSTM head (or, with `causal`, its LSTM head), or a .safetensors file: of `seqfer train` (every frame
    by itself) or of `seqfer train-head`. `frames_alone` leaves the temporal head out. `precision` "auto" is bf16 where the processor has
    instructions for it, else fp32.

    Raises WeightsError for a file that is damaged or does not fit, SettingsError for a tier that is not known, and when a causal model was
    asked for and the file's is not.
    """
    if model.endswith(".safetensors"):
        opened = _from_file(Path(model), frames_alone)
    elif not {model, TIERS.get(model)} & SHIPPED.keys():
        tiers = [name for name, encoder in TIERS.items() if encoder in SHIPPED]
        raise SettingsError(f"model is {model!r}; allowed: {', '.join(tiers)}, or a .safetensors file")
    else:
        tier = model if model in TIERS else next((t for t, encoder in TIERS.items() if encoder == model), model)
        heads = SHIPPED_HEADS.get(TIERS.get(tier, model), {})
        head = "lstm" if causal else "bilstm"
        if frames_alone or head not in heads:
            encoder, meta = load_encoder_weights(TIERS.get(tier, model), "shipped")
            opened = _frame_by_frame(tier, encoder, meta)
        else:
            opened = _from_file(heads[head].path, frames_alone, heads[head].sha256, tier)
    if causal and not opened.causal:
        raise SettingsError(
            f"{model}: its head {opened.head_name} looks at later frames too; leave --causal out, or train one with head=lstm"
        )
    return replace(opened, bf16=uses_bf16(precision, torch.device("cpu")))


def _frame_by_frame(name: str, encoder: FrameEncoder, meta: Mapping[str, Any]) -> FilmModel:
    return FilmModel(
        name,
        meta["encoder"],
        folded(encoder),
        "none",
        None,
        tuple(meta["classes"]),
        float(meta.get("temperature", 1.0)),
        {"encoder": meta["sha256"]},
    )


def _from_file(path: Path, frames_alone: bool, sha256: str | None = None, name: str | None = None) -> FilmModel:
    tensors, meta = load_tensors(path, sha256)
    if "sequence" not in meta:
        return _frame_by_frame(name or path.name, *open_model(str(path)))
    encoder, encoder_meta = _encoder_of(path, tensors, meta)
    if frames_alone:
        return _frame_by_frame(name or path.name, encoder, encoder_meta)
    shape = meta["sequence"]
    head = SequenceModel(shape["feature_dim"], shape["head"], len(meta["classes"]), projection=shape["projection"])
    load_into(head, _with_prefix(tensors, _HEAD), str(path))
    checksums = {"encoder": encoder_meta["sha256"], "head": sha256 or file_checksum(path)}
    return FilmModel(
        name or path.name,
        meta["encoder"],
        folded(encoder),
        shape["head"],
        head.eval(),
        tuple(meta["classes"]),
        float(meta["temperature"]),
        checksums,
    )


def _encoder_of(
    path: Path, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]
) -> tuple[FrameEncoder, dict[str, Any]]:
    name = meta["encoder"]
    own = _with_prefix(tensors, _ENCODER)
    if own:
        encoder = parts.find("encoders", name).build(classes=len(meta["encoder_classes"]))
        load_into(encoder, own, str(path))
        return encoder.eval(), {
            "encoder": name,
            "classes": meta["encoder_classes"],
            "temperature": meta["encoder_temperature"],
            "sha256": meta["encoder_sha256"],
        }
    if name not in SHIPPED or SHIPPED[name].sha256 != meta["encoder_sha256"]:
        raise WeightsError(
            f"{path}: was trained on other weights of {name} than those that ship with this seqfer; train the head again"
        )
    return load_encoder_weights(name)


def _with_prefix(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def save_film_model(
    path: Path,
    head: SequenceModel,
    head_name: str,
    classes: Sequence[str],
    encoder: FrameEncoder,
    encoder_meta: Mapping[str, Any],
    meta: Mapping[str, Any],
    *,
    half: bool = False,
) -> str:
    """Write a head, and its encoder where that is not one that ships; `meta` needs `temperature`. Returns the file's sha256."""
    name = encoder_meta["encoder"]
    tensors = {_HEAD + key: value for key, value in head.state_dict().items()}
    ships = name in SHIPPED and SHIPPED[name].sha256 == encoder_meta["sha256"]
    if not ships:
        tensors |= {_ENCODER + key: value for key, value in encoder.state_dict().items()}
    shape = {"head": head_name, "feature_dim": head.projection.in_features, "projection": head.projection.out_features}
    about = {
        "encoder": name,
        "encoder_sha256": encoder_meta["sha256"],
        "encoder_classes": list(encoder_meta["classes"]),
        "encoder_temperature": float(encoder_meta.get("temperature", 1.0)),
        "classes": list(classes),
        "sequence": shape,
    }
    stored = {k: v.half() if half and v.is_floating_point() else v for k, v in tensors.items()}
    return save_tensors(path, stored, {**meta, **about})
