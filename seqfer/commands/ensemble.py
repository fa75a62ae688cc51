"""Combine trained models: averaging, stacking, and logistic regressions on their features.

The features before each model's classifier are concatenated; one logistic regression per emotion, and a multinomial one, are fitted on
people held out from training, and evaluated on --split, together with the models themselves, averages of their probabilities and stacking on
their logits. Without --fit-split the people are those that `seqfer train` holds out with this seed. Writes ensemble.safetensors,
ensemble.json and ensemble.html.

Example:
  seqfer ensemble small compact --data fer2013.jsonl --split PublicTest
  seqfer ensemble runs/vgg16/encoder.safetensors runs/resnet50/encoder.safetensors --data fer2013.jsonl --split PrivateTest --fit-split PublicTest
  seqfer ensemble --load runs/ensemble-fer2013/ensemble.safetensors --data fer2013.jsonl --split PrivateTest
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from seqfer.commands._options import add_setting_argument, add_settings, as_path, settings_from
from seqfer.commands._runs import add_quiet
from seqfer.experiments.ensemble.settings import EnsembleSettings

OPTIONS = (
    "data",
    "split",
    "fit_split",
    "train_split",
    "fit_share",
    "seed",
    "classes",
    "common_classes",
    "mirror",
    "device",
    "runtime",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer ensemble`."""
    add_setting_argument(parser, EnsembleSettings, "models", nargs="*")
    add_settings(parser, EnsembleSettings, *OPTIONS)
    parser.add_argument("--load", type=as_path, metavar="FILE", help="score this fitted ensemble; nothing is fitted")
    parser.add_argument("--out", type=as_path, help="folder for the files (default: runs/ensemble-DATA-SPLIT)")
    add_quiet(parser)
    parser.add_argument("--json", action="store_true", help="print the report as JSON instead of the table")


def run(args: argparse.Namespace) -> int:
    """Fit or load, score, write, print."""
    import json

    from seqfer.report.ensemble_report import console_table
    from seqfer.results.ensemble import run_ensemble
    from seqfer.runs.folder import default_folder
    from seqfer.runs.names import ENSEMBLE_HTML
    from seqfer.runs.records import as_json

    settings = settings_from(args, EnsembleSettings)
    stem = "-".join(["ensemble", Path(settings.data).stem, *([settings.split] if settings.split else [])])
    out = args.out or default_folder(stem, resume=False)
    command = shlex.join(["seqfer", *sys.argv[1:]])
    record = run_ensemble(settings, out, load=args.load, command=command, quiet=args.quiet)
    print(json.dumps(as_json(record), indent=1, ensure_ascii=False) if args.json else console_table(record))
    if not args.json:
        print(f"\nReport: {out / ENSEMBLE_HTML}")
    return 0
