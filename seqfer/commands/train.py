"""Train an encoder or a linear SVM on a still-image corpus, from a settings file; resumable.

Writes encoder.safetensors (with its temperature), the history and a checkpoint into the run folder.
`torchrun --nproc-per-node 2 -m seqfer train ...` trains with several processes.

Example:
  seqfer train --config configs/small.toml --data fer2013.jsonl --out runs/small
  seqfer train --data fer2013.jsonl --set encoder=resezap --set training.epochs=30
  seqfer train --config configs/svm.toml --data fer2013.jsonl --out runs/svm
  seqfer train --out runs/small --resume
"""

from __future__ import annotations

import argparse

from seqfer.commands._options import add_settings
from seqfer.commands._runs import add_run_arguments, need_data, settings_and_folder
from seqfer.training.settings import TrainSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train`; those not given keep the config file's value, or the default."""
    add_settings(parser, TrainSettings, "data", "encoder", "seed", "device", "threads")
    add_run_arguments(parser, "train-ENCODER-seedSEED")


def run(args: argparse.Namespace) -> int:
    """Train and print where the weights are."""
    from seqfer.runs.names import ENCODER_WEIGHTS
    from seqfer.runs.process_tuning import tune_for_training
    from seqfer.training.train_encoder import train_encoder

    tune_for_training()
    settings, out = settings_and_folder(args, TrainSettings, lambda s: f"train-{s.encoder}-seed{s.seed}")
    need_data(settings.data, "fer2013")
    summary = train_encoder(settings, out, resume=args.resume, quiet=args.quiet)
    if "sha256" in summary:
        print(
            f"{out / ENCODER_WEIGHTS}: error {summary['held_back_error']:.1%} on {summary['held_back']} held-out images, ",
            end="",
        )
        print(f"temperature {summary['temperature']:.2f}, {summary['seconds']:.0f} s")
    return 0
