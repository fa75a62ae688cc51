"""Reads and writes weights files: safetensors only, written atomically, verified by checksum where they are included with seqfer.

A file has tensors and a JSON `meta` (architecture, classes, settings). A pickle is rejected before it is read; a wrong checksum, a missing
tensor or another architecture is an error of one line. Weights are never initialised randomly without notice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from seqfer.core import registry
from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.files import file_checksum, write_atomically
from seqfer.core.input_files import limit, parse_json, reason, regular_file
from seqfer.core.one_line import one_line
from seqfer.models.layers import FrameEncoder
from seqfer.models.meta import check_meta

_META = "seqfer"
MAX_WEIGHTS = "SEQFER_MAX_WEIGHTS_BYTES"
LARGEST_WEIGHTS_BYTES = 1 << 30  # a file in memory, and its tensors; the largest encoder has 300 MB
LARGEST_USUAL_PX = 256  # up to here no encoder has more than 600 MB
LARGEST_HEADER_BYTES = 16 << 20
LARGEST_VALUE = 1e12  # of a weight: no training leaves more, and a few layers of such values overflow


def save_tensors(path: Path, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> str:
    """Write tensors and meta atomically as safetensors; returns the file's sha256 as hex."""
    data = save(
        {name: t.detach().cpu().contiguous() for name, t in tensors.items()}, metadata={_META: json.dumps(meta)}
    )
    write_atomically(path, data)
    return hashlib.sha256(data).hexdigest()


def load_tensors(
    path: Path, sha256: str | None = None, known_encoder: str | None = None, most_bytes: int | None = None
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read (tensors, meta). `known_encoder` is an encoder that the user has named, of any module; `most_bytes` is another limit than that of models.

    Raises WeightsError for a missing or damaged file, a wrong checksum, anything but safetensors, and a meta that `check_meta` refuses.
    """
    advice = "give a .safetensors file"
    most = max(most_bytes or 0, limit(MAX_WEIGHTS, LARGEST_WEIGHTS_BYTES))
    size = regular_file(path, advice, most, error=WeightsError, raised_by=MAX_WEIGHTS)
    try:
        with open(path, "rb") as file:
            meta = _meta(path, file, size)
            file.seek(0)
            data = file.read(size)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({reason(error)}); {advice}") from None
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256:
        raise WeightsError(
            f"{path}: checksum {found[:12]}... is not the expected {sha256[:12]}...; reinstall or fetch the file again"
        )
    try:
        tensors = load(data)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise _damaged(path, error) from None
    return tensors, check_meta(path, meta, known_encoder)


def _meta(path: Path, file: IO[bytes], size: int) -> Any:
    """The meta in the header of a file, which is read alone: eight bytes that count it, then JSON."""
    start = file.read(9)
    # Any bytes may count the header, but it begins with a brace.
    if start[8:9] != b"{" and (start[:2] == b"PK" or start[:1] == b"\x80"):
        raise WeightsError(f"{path}: is a pickle, which can run code when read; only .safetensors files are accepted")
    length = int.from_bytes(start[:8], "little")
    if length > min(size - 8, LARGEST_HEADER_BYTES):
        raise _damaged(path, f"a header of {length:,} bytes in a file of {size:,}")
    try:
        header = parse_json((start[8:] + file.read(max(length - 1, 0))).decode())
        kept = header.get("__metadata__") if isinstance(header, dict) else None
        return parse_json(kept.get(_META, "{}")) if isinstance(kept, dict) else {}
    except (ValueError, TypeError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, why: object) -> WeightsError:
    return WeightsError(one_line(f"{path}: damaged, or not a safetensors file ({why})"))


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


@dataclass(frozen=True)
class IncludedWeights:
    """A weights file inside the package: its name in `weights_files/` and its sha256."""

    file: str
    sha256: str

    @property
    def path(self) -> Path:
        """Path of the file in this installation."""
        return Path(__file__).parent.parent / "weights_files" / self.file


# Encoder name -> the weights included for it; the model card is in the same folder. `tools/ship_weights.py` writes these lines.
SHIPPED: dict[str, IncludedWeights] = {
    "mobilenet": IncludedWeights(
        "compact.safetensors", "6327d0aafa531154ee5eea3c261b223b7c7bea64032b91d6cb7901f0042542cb"
    ),
    "resezap_mirrored": IncludedWeights(
        "small.safetensors", "54ded58920ddf8e8c0ce412c10ddb3566a4cbb01a2ea8054bc3d5b402f7eb622"
    ),
}
# Encoder name -> head name -> the temporal head included for it, trained on that encoder's included weights.
SHIPPED_HEADS: dict[str, dict[str, IncludedWeights]] = {
    "mobilenet": {
        "bilstm": IncludedWeights(
            "compact_bilstm.safetensors", "21aac58527d96cb320080d9ab3b2dfcb868e93a8abdf4ac28c0c24cfe4abe3ab"
        ),
        "lstm": IncludedWeights(
            "compact_lstm.safetensors", "d0f13ba06976d7051d28535e5d33b095d195a6ece5161b15ea7c8f9e3013d8b3"
        ),
    },
}
# Encoder name -> the layer of nine valence levels included for it, on the features of that encoder's included weights.
SHIPPED_VALENCE: dict[str, IncludedWeights] = {
    "mobilenet": IncludedWeights(
        "compact_valence.safetensors", "24fdc831ffc06f5de5f8760f247ed0ae9d8f3dcc8490ccc14881c86e7f2427c2"
    ),
}
# Tier, the user's name of an included model -> its encoder. `small` has at most 54,480 parameters, `compact` at most 3 million.
TIERS = {"small": "resezap_mirrored", "compact": "mobilenet"}


def included_encoder(name: str) -> IncludedWeights | None:
    """The weights included for a tier or an encoder, or None."""
    return SHIPPED.get(TIERS.get(name, name))


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
