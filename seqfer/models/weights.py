"""Reads and writes weights files: safetensors only, written atomically, verified by checksum where they are included with seqfer.

A file has tensors and a JSON `meta` (architecture, classes, settings). A pickle is rejected before it is read; a wrong checksum, a missing
tensor or another architecture is an error of one line. Weights are never initialised randomly without notice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from seqfer.core import registry
from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.files import file_checksum, write_atomically
from seqfer.models.included import SHIPPED, TIERS
from seqfer.models.layers import FrameEncoder
from seqfer.models.weights_file import META, damaged, read_weights

LARGEST_USUAL_PX = 256  # up to here no encoder has more than 600 MB
LARGEST_VALUE = 1e12  # of a weight: no training leaves more, and a few layers of such values overflow


def save_tensors(path: Path, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> str:
    """Write tensors and meta atomically as safetensors; returns the file's sha256 as hex."""
    data = save({name: t.detach().cpu().contiguous() for name, t in tensors.items()}, metadata={META: json.dumps(meta)})
    write_atomically(path, data)
    return hashlib.sha256(data).hexdigest()


def load_tensors(
    path: Path, sha256: str | None = None, known_encoder: str | None = None, most_bytes: int | None = None
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read (tensors, meta) as `read_weights` does, and with its errors."""
    data, meta = read_weights(path, sha256, known_encoder, most_bytes)
    try:
        tensors = load(data)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise damaged(path, error) from None
    return tensors, meta


def load_into(module: nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """Copy tensors into a module of exactly this architecture; half precision is widened. Raises WeightsError when they do not fit."""
    wanted = module.state_dict()
    missing, extra = sorted(set(wanted) - set(tensors)), sorted(set(tensors) - set(wanted))
    wrong = [name for name in wanted if name in tensors and wanted[name].shape != tensors[name].shape]
    if missing or extra or wrong:
        what = (
            f"{len(missing)} tensors are missing (first: {missing[0]})"
            if missing
            else f"{len(extra)} tensors are not part of the architecture (first: {extra[0]})"
            if extra
            else f"{wrong[0]} has shape {tuple(tensors[wrong[0]].shape)}, not {tuple(wanted[wrong[0]].shape)}"
        )
        raise WeightsError(f"{where}: weights of another architecture: {what}")
    fitted = {name: tensors[name].to(wanted[name].dtype) for name in wanted if not tensors[name].is_complex()}
    bad = next((name for name in wanted if name not in fitted or not _is_usable(fitted[name])), None)
    if bad is not None:
        raise WeightsError(
            f"{where}: {bad} has values that are not finite numbers, or beyond {LARGEST_VALUE:g}; train it again"
        )
    module.load_state_dict(fitted)


def _is_usable(values: Tensor) -> bool:
    return bool(values.isfinite().all()) and (not values.numel() or float(values.abs().max()) <= LARGEST_VALUE)


def read_encoder(which: str, encoder: str | None = None) -> tuple[FrameEncoder, dict[str, Any]]:
    """(encoder in eval mode on the CPU, meta) of a .safetensors file of any encoder, or of included weights: by tier or by encoder name.

    With `encoder` the weights must be of that encoder; `which` may then be `shipped`, the weights included for it, or a file of any name. `meta` has
    at least `encoder`, `classes` and the file's `sha256`; `temperature` where one was fitted.

    Raises WeightsError when none are included, or when the file is of another encoder or does not fit.
    """
    if which.endswith(".safetensors") or (encoder is not None and which != "shipped"):
        return _read_encoder(Path(which), encoder)
    name = encoder or TIERS.get(which, which)
    if name not in SHIPPED:
        allowed = ", ".join((*(tier for tier, known in TIERS.items() if known in SHIPPED), *SHIPPED)) or "none"
        raise WeightsError(
            f"no weights are included for encoder {name!r} (for: {allowed}); give a .safetensors file, or none for random weights"
        )
    return _read_encoder(SHIPPED[name].path, name, SHIPPED[name].sha256)


def _read_encoder(
    path: Path, encoder: str | None = None, sha256: str | None = None
) -> tuple[FrameEncoder, dict[str, Any]]:
    """Build the encoder of a file; with `encoder` it must be that one, with `sha256` the file must have that checksum."""
    tensors, meta = load_tensors(path, sha256, encoder)
    if not (meta.get("encoder") and meta.get("classes")):
        raise WeightsError(f"{path}: has no encoder with its classes; give an encoder.safetensors of `seqfer train`")
    if encoder is not None and meta["encoder"] != encoder:
        raise WeightsError(
            f"{path}: weights of encoder {meta['encoder']!r}, not {encoder!r}; name the encoder they belong to"
        )
    module = build_stated(path, meta["encoder"], len(meta["classes"]), meta.get("input_size", 0), tensors)
    load_into(module, tensors, str(path))
    return module.eval(), {**meta, "sha256": sha256 or file_checksum(path)}


def build_stated(path: Path, name: str, classes: int, input_size: int, tensors: Mapping[str, Tensor]) -> FrameEncoder:
    """The new encoder that a file with these tensors states. Raises WeightsError, which names the file, where it cannot be built."""
    try:
        if input_size > LARGEST_USUAL_PX and takes(name, "input_size"):
            needed, given = state_values(name, classes, input_size), sum(tensor.numel() for tensor in tensors.values())
            if needed > given:  # known before anything of that size is made
                raise WeightsError(
                    f"{path}: {name} with input_size {input_size} has {needed:,} values, the file {given:,}; train it again"
                )
        return build_encoder(name, classes, input_size)
    except SettingsError as error:
        raise WeightsError(f"{path}: {error}") from None


def build_encoder(name: str, classes: int, input_size: int = 0, pretrained: bool = False) -> FrameEncoder:
    """A new encoder for faces of `input_size` pixels (0: its default size), with `pretrained` from ImageNet's weights, which are downloaded.

    Raises SettingsError when it takes faces of one size only or has no such weights, WeightsError when they cannot be downloaded.
    """
    build = registry.find("encoders", name).build
    more: dict[str, Any] = {}
    if input_size:
        if not takes(name, "input_size"):
            raise SettingsError(f"input_size = {input_size}: {name} takes faces of one size only; set it to 0")
        more["input_size"] = input_size
    if pretrained:
        if not takes(name, "pretrained"):
            raise SettingsError(
                f"pretrained = true: there are no ImageNet weights for {name}; set it to false, or give start"
            )
        more["pretrained"] = True
    encoder: FrameEncoder = build(classes=classes, **more)
    return encoder


def state_values(name: str, classes: int, input_size: int = 0) -> int:
    """How many values the state of an encoder has; takes no memory for them."""
    with torch.device("meta"):
        return sum(value.numel() for value in build_encoder(name, classes, input_size).state_dict().values())


def takes(name: str, setting: str) -> bool:
    """Whether an encoder's `build` takes a setting: its file lists them in `TAKES`."""
    return setting in getattr(registry.find("encoders", name), "TAKES", ())


def save_encoder(
    path: Path, name: str, encoder: FrameEncoder, classes: Sequence[str], meta: Mapping[str, Any], *, half: bool = False
) -> str:
    """Write an encoder with everything needed to build it again; `half` stores float16. Returns the sha256."""
    tensors = {k: v.half() if half and v.is_floating_point() else v for k, v in encoder.state_dict().items()}
    size = {"input_size": encoder.input_size} if takes(name, "input_size") else {}
    return save_tensors(path, tensors, {**meta, **size, "encoder": name, "classes": list(classes)})
