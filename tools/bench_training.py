"""Images per second of training `resezap`: seqfer's loop and plain fp32 with torch's defaults, measured alternately, each in its own process.

    python tools/bench_training.py [--pairs 3]

Prints every pair and the median ratio. The allocator can be configured only once per process; therefore each measurement has its own.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

IMAGES, BATCH = 2560, 256


def plain() -> float:
    """A standard loop: fp32, contiguous memory, default allocator."""
    import torch
    from torch.nn import functional

    encoder, images, labels = _task()
    optimizer = torch.optim.SGD(encoder.parameters(), 0.01, momentum=0.9)
    pixels = torch.from_numpy(images)[:, None].float() / 255
    started = time.perf_counter()
    for start in range(0, IMAGES, BATCH):
        loss = functional.cross_entropy(
            encoder.classify(pixels[start : start + BATCH]), torch.from_numpy(labels[start : start + BATCH])
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return IMAGES / (time.perf_counter() - started)


def ours() -> float:
    """One epoch of `seqfer.training.image_loop.fit_images`, augmentation and weight averaging included."""
    from seqfer.corpus.stills import ImageSet
    from seqfer.runs.process_tuning import tune_for_training
    from seqfer.training.image_loop import fit_images
    from seqfer.training.settings import ImageTraining

    tune_for_training()
    encoder, images, labels = _task()
    settings = ImageTraining(epochs=1, batch_size=BATCH, ema=0.99)
    started = time.perf_counter()
    fit_images(encoder, ImageSet(images, labels), settings, seed=0)
    return IMAGES / (time.perf_counter() - started)


def _task():
    import numpy as np
    import torch

    from seqfer.core import registry

    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    return (
        registry.find("encoders", "resezap").build(),
        rng.integers(0, 256, (IMAGES, 48, 48), dtype=np.uint8),
        rng.integers(0, 7, IMAGES),
    )


def main() -> int:
    """Run the pairs, or one measurement of a pair."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--one", choices=["plain", "ours"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(globals()[args.one]())
        return 0
    ratios = []
    for pair in range(args.pairs):
        rate = {
            name: float(
                subprocess.run(
                    [sys.executable, __file__, "--one", name], capture_output=True, text=True, check=True
                ).stdout.split()[-1]
            )
            for name in ("plain", "ours")
        }
        ratios.append(rate["ours"] / rate["plain"])
        print(
            f"pair {pair + 1}: plain {rate['plain']:.0f} images/s, seqfer {rate['ours']:.0f} images/s, ratio {ratios[-1]:.2f}"
        )
    print(f"median ratio {statistics.median(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
