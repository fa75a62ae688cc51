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
import math
import shlex
import sys
from pathlib import Path

from seqfer.commands._options import add_setting_argument, add_settings, as_path, settings_from
from seqfer.experiments.settings import EvaluateSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer evaluate`."""
    add_setting_argument(parser, EvaluateSettings, "model")
    add_settings(parser, EvaluateSettings, "data", "split", "classes", "mirror", "prior", "device")
    parser.add_argument(
        "--out",
        type=as_path,
        help="folder for evaluate.json, evaluate.html and predictions (default: runs/evaluate-MODEL-DATA)",
    )


def run(args: argparse.Namespace) -> int:
    """Score, write, print."""
    from seqfer.experiments.evaluate import evaluate_encoder
    from seqfer.report.evaluate_report import write_evaluate_report
    from seqfer.runs.folder import default_folder, model_stem
    from seqfer.runs.names import EVALUATE_HTML, EVALUATE_JSON
    from seqfer.runs.records import write_record

    settings = settings_from(args, EvaluateSettings)
    stem = f"evaluate-{model_stem(settings.model)}-{Path(settings.data).stem}"
    stem += f"-{settings.split}" if settings.split else ""
    out = args.out or default_folder(stem, resume=False)
    report = evaluate_encoder(settings, command=shlex.join(["seqfer", *sys.argv[1:]]), out=out)
    write_record(out / EVALUATE_JSON, report)
    write_evaluate_report(report, out / EVALUATE_HTML)
    for title, scores in (
        ("as given" + (", all classes equally frequent" if report.prior == "equal" else ""), report.as_given),
        ("with the class frequencies of the training data", report.with_training_prior),
        ("without copies of training images", report.without_crossing_duplicates),
    ):
        if scores is None:  # the same as above, or no clip is known to have a duplicate in a training split
            continue
        named = (("accuracy", scores.accuracy), ("macro-F1", scores.macro_f1), ("ECE", scores.ece))
        marks = ", ".join(f"{name} {_percent(value)}" for name, value in named)
        print(f"{title}: {scores.count} clips, {marks}")
    print(f"Report: {out / EVALUATE_HTML}")
    return 0


def _percent(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{100 * value:.2f} %"
