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
from seqfer.commands._runs import add_run_arguments, need_data, settings_and_folder
from seqfer.training.settings import ValenceHeadSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train-valence-head`; those not given keep the config file's value, or the default."""
    add_settings(parser, ValenceHeadSettings, "data", "encoder", "head", "seed", "device", "threads")
    add_run_arguments(parser, "valence-head-HEAD-seedSEED")


def run(args: argparse.Namespace) -> int:
    """Train and print where the head is and what it is worth."""
    from seqfer.runs.names import SEQUENCE_WEIGHTS
    from seqfer.runs.process_tuning import tune_for_training
    from seqfer.training.train_valence_head import train_valence_head

    tune_for_training()
    settings, out = settings_and_folder(args, ValenceHeadSettings, lambda s: f"valence-head-{s.head}-seed{s.seed}")
    need_data(settings.data, "films", "seqfer prepare-films VIDEO... --annotations FOLDER -o videos.jsonl")
    summary = train_valence_head(settings, out, resume=args.resume)
    scores = summary["scores"]
    print(
        f"{out / SEQUENCE_WEIGHTS}: RMSE {scores.rmse:.3f}, CCC {scores.ccc:.3f} on {scores.n} frames of people held back"
    )
    return 0
