"""Caches arrays that are slow to compute, such as encoder features, under a key of all their inputs.

The key is everything the result depends on: the data's checksum, the encoder, its weights' checksum, sizes, this package's version. A changed
input has another key, so the cache never returns an outdated array; the folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from seqfer import __version__
from seqfer.core.files import home_expanded, write_atomically


def cache_folder() -> Path:
    """`$SEQFER_CACHE`, or `seqfer` in the user's cache folder."""
    if os.environ.get("SEQFER_CACHE"):
        return Path(home_expanded(os.environ["SEQFER_CACHE"]))
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seqfer"


def cached_array(kind: str, key: Mapping[str, Any], make: Callable[[], np.ndarray]) -> Path:
    """The `.npy` file of the array for this key; computed with `make` and written atomically where it does not exist yet.

    Raises InputError when the cache folder cannot be written.
    """
    digest = hashlib.sha256(json.dumps({**key, "seqfer": __version__}, sort_keys=True).encode()).hexdigest()
    file = cache_folder() / kind / f"{digest[:32]}.npy"
    if not file.exists():
        buffer = io.BytesIO()
        np.save(buffer, make())
        write_atomically(file, buffer.getvalue())
    return file


def open_array(file: Path) -> np.ndarray:
    """A cached array, memory-mapped. Opened copy-on-write, because torch warns about read-only memory."""
    result: np.ndarray = np.load(file, mmap_mode="c")
    return result
