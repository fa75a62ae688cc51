"""Train valence of still faces: nine levels, from the votes of raters (FER+).

Leaves valence.safetensors in the run folder, for `seqfer evaluate-valence` and `seqfer annotate-video --valence-model`. On an encoder that ships,
one layer is fitted to its features in a minute; with whole=true a network of its own is trained, as in Liu et al. 2020.

Example:
  seqfer train-valence --data fer2013.jsonl --out runs/valence
  seqfer train-valence --config configs/liu_valence.toml --data fer2013.jsonl --out runs/liu
  seqfer evaluate-valence runs/valence/valence.safetensors --data fer2013.jsonl --split PublicTest
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train-valence`; those not given keep the config file's value, or the default."""
    parser.add_argument("--data", help="a manifest (.jsonl) of stills with rater votes")
    parser.add_argument(
        "--encoder", help="what ships (compact, small); with whole=true any encoder, see `seqfer models`"
    )
    parser.add_argument("--config", type=Path, help="settings as TOML, see configs/")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any setting, for example target=rounded"
    )
    parser.add_argument("--seed", type=int, help="one number that decides who is kept back, the start and the order")
    parser.add_argument("--out", type=Path, help="run folder (default: a new one, runs/valence-ENCODER-seedSEED)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, or with the newest one")
    parser.add_argument("--quiet", action="store_true", help="no progress on screen")


def run(args: argparse.Namespace) -> int:
    """Train and print where the weights are and what they are worth."""
    from seqfer.config import read_settings, saved_settings
    from seqfer.errors import SettingsError
    from seqfer.runfolder import default_folder
    from seqfer.train_levels import ValenceSettings, train_valence

    names = ("data", "encoder", "seed")
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    settings = read_settings(ValenceSettings, args.config, [given], args.set)
    out = args.out or default_folder(f"valence-{settings.encoder}-seed{settings.seed}", args.resume)
    if args.resume:
        settings = read_settings(ValenceSettings, args.config, [given], args.set, saved_settings(out))
    if not settings.data:
        raise SettingsError(
            "no data; give a manifest of stills with --data (make one with `seqfer prepare fer2013 ROOT -o fer2013.jsonl`)"
        )
    summary = train_valence(settings, out, resume=args.resume, quiet=args.quiet)
    print(
        f"{out / 'valence.safetensors'}: RMSE {summary['held_back_rmse']:.3f}, CCC {summary['held_back_ccc']:.3f} "
        f"on {summary['held_back']} images kept back, {summary['seconds']:.0f} s"
    )
    return 0
