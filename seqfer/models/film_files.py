"""Reads and writes video models: a file has a temporal head and its feature statistics.

It names the encoder it was trained on: one included with seqfer (by its checksum, so that a head only runs on the features it was trained on),
or one whose tensors are in the same file. A head that regresses valence is in a file of the same format, marked as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from seqfer.core import registry
from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.files import file_checksum
from seqfer.models.film_model import FilmModel
from seqfer.models.film_valence import FilmValence
from seqfer.models.graph_model import LEVELS_SOURCE
from seqfer.models.included import SHIPPED, SHIPPED_HEADS, SHIPPED_VALENCE, TIERS, IncludedWeights
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.models.logit_correction import LogitCorrection
from seqfer.models.meta import OF_HEADS, VALENCE, need_keys
from seqfer.models.sequence import SequenceModel
from seqfer.models.valence_model import read_valence_model
from seqfer.models.weights import build_stated, load_into, load_tensors, read_encoder, save_tensors

_ENCODER, _HEAD = "encoder.", "head."
_HEAD_SOURCE = "temporal regression of valence, trained on annotated clips"


def read_film_model(model: str = "compact", *, causal: bool = False, frames_alone: bool = False) -> FilmModel:
    """An included tier by name, with its head that uses later frames (or, with `causal`, the one that does not), or a .safetensors file: of
    `seqfer train` (every frame by itself) or of `seqfer train-head`. `frames_alone` leaves the temporal head out. Computes in fp32 on the CPU.

    Raises WeightsError for a file that is damaged or does not fit, SettingsError for an unknown tier, and when `causal` is set and
    the file's head is not causal.
    """
    if model.endswith(".safetensors"):
        opened = _from_file(Path(model), frames_alone)
    elif not {model, TIERS.get(model)} & SHIPPED.keys():
        tiers = [name for name, encoder in TIERS.items() if encoder in SHIPPED]
        raise SettingsError(f"model is {model!r}; allowed: {', '.join(tiers)}, or a .safetensors file")
    else:
        tier = model if model in TIERS else next((t for t, encoder in TIERS.items() if encoder == model), model)
        head = None if frames_alone else _included_head(TIERS.get(tier, model), causal)
        if head is None:
            opened = _frame_by_frame(tier, *read_encoder(TIERS.get(tier, model)))
        else:
            opened = _from_file(head.path, frames_alone, head.sha256, tier)
    if causal and not opened.causal:
        raise SettingsError(
            f"{model}: its head {opened.head_name} uses later frames too; omit --causal, or train a head with head=lstm"
        )
    return opened


def _included_head(encoder: str, causal: bool) -> IncludedWeights | None:
    """The temporal head included for an encoder that uses only earlier frames (`causal`) or later ones too."""
    heads = SHIPPED_HEADS.get(encoder, {})
    return next((heads[name] for name in heads if bool(registry.find("heads", name).CAUSAL) == causal), None)


def _frame_by_frame(name: str, encoder: FrameEncoder, meta: Mapping[str, Any]) -> FilmModel:
    return FilmModel(
        name,
        meta["encoder"],
        fuse_conv_bn(encoder),
        "none",
        None,
        tuple(meta["classes"]),
        float(meta.get("temperature", 1.0)),
        {"encoder": meta["sha256"]},
    )


def _from_file(path: Path, frames_alone: bool, sha256: str | None = None, name: str | None = None) -> FilmModel:
    tensors, meta = load_tensors(path, sha256)
    if list(meta.get("classes") or ()) == [VALENCE]:
        raise WeightsError(f"{path}: is a valence model without emotions; give it with --valence-model")
    if "sequence" not in meta:
        return _frame_by_frame(name or path.name, *read_encoder(str(path)))
    encoder, encoder_meta = _encoder_of(path, tensors, meta)
    if frames_alone:
        return _frame_by_frame(name or path.name, encoder, encoder_meta)
    shape, head = meta["sequence"], _head_of(path, tensors, meta)
    checksums = {"encoder": encoder_meta["sha256"], "head": sha256 or file_checksum(path)}
    return FilmModel(
        name or path.name,
        meta["encoder"],
        fuse_conv_bn(encoder),
        shape["head"],
        head,
        tuple(meta["classes"]),
        float(meta["temperature"]),
        checksums,
    )


def add_valence(film: FilmModel, which: str = "auto") -> FilmModel:
    """The video model with a valence model: `auto` is the one included for its encoder (if none, unchanged: valence is then the expectation
    over valence norms), else a tier by name or a .safetensors file of `seqfer train-valence` or of `seqfer train-head` on valence.

    A valence model on the same encoder uses its features. Raises WeightsError or SettingsError for a model that does not fit.
    """
    if which == "auto":
        if film.encoder_name not in SHIPPED_VALENCE or film.checksums["encoder"] != SHIPPED[film.encoder_name].sha256:
            return film
        which = film.encoder_name
    reader, encoder_checksum = _valence_of(which)
    assert reader.encoder is not None
    own, other = film.encoder, reader.encoder
    if (own.input_size, own.channels) != (other.input_size, other.channels):
        raise SettingsError(
            f"{which}: takes faces of {other.input_size} pixels and {other.channels} channels, "
            f"{film.name} at {own.input_size} and {own.channels}; give a model of the same kind"
        )
    shared = encoder_checksum == film.checksums["encoder"]
    valence = replace(reader, encoder=None if shared else other)
    valence.move(film.device)
    return replace(film, valence=valence)


def _valence_of(which: str) -> tuple[FilmValence, str]:
    """(valence model with its encoder, checksum of the encoder's weights)."""
    if which.endswith(".safetensors"):
        path = Path(which)
        tensors, meta = load_tensors(path)
        if list(meta.get("classes") or ()) == [VALENCE] and "sequence" in meta:
            encoder, encoder_meta = _encoder_of(path, tensors, meta)
            causal = bool(registry.find_builtin("heads", meta["sequence"]["head"]).CAUSAL)
            head = _head_of(path, tensors, meta)
            reader = FilmValence(
                path.name, file_checksum(path), _HEAD_SOURCE, fuse_conv_bn(encoder), None, head, causal
            )
            return reader, encoder_meta["sha256"]
    model = read_valence_model(which)
    reader = FilmValence(model.name, model.checksum, LEVELS_SOURCE, fuse_conv_bn(model.encoder), model.levels)
    return reader, model.encoder_checksum


def _head_of(path: Path, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> SequenceModel:
    shape = meta["sequence"]
    stated = (shape["projection"], shape["feature_dim"])
    given = tensors.get(f"{_HEAD}projection.weight")
    if given is None or tuple(given.shape) != stated:  # compared before anything of that size is made
        raise WeightsError(f"{path}: its head's projection is not of the shape {stated} that it states; train it again")
    common = (shape["feature_dim"], shape["head"], len(meta["classes"]), 0.0, shape["projection"])
    head = SequenceModel(*common)
    if shape.get("correction_limit"):
        head = LogitCorrection(*common, limit=shape["correction_limit"], temperature=meta["encoder_temperature"])
        head.average_temperature = shape.get("average_temperature", 1.0)
    load_into(head, _with_prefix(tensors, _HEAD), str(path))
    if not (head.feature_std > 0).all():
        raise WeightsError(f"{path}: its head divides features by 0 or less; train it again")
    return head.eval()


def _encoder_of(
    path: Path, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]
) -> tuple[FrameEncoder, dict[str, Any]]:
    need_keys(path, meta, OF_HEADS)
    name = meta["encoder"]
    own = _with_prefix(tensors, _ENCODER)
    if own:
        encoder = build_stated(path, name, len(meta["encoder_classes"]), meta.get("encoder_input_size", 0), own)
        load_into(encoder, own, str(path))
        return encoder.eval(), {
            "encoder": name,
            "classes": meta["encoder_classes"],
            "temperature": meta["encoder_temperature"],
            "sha256": meta["encoder_sha256"],
        }
    if name not in SHIPPED or SHIPPED[name].sha256 != meta["encoder_sha256"]:
        raise WeightsError(
            f"{path}: was trained on other weights of {name} than those of this seqfer; train the head again"
        )
    return read_encoder(name)


def _correction(model: SequenceModel) -> dict[str, float]:
    """What a file holds of a correction, beside its tensors."""
    if not isinstance(model, LogitCorrection):
        return {}
    return {"correction_limit": model.limit, "average_temperature": model.average_temperature}


def _with_prefix(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


@dataclass(frozen=True)
class TrainedHead:
    """A temporal head to write to a file. `classes` are those of its outputs, (VALENCE,) for a head that regresses valence; `meta` needs
    `temperature`."""

    model: SequenceModel
    name: str
    classes: Sequence[str]
    meta: Mapping[str, Any]


def save_film_model(
    path: Path, head: TrainedHead, encoder: FrameEncoder, encoder_meta: Mapping[str, Any], *, half: bool = False
) -> str:
    """Write a head, and its encoder where that is not an included one. Returns the file's sha256."""
    name, projection = encoder_meta["encoder"], head.model.projection
    tensors = {_HEAD + key: value for key, value in head.model.state_dict().items()}
    ships = name in SHIPPED and SHIPPED[name].sha256 == encoder_meta["sha256"]
    if not ships:
        tensors |= {_ENCODER + key: value for key, value in encoder.state_dict().items()}
    about = {
        "encoder": name,
        "encoder_sha256": encoder_meta["sha256"],
        "encoder_classes": list(encoder_meta["classes"]),
        "encoder_temperature": float(encoder_meta.get("temperature", 1.0)),
        "encoder_input_size": encoder_meta.get("input_size", 0),
        "classes": list(head.classes),
        "sequence": {
            "head": head.name,
            "feature_dim": projection.in_features,
            "projection": projection.out_features,
            **_correction(head.model),
        },
    }
    stored = {k: v.half() if half and v.is_floating_point() else v for k, v in tensors.items()}
    return save_tensors(path, stored, {**head.meta, **about})
