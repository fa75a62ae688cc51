"""The one way to open a trained model, by name or file: `seqfer.models.open`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal, overload

import torch

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.files import file_checksum
from seqfer.core.rated_valence import LEVEL_NAMES
from seqfer.models.film_files import read_film_model
from seqfer.models.film_model import FilmModel
from seqfer.models.image_model import ImageModel
from seqfer.models.included import included_encoder
from seqfer.models.meta import VALENCE
from seqfer.models.valence_model import ValenceModel, read_valence_model
from seqfer.models.weights import load_tensors, read_encoder
from seqfer.runs.device import pick_device, uses_bf16

Kind = Literal["auto", "image", "valence", "video"]
KINDS = ("auto", "image", "valence", "video")


@overload
def open_model(name_or_file: str | Path, *, kind: Literal["image"], device: str = ...) -> ImageModel: ...
@overload
def open_model(name_or_file: str | Path, *, kind: Literal["valence"], device: str = ...) -> ValenceModel: ...
@overload
def open_model(
    name_or_file: str | Path,
    *,
    kind: Literal["video"],
    device: str = ...,
    precision: str = ...,
    causal: bool = ...,
    frames_alone: bool = ...,
) -> FilmModel: ...
@overload
def open_model(
    name_or_file: str | Path, *, kind: Kind = ..., device: str = ...
) -> ImageModel | ValenceModel | FilmModel: ...
def open_model(
    name_or_file: str | Path,
    *,
    kind: Kind = "auto",
    device: str = "auto",
    precision: str = "fp32",
    causal: bool = False,
    frames_alone: bool = False,
) -> ImageModel | ValenceModel | FilmModel:
    """A trained model on a device: of single faces (`image`), of valence (`valence`), or of the faces of a video over time (`video`).

    `name_or_file` is a tier (small, compact), the name of an encoder with included weights, or a .safetensors file of `seqfer train`,
    `train-valence`, `train-head` or `train-valence-head`. `kind` "auto" takes what the file holds; a name is then a model of single faces. `device`
    is auto, cpu, cuda, cuda:N or mps. The other arguments are for videos: `precision` is fp32, bf16 (GPUs only), or auto (bf16 on a GPU that
    has instructions for it); `causal` asks for a temporal head that uses no later frames; `frames_alone` leaves the temporal head out.

    Raises WeightsError for a file that is damaged, of another kind or not known, SettingsError for an unknown tier or device.
    """
    name, place = str(name_or_file), pick_device(device)
    if kind not in KINDS:
        raise SettingsError(f"kind of model is {kind!r}; allowed: {', '.join(KINDS)}")
    kind = kind_of(name) if kind == "auto" else kind
    if kind == "valence":
        return read_valence_model(name).to(place)
    if kind == "video":
        model = read_film_model(name, causal=causal, frames_alone=frames_alone)
        return replace(model, bf16=_in_bf16(precision, place)).to(place)
    encoder, meta = read_encoder(name)
    encoder.to(place)
    return ImageModel(name, encoder, meta)


def _in_bf16(precision: str, device: torch.device) -> bool:
    """Whether a video model computes in bfloat16. Raises SettingsError for a precision that torch does not compute in on this device."""
    if precision not in ("auto", "fp32", "bf16"):
        raise SettingsError(f"precision is {precision!r}; with torch, fp32 and on GPUs bf16 are allowed")
    if device.type == "cpu" and precision == "bf16":
        raise SettingsError(
            "precision is 'bf16', which is for GPUs (on the CPU it takes more time than fp32); give int8, fp32 or auto, or --device cuda"
        )
    return device.type != "cpu" and uses_bf16(precision, device)


def kind_of(name: str) -> Literal["image", "valence", "video"]:
    """What a file holds; names are of models of single faces. Raises WeightsError for a file of another kind."""
    if not name.endswith(".safetensors"):
        return "image"
    meta = load_tensors(Path(name))[1]
    if "seqfer_ensemble" in meta:
        raise WeightsError(f"{name}: is an ensemble of several models; give it to `seqfer ensemble --apply`")
    if list(meta.get("classes") or ()) == [VALENCE]:
        raise WeightsError(
            f"{name}: is a valence model over time, for use with a video model; give it with --valence-model"
        )
    if tuple(meta.get("classes") or ()) == LEVEL_NAMES:
        return "valence"
    return "video" if "sequence" in meta else "image"


def model_checksum(model: str) -> str:
    """sha256 of the weights of a model of single faces, without building anything. Raises WeightsError when there are none of that name."""
    if model.endswith(".safetensors"):
        return file_checksum(Path(model))
    included = included_encoder(model)
    if included is None:
        raise WeightsError(f"no weights are included for {model!r}; give a .safetensors file")
    return included.sha256
