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
from seqfer.commands._runs import add_run_arguments, settings_and_folder
from seqfer.training.settings import TrainSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train`; those not given keep the config file's value, or the default."""
    add_settings(parser, TrainSettings, "data", "encoder", "seed", "device", "threads")
    add_run_arguments(parser, "train-ENCODER-seedSEED")


def run(args: argparse.Namespace) -> int:
    """Train and print where the weights are."""
    from seqfer.results.training import run_train
    from seqfer.runs.process_tuning import tune_for_training

    tune_for_training()
    settings, out = settings_and_folder(args, TrainSettings, lambda s: s.run_name)
    training = run_train(settings, out, resume=args.resume, quiet=args.quiet)
    if training.record.sha256:  # of the processes of torchrun only the first one writes
        print(training)
    return 0
