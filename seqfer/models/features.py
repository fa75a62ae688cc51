"""Computes an encoder's features and logits of all frames of a manifest, one row per frame, through the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from seqfer.core import registry
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.manifest import Manifest
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.runs.cache import cached_array, open_array
from seqfer.runs.device import device_key, uses_bf16
from seqfer.runs.process_tuning import threads_beside, usable_cores

# Part of the key of every cached feature. Raise it when this module, `layers` or `blocks` computes other numbers than before; an encoder that
# computes other numbers raises `VERSION` in its own file. tests/golden/test_cache_versions.py fails when one of them must be raised.
FEATURES_VERSION = 1

# Batch sizes. On a CPU larger batches are several times slower, because a layer's maps no longer fit into the CPU's cache.
BATCH = 16
GPU_BATCH = 256


def features_version(name: str) -> list[int]:
    """Versions of the code that computes an encoder's features: of this folder's part, and of the encoder's own file (1 where it states none)."""
    return [FEATURES_VERSION, int(getattr(registry.find("encoders", name), "VERSION", 1))]


def to_pixels(images: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """uint8 (image height width) or (image height width 3) -> float (image channel height width) in [0, 1], channels last in memory."""
    batch = torch.from_numpy(np.ascontiguousarray(images)).to(device)
    batch = (
        batch[:, None]
        if batch.ndim == 3
        else rearrange(batch, "image height width channel -> image channel height width")
    )
    return (batch.float() / 255).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def run_frames(
    function: Callable[[Tensor], Tensor],
    images: np.ndarray,
    *,
    mirror: bool = False,
    device: torch.device | str = "cpu",
) -> Tensor:
    """`function` over the pixels of uint8 (image height width), or of their mirror images, in batches; results joined on the CPU.

    On one thread of the CPU, batches are computed side by side on the cores there are: faster than several threads for each, and with the same
    numbers on any number of cores.
    """
    on_cpu = torch.device(device).type == "cpu"
    batch, bf16 = BATCH if on_cpu else GPU_BATCH, torch.is_autocast_enabled("cpu")

    def one(start: int) -> Tensor:
        pixels = to_pixels(images[start : start + batch], device)
        return function(pixels.flip(3) if mirror else pixels).cpu()

    def aside(start: int) -> Tensor:  # both are states of a thread
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            return one(start)

    starts = range(0, len(images), batch)
    side_by_side = min(len(starts), usable_cores()) if on_cpu and torch.get_num_threads() == 1 else 1
    if side_by_side == 1:
        return torch.cat([one(start) for start in starts])
    with threads_beside(side_by_side) as pool:
        return torch.cat(list(pool.map(aside, starts)))


def frame_features(encoder: FrameEncoder, weights_checksum: str, name: str, faces_file: Path) -> tuple[Path, Path]:
    """Files of float32 (frame feature): of the faces and their mirror images. The key has the faces' cache name, which stands for their content."""
    faces, short = open_array(faces_file), fuse_conv_bn(encoder)

    def one(mirror: bool) -> Path:
        key = {
            "faces": faces_file.name,
            "encoder": name,
            "weights": weights_checksum,
            "mirror": mirror,
            "folded": True,
            "version": features_version(name),
            **device_key(short.device),
        }

        def make() -> np.ndarray:
            return run_frames(short.describe, faces, mirror=mirror, device=short.device).numpy()

        return cached_array("features", key, make)

    return one(False), one(True)


def embedded(encoder: FrameEncoder, meta: Mapping[str, Any], manifest: Manifest) -> tuple[np.ndarray, np.ndarray]:
    """`embed` of all frames, float32 (frame feature): of the pictures and of their mirror images, through the cache.

    Computed in bfloat16 where the device has it, as for annotating videos: it takes half the time.
    """
    file, _ = frame_faces(manifest, encoder.input_size, encoder.channels, manifest.checksum())
    faces, short, device = open_array(file), fuse_conv_bn(encoder), encoder.device
    bf16 = uses_bf16("auto", device)

    def one(mirror: bool) -> np.ndarray:
        key = {
            "faces": file.name,
            "weights": meta["sha256"],
            "mirror": mirror,
            "bf16": bf16,
            "version": features_version(meta["encoder"]),
            **device_key(device),
        }

        def make() -> np.ndarray:
            with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                features = run_frames(lambda pixels: short.embed(pixels).float(), faces, mirror=mirror, device=device)
            return features.numpy()

        return open_array(cached_array("embedded", key, make))

    return one(False), one(True)


def classify_images(
    encoder: FrameEncoder, images: np.ndarray, *, mirror: bool = False, one_view: bool = False
) -> Tensor:
    """Class logits (image class) in fp32, computed on the encoder's device and returned on the CPU.

    With `mirror` the mean of the image's and its mirror image's; encoders with `two_views` do so without it.

    `one_view` uses one view only of an encoder with two views, as for videos; `mirror` then adds the other.
    """
    quick = fuse_conv_bn(encoder)

    def read(pixels: Tensor) -> Tensor:
        output: Tensor = quick.classifier(quick.embed(pixels))
        return output

    sides = (False, True) if mirror or (encoder.two_views and not one_view) else (False,)
    return torch.stack([run_frames(read, images, mirror=side, device=quick.device) for side in sides]).mean(0)
