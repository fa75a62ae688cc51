"""Train a temporal head (LSTM, BiLSTM, GRU) that regresses valence, from annotated clips.

Writes sequence.safetensors into the run folder, for `seqfer annotate-video --valence --valence-model`. Clips come from `seqfer prepare-films`,
or from any manifest whose clips have valence; `seqfer cv --task valence` estimates the error to expect.

Example:
  seqfer train-valence-head --data videos.jsonl --head bilstm --out runs/valence-head
  seqfer annotate-video movie.mp4 --valence --valence-model runs/valence-head/sequence.safetensors
"""

from __future__ import annotations

import argparse

from seqfer.commands._options import add_settings
from seqfer.commands._runs import add_run_arguments, settings_and_folder
from seqfer.training.settings import ValenceHeadSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train-valence-head`; those not given keep the config file's value, or the default."""
    add_settings(parser, ValenceHeadSettings, "data", "encoder", "head", "seed", "device", "threads")
    add_run_arguments(parser, "valence-head-HEAD-seedSEED")


def run(args: argparse.Namespace) -> int:
    """Train and print where the head is and what it is worth."""
    from seqfer.results.training import run_train_valence_head
    from seqfer.runs.process_tuning import tune_for_training

    tune_for_training()
    settings, out = settings_and_folder(args, ValenceHeadSettings, lambda s: s.run_name)
    training = run_train_valence_head(settings, out, resume=args.resume, quiet=args.quiet)
    print(training)
    return 0
