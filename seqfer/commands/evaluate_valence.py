"""Evaluate a valence model on still images against the mean of the raters' votes and two baselines.

Prints RMSE, CCC, PCC, SAGR and MAE with bootstrap intervals. With --out it writes evaluation.json, report.html and the predictions
of every image (predictions.csv, predictions.parquet), which `seqfer compare` takes. The baselines are the mean valence of the training split and the
expectation of published valence norms over an emotion classifier's probabilities.

Example:
  seqfer evaluate-valence compact --data fer2013.jsonl --split PublicTest
  seqfer evaluate-valence runs/liu/valence.safetensors --data fer2013.jsonl --split PublicTest --out runs/liu-test
"""

from __future__ import annotations

import argparse
import shlex
import sys

from seqfer.commands._options import add_setting_argument, add_settings, as_path, settings_from
from seqfer.experiments.settings import EvaluateValenceSettings

OPTIONS = ("data", "split", "mean_of", "classifier", "min_votes", "mirror", "seed", "device", "runtime")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer evaluate-valence`."""
    add_setting_argument(parser, EvaluateValenceSettings, "model")
    add_settings(parser, EvaluateValenceSettings, *OPTIONS)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--out", type=as_path, help="also write evaluation.json, report.html and predictions into this folder"
    )


def run(args: argparse.Namespace) -> int:
    """Score, print, write."""
    import json

    from seqfer.report.evaluate_valence_report import console_table
    from seqfer.results.valence_evaluation import run_valence_evaluation
    from seqfer.runs.records import as_json

    settings = settings_from(args, EvaluateValenceSettings)
    record = run_valence_evaluation(settings, args.out, command=shlex.join(["seqfer", *sys.argv[1:]]))
    print(json.dumps(as_json(record), indent=1) if args.json else console_table(record))
    return 0
