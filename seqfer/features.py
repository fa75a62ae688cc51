"""Faces and features of all frames of a manifest, one row per frame, kept in the cache by what they were made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqfer import parts
from seqfer.cache import cached_array
from seqfer.data import load_clip_faces
from seqfer.errors import SettingsError
from seqfer.layers import FrameEncoder
from seqfer.manifest import Manifest
from seqfer.weights import load_encoder_weights

BATCH = 256


@dataclass(frozen=True)
class Encoding:
    """Which encoder makes the features: its name, its weights (`shipped`, `none` for a random start, or a file), whether it trains on."""

    encoder: str
    weights: str
    train: bool

    @property
    def trains(self) -> bool:
        """A random start is of no use untrained."""
        return self.train or self.weights == "none"


def load_encoder(encoding: Encoding, classes: int = 7) -> tuple[FrameEncoder, str]:
    """(encoder in eval mode, checksum of its weights or "none"). A random start has a classifier for `classes`, loaded weights bring their own."""
    module = parts.find("encoders", encoding.encoder)
    if encoding.weights == "none":
        return module.build(classes=classes).eval(), "none"
    encoder, meta = load_encoder_weights(encoding.encoder, encoding.weights)
    return encoder, meta["sha256"]


def frame_faces(manifest: Manifest, size: int, channels: int, checksum: str) -> tuple[Path, np.ndarray]:
    """(file of uint8 (frame size size) or (frame size size 3), lengths (clip,)): all clips' faces in the manifest's order.

    `checksum` is `manifest.checksum()`, which the caller has at hand.
    """
    lengths = np.array([len(clip.frames) for clip in manifest.clips], dtype=np.int64)
    key = {"data": checksum, "size": size, "channels": channels}
    stack = cached_array(
        "faces", key, lambda: np.concatenate([load_clip_faces(manifest, c, size, channels) for c in manifest.clips])
    )
    if len(stack) != lengths.sum():
        raise SettingsError(f"the cached faces of {manifest.corpus} do not fit; empty the cache folder")
    return Path(stack.filename), lengths


@torch.no_grad()
def embed_faces(encoder: FrameEncoder, faces: np.ndarray, *, mirror: bool = False) -> np.ndarray:
    """uint8 (frame height width) or (frame height width 3) -> float32 (frame feature), of the mirror images when asked."""
    encoder.eval()
    made = []
    for start in range(0, len(faces), BATCH):
        batch = torch.from_numpy(np.ascontiguousarray(faces[start : start + BATCH])).float() / 255
        images = batch[:, None] if batch.ndim == 3 else batch.permute(0, 3, 1, 2)
        made.append(encoder.embed((images.flip(3) if mirror else images).contiguous(memory_format=torch.channels_last)))
    return torch.cat(made).numpy()


def frame_features(encoder: FrameEncoder, weights_checksum: str, name: str, faces_file: Path) -> tuple[Path, Path]:
    """Files of float32 (frame feature): as filmed and mirrored. The faces' own cache name is part of the key, and stands for their content."""
    faces = np.load(faces_file, mmap_mode="c")

    def one(mirror: bool) -> Path:
        key: dict[str, Any] = {"faces": faces_file.name, "encoder": name, "weights": weights_checksum, "mirror": mirror}
        return Path(cached_array("features", key, lambda: embed_faces(encoder, faces, mirror=mirror)).filename)

    return one(False), one(True)
