"""Loads the faces of all clips of a manifest as one array, one row per frame, through the cache."""

from __future__ import annotations

import logging
from pathlib import Path

import av
import cv2
import numpy as np

from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import Manifest
from seqfer.runs.cache import cached_array

logger = logging.getLogger("seqfer")


# Part of the key of every cached stack of faces. Raise it when `seqfer.corpus.faces`, or what it reads pictures and videos with (`seqfer.video`),
# gives other pixels than before. tests/golden/test_cache_versions.py fails when it must be raised.
FACES_VERSION = 1


def frame_faces(manifest: Manifest, size: int, channels: int, checksum: str) -> tuple[Path, np.ndarray]:
    """(file of uint8 (frame size size) or (frame size size 3), lengths (clip,)): all clips' faces in the manifest's order.

    `checksum` is `manifest.checksum()`, computed by the caller.
    """
    lengths = np.array([len(clip.frames) for clip in manifest.clips], dtype=np.int64)
    version = [FACES_VERSION, cv2.__version__, av.__version__]
    key = {"data": checksum, "size": size, "channels": channels, "version": version}

    def make() -> np.ndarray:
        other_sizes: set[tuple[int, int]] = set()
        faces = [load_clip_faces(manifest, clip, size, channels, other_sizes) for clip in manifest.clips]
        if other_sizes:
            height, width = min(other_sizes)
            more = f" (and {len(other_sizes) - 1} other sizes)" if len(other_sizes) > 1 else ""
            logger.info(f"{manifest.corpus}: faces of {width}x{height} pixels{more} are resized to {size}x{size}")
        return np.concatenate(faces)

    return cached_array("faces", key, make), lengths
