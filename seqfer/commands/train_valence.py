"""Train nine valence levels of faces, from raters' votes on still images or from annotated clips.

Votes are those of FER+. Writes valence.safetensors into the run folder, for `seqfer evaluate-valence` and
`seqfer annotate-video --valence-model`. On an encoder that ships, one layer is fitted to its features in a minute; with whole=true all layers are
trained: of a new network, as in Liu et al. 2020, or starting from the weights of a tier or of a file.

Example:
  seqfer train-valence --data fer2013.jsonl --out runs/valence
  seqfer train-valence --config configs/liu_valence.toml --data fer2013.jsonl --out runs/liu
  seqfer train-valence --config configs/film_valence.toml --data videos.jsonl --out runs/film-levels
  seqfer evaluate-valence runs/valence/valence.safetensors --data fer2013.jsonl --split PublicTest
"""

from __future__ import annotations

import argparse

from seqfer.commands._options import add_settings
from seqfer.commands._runs import add_run_arguments, settings_and_folder
from seqfer.training.settings import ValenceSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train-valence`; those not given keep the config file's value, or the default."""
    add_settings(parser, ValenceSettings, "data", "encoder", "seed", "device", "threads")
    add_run_arguments(parser, "valence-ENCODER-seedSEED")


def run(args: argparse.Namespace) -> int:
    """Train and print the weights file and its scores."""
    from seqfer.results.training import run_train_valence
    from seqfer.runs.process_tuning import tune_for_training

    tune_for_training()
    settings, out = settings_and_folder(args, ValenceSettings, lambda s: s.run_name)
    training = run_train_valence(settings, out, resume=args.resume, quiet=args.quiet)
    print(training)
    return 0
