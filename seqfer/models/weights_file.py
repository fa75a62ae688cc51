"""Reads weights files without torch: the content and the `meta` of a safetensors file, with limits and a checksum.

A pickle is rejected before it is read; a wrong checksum or a damaged header is an error of one line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from seqfer.core.errors import WeightsError
from seqfer.core.files import write_atomically
from seqfer.core.input_files import limit, parse_json, reason, regular_file
from seqfer.core.one_line import one_line
from seqfer.models.meta import check_meta

META = "seqfer"  # the key of seqfer's own JSON in the header
MAX_WEIGHTS = "SEQFER_MAX_WEIGHTS_BYTES"
LARGEST_WEIGHTS_BYTES = 1 << 30  # a file in memory, and its tensors; the largest encoder has 300 MB
LARGEST_HEADER_BYTES = 16 << 20


def load_arrays(path: Path, sha256: str | None = None) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read (arrays in float32, meta) as `read_weights` does, and with its errors."""
    arrays, meta = stored_arrays(path, sha256)
    return {name: array.astype(np.float32) for name, array in arrays.items()}, meta


def stored_arrays(path: Path, sha256: str | None = None) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """As `load_arrays`, in the types in which they are stored."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    data, meta = read_weights(path, sha256)
    try:
        arrays = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, error) from None
    return arrays, meta


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> str:
    """Write arrays and meta as safetensors, whole or not at all; returns the file's sha256 as hex."""
    from safetensors.numpy import save

    data = save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, {META: json.dumps(meta)})
    write_atomically(path, data)
    return hashlib.sha256(data).hexdigest()


def read_weights(
    path: Path, sha256: str | None = None, known_encoder: str | None = None, most_bytes: int | None = None
) -> tuple[bytes, dict[str, Any]]:
    """Read (content, meta). `known_encoder` is an encoder that the user has named, of any module; `most_bytes` is another limit than that of models.

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
    return data, check_meta(path, meta, known_encoder)


def _meta(path: Path, file: IO[bytes], size: int) -> Any:
    """The meta in the header of a file, which is read alone: eight bytes that count it, then JSON."""
    start = file.read(9)
    # Any bytes may count the header, but it begins with a brace.
    if start[8:9] != b"{" and (start[:2] == b"PK" or start[:1] == b"\x80"):
        raise WeightsError(f"{path}: is a pickle, which can run code when read; only .safetensors files are accepted")
    length = int.from_bytes(start[:8], "little")
    if length > min(size - 8, LARGEST_HEADER_BYTES):
        raise damaged(path, f"a header of {length:,} bytes in a file of {size:,}")
    try:
        header = parse_json((start[8:] + file.read(max(length - 1, 0))).decode())
        kept = header.get("__metadata__") if isinstance(header, dict) else None
        return parse_json(kept.get(META, "{}")) if isinstance(kept, dict) else {}
    except (ValueError, TypeError) as error:
        raise damaged(path, error) from None


def damaged(path: Path, why: object) -> WeightsError:
    """The error of a file that is no whole safetensors file."""
    return WeightsError(one_line(f"{path}: damaged, or not a safetensors file ({why})"))
