"""Train a temporal head (LSTM, BiLSTM, GRU) that regresses valence, from annotated clips.

Leaves sequence.safetensors in the run folder, for `seqfer annotate-video --valence --valence-model`. Clips come from `seqfer prepare-films`,
or from any manifest whose clips carry valence; `seqfer cv --task valence` says beforehand what to expect of them.

Example:
  seqfer train-valence-head --data films.jsonl --head bilstm --out runs/valence-head
  seqfer annotate-video movie.mp4 --valence --valence-model runs/valence-head/sequence.safetensors
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer train-valence-head`; those not given keep the config file's value, or the default."""
    parser.add_argument("--data", help="a manifest (.jsonl) of clips with valence on every frame, or posed")
    parser.add_argument("--encoder", help="what ships (compact, small), or a .safetensors file of `seqfer train`")
    parser.add_argument("--head", help="lstm and gru can run while a film does; bilstm sees later frames too")
    parser.add_argument("--config", type=Path, help="settings as TOML, see configs/")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any setting, for example training.epochs=30"
    )
    parser.add_argument("--seed", type=int, help="one number that decides who is kept back, the start and the order")
    parser.add_argument("--out", type=Path, help="run folder (default: a new one, runs/valence-head-HEAD-seedSEED)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, or with the newest one")


def run(args: argparse.Namespace) -> int:
    """Train and print where the head is and what it is worth."""
    from seqfer.config import read_settings, saved_settings
    from seqfer.errors import SettingsError
    from seqfer.runfolder import default_folder
    from seqfer.train_valence_head import ValenceHeadSettings, train_valence_head

    names = ("data", "encoder", "head", "seed")
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    settings = read_settings(ValenceHeadSettings, args.config, [given], args.set)
    out = args.out or default_folder(f"valence-head-{settings.head}-seed{settings.seed}", args.resume)
    if args.resume:
        settings = read_settings(ValenceHeadSettings, args.config, [given], args.set, saved_settings(out))
    if not settings.data:
        raise SettingsError(
            "no data; give a manifest of annotated clips with --data (make one with `seqfer prepare-films`)"
        )
    summary = train_valence_head(settings, out, resume=args.resume)
    scores = summary["scores"]
    print(
        f"{out / 'sequence.safetensors'}: RMSE {scores['rmse']:.3f}, CCC {scores['ccc']:.3f} on {scores['n']} frames of people kept back"
    )
    return 0
