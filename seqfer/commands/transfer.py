"""Retrain a trained model on another corpus: classifier first, then its last stages, step by step.

Scores the model as it came, with a new classifier, and after each step, on people it never saw; --split-protocol person,plain runs the usual
image split beside it, in which people recur, to show how much that flatters. Of one division (80-10-10) the step of the lowest validation
loss leaves as encoder.safetensors; with --folds every person is tested once. Leaves report.json and report.html; resumes step by step.

Example:
  seqfer transfer compact --data kdef.jsonl --unfreeze last:2
  seqfer transfer compact --data ck48.jsonl --folds 5 --stages 1,2,all --from-scratch --out runs/ck48
  seqfer transfer --out runs/ck48 --resume
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer transfer`; those not given keep the config file's value, or the default."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        nargs="?",
        help="a name of `seqfer models` whose weights ship, or a .safetensors file (default: compact)",
    )
    parser.add_argument("--data", help="a manifest (.jsonl) or an embedded corpus to retrain on")
    parser.add_argument("--unfreeze", help="how far: last:N stages, all, or a stage's name (default: last:2)")
    parser.add_argument("--stages", help="steps on the way, comma-separated, such as 1,2,all")
    parser.add_argument(
        "--split-protocol", help="person, plain (the paper's: people recur), or person,plain (default: person)"
    )
    parser.add_argument("--folds", type=int, help="as many folds instead of one 80-10-10 division")
    parser.add_argument(
        "--from-scratch", action="store_true", default=None, help="beside it the same net from a random start"
    )
    parser.add_argument("--classes", help="six, seven, all or fer2013: these classes only (default: the corpus' own)")
    parser.add_argument("--seed", type=int, help="one number that decides division, starts and orders (default: 0)")
    parser.add_argument("--config", type=Path, help="settings as TOML; options on the command line go over it")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any setting, such as training.epochs=20"
    )
    parser.add_argument("--out", type=Path, help="run folder (default: a new one, runs/transfer-MODEL-DATA-seedSEED)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, or with the newest one")
    parser.add_argument(
        "--jobs", type=int, default=0, help="divisions at a time (default: one per core; does not change the numbers)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on screen")
    parser.add_argument("--json", action="store_true", help="print the report as JSON instead of the table")


def run(args: argparse.Namespace) -> int:
    """Run, write the reports, print the table."""
    import json

    from seqfer.config import read_settings, saved_settings
    from seqfer.errors import SettingsError
    from seqfer.report.transfer_report import console_table, write_transfer_report
    from seqfer.runfolder import default_folder, without_nan, write_json
    from seqfer.transfer.plan import TransferSettings
    from seqfer.transfer.summary import summarise
    from seqfer.transfer.transferring import transfer

    settings = read_settings(TransferSettings, args.config, [_given(args)], args.set)
    stem = f"transfer-{Path(settings.model).stem}-{Path(settings.data).stem}-seed{settings.seed}"
    out = args.out or default_folder(stem, args.resume)
    if args.resume:
        settings = read_settings(TransferSettings, args.config, [_given(args)], args.set, saved_settings(out))
    if not settings.data:
        raise SettingsError(
            "no data; give a manifest with --data (make one with `seqfer prepare kdef ROOT -o kdef.jsonl`)"
        )
    result = transfer(settings, out, resume=args.resume, jobs=args.jobs, quiet=args.quiet)
    report = without_nan(summarise(result, shlex.join(["seqfer", *sys.argv[1:]])))
    write_json(out / "report.json", report)
    write_transfer_report(report, out / "report.html")
    print(json.dumps(report, indent=1, ensure_ascii=False) if args.json else console_table(report))
    if not args.json:
        print(f"\nReport: {out / 'report.html'}")
    return 0


def _given(args: argparse.Namespace) -> dict[str, object]:
    names = ("model", "data", "unfreeze", "folds", "from_scratch", "classes", "seed")
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    for name, key in (("stages", "stages"), ("split_protocol", "protocols")):
        if getattr(args, name) is not None:
            given[key] = tuple(text.strip() for text in getattr(args, name).split(",") if text.strip())
    return given
