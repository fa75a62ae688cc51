"""Computes an encoder's features and logits of all frames of a manifest, one row per frame, through the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from seqfer.core import registry
from seqfer.corpus.face_stack import code_checksum, frame_faces
from seqfer.corpus.manifest import Manifest
from seqfer.models import blocks, layers
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.models.weights import load_encoder_weights
from seqfer.runs.cache import cached_array, open_array
from seqfer.runs.device import uses_bf16

# Batch sizes. On a CPU larger batches are several times slower, because a layer's maps no longer fit into the CPU's cache.
BATCH = 16
GPU_BATCH = 256


@dataclass(frozen=True)
class Encoding:
    """Which encoder makes the features: its name, its weights (`shipped`, `none` for random weights, or a file), whether it is trained further."""

    encoder: str
    weights: str
    train: bool

    @property
    def trains(self) -> bool:
        """Whether the encoder is trained; random weights always are."""
        return self.train or self.weights == "none"


def load_encoder(encoding: Encoding, classes: Sequence[str]) -> tuple[FrameEncoder, str]:
    """(encoder in eval mode, checksum of its weights or "none"). An encoder to be trained gets a classifier for `classes`."""
    if encoding.weights == "none":
        return registry.find("encoders", encoding.encoder).build(classes=len(classes)).eval(), "none"
    encoder, meta = load_encoder_weights(encoding.encoder, encoding.weights)
    if encoding.train and tuple(meta["classes"]) != tuple(classes):
        encoder.change_classes(meta["classes"], classes)
    return encoder.eval(), meta["sha256"]


def encoder_code(name: str) -> str:
    """Checksum of the source code that computes an encoder's features."""
    return code_checksum(registry.find("encoders", name), layers, blocks)


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
    """`function` over the pixels of uint8 (image height width), or of their mirror images, in batches; results joined on the CPU."""
    made = []
    batch = BATCH if torch.device(device).type == "cpu" else GPU_BATCH
    for start in range(0, len(images), batch):
        pixels = to_pixels(images[start : start + batch], device)
        made.append(function(pixels.flip(3) if mirror else pixels).cpu())
    return torch.cat(made)


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
            "code": encoder_code(name),
        }
        return cached_array("features", key, lambda: run_frames(short.describe, faces, mirror=mirror).numpy())

    return one(False), one(True)


def embedded(encoder: FrameEncoder, meta: Mapping[str, Any], manifest: Manifest) -> tuple[np.ndarray, np.ndarray]:
    """`embed` of all frames, float32 (frame feature): of the pictures and of their mirror images, through the cache.

    Computed in bfloat16 where the processor has it, as for annotating videos: it takes half the time.
    """
    file, _ = frame_faces(manifest, encoder.input_size, encoder.channels, manifest.checksum())
    faces, short, cpu = open_array(file), fuse_conv_bn(encoder), torch.device("cpu")
    bf16 = uses_bf16("auto", cpu)

    def one(mirror: bool) -> np.ndarray:
        key = {
            "faces": file.name,
            "weights": meta["sha256"],
            "mirror": mirror,
            "bf16": bf16,
            "code": encoder_code(meta["encoder"]),
        }

        def make() -> np.ndarray:
            with torch.autocast(cpu.type, torch.bfloat16, enabled=bf16):
                return run_frames(lambda pixels: short.embed(pixels).float(), faces, mirror=mirror).numpy()

        return open_array(cached_array("embedded", key, make))

    return one(False), one(True)


def classify_images(
    encoder: FrameEncoder,
    images: np.ndarray,
    *,
    device: torch.device | str = "cpu",
    mirror: bool = False,
    one_view: bool = False,
) -> Tensor:
    """Class logits (image class) in fp32; with `mirror` the mean of the image's and its mirror image's; encoders with `two_views` do so without it.

    `one_view` uses one view only of an encoder with two views, as for videos; `mirror` then adds the other.
    """
    quick = fuse_conv_bn(encoder)

    def read(pixels: Tensor) -> Tensor:
        return quick.classifier(quick.embed(pixels))

    sides = (False, True) if mirror or (encoder.two_views and not one_view) else (False,)
    return torch.stack([run_frames(read, images, mirror=side, device=device) for side in sides]).mean(0)
