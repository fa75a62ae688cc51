"""Evaluate a trained encoder on a corpus: accuracy, macro-F1, per-class table, calibration.

The label of a clip comes from the sum of its frames' probabilities; a still image is a clip of one frame. Every score is given for all images, and
without the images that have a copy in the training split. Writes JSON, an HTML page and the predictions of every
clip (predictions.csv, predictions.parquet), which `seqfer compare` takes.

Example:
  seqfer evaluate compact --data fer2013.jsonl --split PublicTest
  seqfer evaluate runs/mine/encoder.safetensors --data ck48.jsonl --classes six
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from seqfer.commands._options import add_setting_argument, add_settings, as_path, settings_from
from seqfer.experiments.settings import EvaluateSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer evaluate`."""
    add_setting_argument(parser, EvaluateSettings, "model")
    add_settings(parser, EvaluateSettings, "data", "split", "classes", "mirror", "prior", "device", "runtime")
    parser.add_argument(
        "--out",
        type=as_path,
        help="folder for evaluate.json, evaluate.html and predictions (default: runs/evaluate-MODEL-DATA)",
    )


def run(args: argparse.Namespace) -> int:
    """Score, write, print."""
    from seqfer.report.evaluate_report import console_table
    from seqfer.results.evaluation import run_evaluation
    from seqfer.runs.folder import default_folder, model_stem
    from seqfer.runs.names import EVALUATE_HTML

    settings = settings_from(args, EvaluateSettings)
    stem = f"evaluate-{model_stem(settings.model)}-{Path(settings.data).stem}"
    stem += f"-{settings.split}" if settings.split else ""
    out = args.out or default_folder(stem, resume=False)
    print(console_table(run_evaluation(settings, out, command=shlex.join(["seqfer", *sys.argv[1:]]))))
    print(f"Report: {out / EVALUATE_HTML}")
    return 0
