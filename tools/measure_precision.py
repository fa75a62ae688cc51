"""How far bfloat16 moves the logits and probabilities of an included model, against fp32, on the faces of a manifest.

  python tools/measure_precision.py fer2013.jsonl --split PublicTest

The encoder is computed as for annotating videos, each face by itself (without a temporal head); both precisions get the same faces.
"""

import argparse
import platform

import numpy as np
import torch

from seqfer import models
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.faces import open_data
from seqfer.corpus.stills import of_split
from seqfer.metrics.calibration import tempered_softmax
from seqfer.models.runtime import with_runtime
from seqfer.runs.cache import open_array
from seqfer.runs.device import pick_device, uses_bf16


def differences(model: str, faces: np.ndarray) -> dict[str, float]:
    """Largest and mean difference of logits and probabilities, and the share of faces with another most probable class."""
    logits = {}
    for precision in ("fp32", "bf16"):
        opened = models.open(model, kind="video", device="cpu", precision=precision, frames_alone=True)
        logits[precision] = with_runtime(opened, "torch").encode(faces).astype(np.float64)
    temperature = opened.temperature
    moved = np.abs(logits["bf16"] - logits["fp32"])
    before, after = (tempered_softmax(logits[precision], temperature) for precision in ("fp32", "bf16"))
    apart = np.abs(after - before)
    return {
        "largest logit": float(moved.max()),
        "mean logit": float(moved.mean()),
        "largest probability": float(apart.max()),
        "mean probability": float(apart.mean()),
        "other class": float(np.mean(before.argmax(1) != after.argmax(1))),
    }


def main() -> int:
    """Print one line per model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="a manifest (.jsonl), or posed")
    parser.add_argument("--split", default="", help="an official split of the corpus")
    parser.add_argument("--models", nargs="+", default=["compact", "small"])
    args = parser.parse_args()
    manifest = of_split(open_data(args.data), args.split)
    native = uses_bf16("auto", pick_device("cpu"))
    print(f"{platform.machine()}, torch {torch.__version__}, bfloat16 instructions: {'yes' if native else 'no'}")
    for model in args.models:
        opened = models.open(model, kind="image", device="cpu")
        file, _ = frame_faces(manifest, opened.input_size, opened.channels, manifest.checksum())
        faces = open_array(file)
        found = differences(model, faces)
        print(f"{model}, {len(faces)} faces: " + ", ".join(f"{name} {value:.4f}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
