"""Writes files atomically and computes checksums of files; the only module of `core` that reads or writes files."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from seqfer.core.errors import InputError


def file_checksum(path: Path) -> str:
    """sha256 of a file as hex. Raises InputError when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check the path and that the copy is whole"
        ) from None


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write a temporary file, then rename it, so that the file is complete or absent. Raises InputError when it cannot be written."""
    data = content.encode() if isinstance(content, str) else content
    temporary = ""
    if path.exists() and not path.is_file():  # a device or a pipe would be replaced by a file
        kind = "a folder" if path.is_dir() else "not an ordinary file"
        raise InputError(f"{path}: cannot be written ({kind}); give the name of a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            file.write(data)
        make_readable(temporary)
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); choose a folder with free space that you may write to"
        ) from None


def make_readable(path: Path | str) -> None:
    """Give a file the permissions that results have, 0644, whatever the umask; on a share that refuses to change them it keeps its own."""
    with suppress(OSError):
        os.chmod(path, 0o644)


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically; NaN becomes null, because strict JSON has no NaN."""
    write_atomically(path, json.dumps(without_nan(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def without_nan(value: Any) -> Any:
    """The same nested value with every NaN or infinity replaced by None."""
    if isinstance(value, dict):
        return {str(k): without_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(v) for v in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
