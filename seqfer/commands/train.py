"""Train an encoder or a linear SVM on a still-image corpus, from a settings file; resumable.

Leaves encoder.safetensors (with its temperature), the history and a checkpoint in the run folder.
`torchrun --nproc-per-node 2 -m seqfer train ...` trains with several processes.

Example:
  seqfer train --config configs/small.toml --data fer2013.jsonl --out runs/small
  seqfer train --data fer2013.jsonl --set encoder=resezap --set training.epochs=30
  seqfer train --config configs/svm.toml --data fer2013.jsonl --out runs/svm
  seqfer train --out runs/small --resume
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train`; those not given keep the config file's value, or the default."""
    parser.add_argument("--data", help="a manifest (.jsonl) of stills")
    parser.add_argument("--config", type=Path, help="settings as TOML, see configs/")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any setting, for example training.epochs=30"
    )
    parser.add_argument("--seed", type=int, help="one number that decides start, order and augmentation")
    parser.add_argument("--out", type=Path, help="run folder (default: a new one, runs/train-ENCODER-seedSEED)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, or with the newest one")
    parser.add_argument("--quiet", action="store_true", help="no progress on screen")


def run(args: argparse.Namespace) -> int:
    """Train and print where the weights are."""
    from seqfer.config import read_settings, saved_settings
    from seqfer.errors import SettingsError
    from seqfer.runfolder import default_folder
    from seqfer.train_stills import TrainSettings, train_encoder

    given = {name: getattr(args, name) for name in ("data", "seed") if getattr(args, name) is not None}
    settings = read_settings(TrainSettings, args.config, [given], args.set)
    out = args.out or default_folder(f"train-{settings.encoder}-seed{settings.seed}", args.resume)
    if args.resume:
        settings = read_settings(TrainSettings, args.config, [given], args.set, saved_settings(out))
    if not settings.data:
        raise SettingsError(
            "no data; give a manifest with --data (make one with `seqfer prepare fer2013 ROOT -o fer2013.jsonl`)"
        )
    summary = train_encoder(settings, out, resume=args.resume, quiet=args.quiet)
    if "sha256" in summary:
        print(
            f"{out / 'encoder.safetensors'}: error {summary['held_back_error']:.1%} on {summary['held_back']} images held back, ",
            end="",
        )
        print(f"temperature {summary['temperature']:.2f}, {summary['seconds']:.0f} s")
    return 0
