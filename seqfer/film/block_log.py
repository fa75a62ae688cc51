"""Stores finished blocks of a long run on disk, so that a killed run resumes after the last one.

One safetensors file per block, written atomically, with a checksum over its arrays: a truncated or damaged block counts as missing and is
computed again. A log belongs to its key - settings, checksum of the video, seqfer's version - and is rejected with any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from seqfer import __version__
from seqfer.core.errors import InputError
from seqfer.core.files import without_nan, write_atomically
from seqfer.core.input_files import parse_json
from seqfer.runs.folder import first_difference
from seqfer.runs.names import WORK_KEY_JSON


class BlockLog:
    """Blocks 0, 1, ... of one run in the folder `path`."""

    def __init__(self, path: Path, key: Mapping[str, Any]) -> None:
        """Start a log, or continue one with the same key. Raises InputError naming the first difference for one of another key."""
        self.path = path
        now = json.loads(
            json.dumps(without_nan({**key, "seqfer": __version__}))
        )  # as it is read from JSON: tuples are lists
        before = self._key()
        if before is None:  # new, or without its key: then the origin of the blocks is unknown
            self.discard()
            write_atomically(path / WORK_KEY_JSON, json.dumps(now, indent=1, ensure_ascii=False) + "\n")
            return
        name = first_difference(before, now)
        if name is not None:
            raise InputError(
                f"{path.parent} was started with other settings: {name} = {before.get(name)!r}, now {now.get(name)!r}; "
                "use the same settings, or give another --out"
            )

    def get(self, number: int) -> dict[str, np.ndarray] | None:
        """The arrays of block `number`, or None where it is missing, truncated or damaged."""
        file = self._file(number)
        try:
            with safe_open(file, framework="numpy") as block:
                arrays = {name: block.get_tensor(name) for name in block.keys()}  # noqa: SIM118 - not a dict
                whole = (block.metadata() or {}).get("sha256") == _checksum(number, arrays)
        except (OSError, SafetensorError):
            return None
        return arrays if whole else None

    def put(self, number: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Write block `number` atomically, replacing an earlier one. Raises InputError when the disk is full.

        It is not flushed to the disk: after a loss of power a block that its checksum finds damaged is computed again.
        """
        # safetensors writes a view's underlying memory: transposed and sliced arrays must be made contiguous first
        plain = {name: np.array(array, order="C", copy=True) for name, array in arrays.items()}
        write_atomically(self._file(number), save(plain, {"sha256": _checksum(number, plain)}), durable=False)

    def discard(self) -> None:
        """Remove the log, but no other files of its folder."""
        for pattern in ("block-*.safetensors", ".block-*.safetensors.*", WORK_KEY_JSON, f".{WORK_KEY_JSON}.*"):
            for file in self.path.glob(pattern):
                file.unlink(missing_ok=True)
        if self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()

    def _file(self, number: int) -> Path:
        return self.path / f"block-{number:06d}.safetensors"

    def _key(self) -> dict[str, Any] | None:
        try:
            value = parse_json((self.path / WORK_KEY_JSON).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read ({error.strerror}); give another --out") from None
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


def _checksum(number: int, arrays: Mapping[str, np.ndarray]) -> str:
    """Checksum of names, types, shapes and values, and of the block's number, so that a file with another block's name is rejected."""
    digest = hashlib.sha256(str(number).encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
