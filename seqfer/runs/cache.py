"""Caches arrays that are slow to compute, such as encoder features, under a key of all their inputs.

The key is everything the result depends on: the data's checksum, the encoder, its weights' checksum, sizes, this package's version. A changed
input has another key, so the cache never returns an outdated array; the folder may be deleted at any time. Each file carries checksums of its
blocks: an array that was damaged on the disk is computed again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from seqfer import __version__
from seqfer.core.files import home_expanded, staged
from seqfer.core.one_line import one_line
from seqfer.runs.folder import run_of

logger = logging.getLogger("seqfer")
BLOCK_BYTES, SUM_BYTES = 2**22, 32


def cache_folder() -> Path:
    """`$SEQFER_CACHE`, or `seqfer` in the user's cache folder."""
    if os.environ.get("SEQFER_CACHE"):
        return Path(home_expanded(os.environ["SEQFER_CACHE"]))
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seqfer"


def cached_array(kind: str, key: Mapping[str, Any], make: Callable[[], np.ndarray]) -> Path:
    """The `.npy` file of the array for this key; computed with `make` where it does not exist yet or is damaged, which is said in one line.

    Raises InputError when the cache folder cannot be written.
    """
    digest = hashlib.sha256(json.dumps({**key, "seqfer": __version__}, sort_keys=True).encode()).hexdigest()
    file = cache_folder() / kind / f"{digest[:32]}.npy"
    if not _is_usable(file):
        save_array(file, make())
    return file


def kept_array(file: Path, make: Callable[[], np.ndarray]) -> np.ndarray:
    """An array in a run folder, in memory; computed with `make` where the file does not exist yet, is damaged, or is that of another run."""
    owner = run_of(file)
    if not _is_usable(file, owner):
        save_array(file, make(), owner)
    return np.array(open_array(file))


def open_array(file: Path) -> np.ndarray:
    """A cached array, memory-mapped. Opened copy-on-write, because torch warns about read-only memory."""
    result: np.ndarray = np.load(file, mmap_mode="c")
    return result


def save_array(file: Path, array: np.ndarray, owner: str = "") -> None:
    """Write an array as `.npy`, whole or not at all, followed by the sha256 of each block of it and by one of these, the name and the owner.

    Readers of `.npy` pass over what follows the array. In one file, array and checksums cannot be of two writers.
    """
    with staged(file) as out:
        np.save(out, array)
        size = out.tell()
        out.seek(0)
        sums = _block_checksums(out, size)
        out.write(sums + _seal(file, owner, sums))


def is_whole(file: Path, owner: str = "") -> bool:
    """Whether a file has the content that `save_array` wrote under this name for this owner. Reads all of it, a block at a time."""
    try:
        with open(file, "rb") as content:
            size = os.fstat(content.fileno()).st_size
            blocks = -(-(size - SUM_BYTES) // (BLOCK_BYTES + SUM_BYTES))
            if blocks < 1:
                return False
            found = _block_checksums(content, size - (blocks + 1) * SUM_BYTES)
            return content.read() == found + _seal(file, owner, found)
    except OSError:
        return False


def _is_usable(file: Path, owner: str = "") -> bool:
    """Whether a file is there and whole; a damaged one is said."""
    if not file.exists():
        return False
    whole = is_whole(file, owner)
    if not whole:
        logger.warning(f"{one_line(str(file))}: damaged, or not of this run; computed again")
    return whole


def _block_checksums(content: IO[bytes], size: int) -> bytes:
    """The checksums of the blocks of the next `size` bytes, in a row."""
    sums = []
    while size > 0 and (block := content.read(min(size, BLOCK_BYTES))):
        sums.append(hashlib.sha256(block).digest())
        size -= len(block)
    return b"".join(sums)


def _seal(file: Path, owner: str, sums: bytes) -> bytes:
    return hashlib.sha256(os.fsencode(file.name) + b"\0" + owner.encode() + b"\0" + sums).digest()
