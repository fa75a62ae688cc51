"""Train a temporal head (LSTM, BiLSTM, GRU) for videos on a fixed encoder, from still images.

The training sequences are synthesised from still images. Writes sequence.safetensors into the run folder, for `seqfer annotate-video --model`. The
encoder is one that ships, or a file of `seqfer train`, which is then stored in the same file.

Example:
  seqfer train-head --data fer2013.jsonl --head lstm --out runs/head-lstm
  seqfer train-head --config configs/head_bilstm.toml --data fer2013.jsonl
  seqfer annotate-video movie.mp4 --model runs/head-lstm/sequence.safetensors --causal
"""

from __future__ import annotations

import argparse

from seqfer.commands._options import add_settings
from seqfer.commands._runs import add_run_arguments, settings_and_folder
from seqfer.training.settings import HeadSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train-head`; those not given keep the config file's value, or the default."""
    add_settings(parser, HeadSettings, "data", "encoder", "head", "seed", "device", "threads")
    add_run_arguments(parser, "head-HEAD-seedSEED")


def run(args: argparse.Namespace) -> int:
    """Train and print the head's file and scores."""
    from seqfer.results.training import run_train_head
    from seqfer.runs.process_tuning import tune_for_training

    tune_for_training()
    settings, out = settings_and_folder(args, HeadSettings, lambda s: s.run_name)
    training = run_train_head(settings, out, resume=args.resume, quiet=args.quiet)
    print(training)
    return 0
