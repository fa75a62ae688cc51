"""Train a temporal head (LSTM, BiLSTM, GRU) that regresses valence, from annotated clips.

Leaves sequence.safetensors in the run folder, for `seqfer annotate-video --valence --valence-model`. Clips come from `seqfer prepare-films`,
or from any manifest whose clips carry valence; `seqfer cv --task valence` says beforehand what to expect of them.

Example:
  seqfer train-valence-head --data films.jsonl --head bilstm --out runs/valence-head
  seqfer annotate-video movie.mp4 --valence --valence-model runs/valence-head/sequence.safetensors
"""

from __future__ import annotations

import argparse

from seqfer.commands._runs import add_run_arguments, named, need_data, settings_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train-valence-head`; those not given keep the config file's value, or the default."""
    parser.add_argument("--data", help="a manifest (.jsonl) of clips with valence on every frame, or posed")
    parser.add_argument("--encoder", help="what ships (compact, small), or a .safetensors file of `seqfer train`")
    parser.add_argument("--head", help="lstm and gru can run while a film does; bilstm sees later frames too")
    add_run_arguments(parser, "valence-head-HEAD-seedSEED", "training.epochs=30")


def run(args: argparse.Namespace) -> int:
    """Train and print where the head is and what it is worth."""
    from seqfer.runs.names import SEQUENCE_WEIGHTS
    from seqfer.training.settings import ValenceHeadSettings
    from seqfer.training.train_valence_head import train_valence_head

    settings, out = settings_of(
        args,
        ValenceHeadSettings,
        named(args, "data", "encoder", "head", "seed"),
        lambda s: f"valence-head-{s.head}-seed{s.seed}",
    )
    need_data(settings.data, "films", "seqfer prepare-films FILM... --annotations FOLDER -o films.jsonl")
    summary = train_valence_head(settings, out, resume=args.resume)
    scores = summary["scores"]
    print(
        f"{out / SEQUENCE_WEIGHTS}: RMSE {scores['rmse']:.3f}, CCC {scores['ccc']:.3f} on {scores['n']} frames of people kept back"
    )
    return 0
