"""Train a temporal head (LSTM, BiLSTM, GRU) for films on a fixed encoder, from stills made to move.

Leaves sequence.safetensors in the run folder, for `seqfer annotate-video --model`. The encoder is one that ships, or a file of
`seqfer train`, which then travels inside.

Example:
  seqfer train-head --data fer2013.jsonl --head lstm --out runs/head-lstm
  seqfer train-head --config configs/head_bilstm.toml --data fer2013.jsonl
  seqfer annotate-video movie.mp4 --model runs/head-lstm/sequence.safetensors --causal
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train-head`; those not given keep the config file's value, or the default."""
    parser.add_argument("--data", help="a manifest (.jsonl) of stills")
    parser.add_argument("--encoder", help="what ships (compact, small), or a .safetensors file of `seqfer train`")
    parser.add_argument("--head", help="lstm and gru can run while a film does; bilstm sees later frames too")
    parser.add_argument("--config", type=Path, help="settings as TOML, see configs/")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any setting, for example training.epochs=30"
    )
    parser.add_argument("--seed", type=int, help="one number that decides the sequences, the start and the order")
    parser.add_argument("--out", type=Path, help="run folder (default: a new one, runs/head-HEAD-seedSEED)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, or with the newest one")
    parser.add_argument("--quiet", action="store_true", help="no progress on screen")


def run(args: argparse.Namespace) -> int:
    """Train and print where the head is and what it is worth."""
    from seqfer.config import read_settings, saved_settings
    from seqfer.errors import SettingsError
    from seqfer.runfolder import default_folder
    from seqfer.train_head import HeadSettings, train_head

    names = ("data", "encoder", "head", "seed")
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    settings = read_settings(HeadSettings, args.config, [given], args.set)
    out = args.out or default_folder(f"head-{settings.head}-seed{settings.seed}", args.resume)
    if args.resume:
        settings = read_settings(HeadSettings, args.config, [given], args.set, saved_settings(out))
    if not settings.data:
        raise SettingsError(
            "no data; give a manifest of stills with --data (make one with `seqfer prepare fer2013 ROOT -o fer2013.jsonl`)"
        )
    summary = train_head(settings, out, resume=args.resume, quiet=args.quiet)
    print(
        f"{out / 'sequence.safetensors'}: error {summary['error']:.1%} on {summary['frames']} frames kept back "
        f"(the encoder alone: {summary['encoder_error']:.1%}), calibration error {summary['calibration_error']:.1%}"
    )
    return 0
