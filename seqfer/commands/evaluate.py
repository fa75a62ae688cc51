"""Score a trained encoder on a corpus: accuracy, macro-F1, per-class table, calibration.

Clips are labelled by the sum of their frames' probabilities; a still image is a clip of one frame. Every score is given as is, and without the
images that have a copy in the training split. Writes JSON and an HTML page.

Example:
  seqfer evaluate compact --data fer2013.jsonl --split PublicTest
  seqfer evaluate runs/mine/encoder.safetensors --data ck48.jsonl --classes six
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from seqfer.commands._options import add_setting_argument, add_settings, settings_from
from seqfer.experiments.settings import EvaluateSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer evaluate`."""
    add_setting_argument(parser, EvaluateSettings, "model")
    add_settings(parser, EvaluateSettings, "data", "split", "classes", "mirror", "prior", "device")
    parser.add_argument(
        "--out", type=Path, help="folder for evaluate.json and evaluate.html (default: runs/evaluate-MODEL-DATA)"
    )


def run(args: argparse.Namespace) -> int:
    """Score, write, print."""
    from seqfer.core.files import without_nan, write_json
    from seqfer.experiments.evaluate import evaluate_encoder
    from seqfer.report.evaluate_report import write_evaluate_report
    from seqfer.runs.folder import default_folder, model_stem
    from seqfer.runs.names import EVALUATE_HTML, EVALUATE_JSON

    settings = settings_from(args, EvaluateSettings)
    report = without_nan(evaluate_encoder(settings, command=shlex.join(["seqfer", *sys.argv[1:]])))
    stem = f"evaluate-{model_stem(settings.model)}-{Path(settings.data).stem}"
    stem += f"-{settings.split}" if settings.split else ""
    out = args.out or default_folder(stem, resume=False)
    write_json(out / EVALUATE_JSON, report)
    write_evaluate_report(report, out / EVALUATE_HTML)
    for title, key in (
        ("as given" + (", all classes equally frequent" if report["prior"] == "equal" else ""), "as_given"),
        ("with the class frequencies of the training data", "with_training_prior"),
        ("without copies of training images", "without_crossing_duplicates"),
    ):
        scores = report[key]
        if scores is None:  # the same as above, or no clip is known to have a copy in a training split
            continue
        marks = ", ".join(
            f"{name} {_percent(scores[key])}"
            for name, key in (("accuracy", "accuracy"), ("macro-F1", "macro_f1"), ("ECE", "ece"))
        )
        print(f"{title}: {scores['count']} clips, {marks}")
    print(f"Report: {out / EVALUATE_HTML}")
    return 0


def _percent(value: float | None) -> str:
    return "undefined" if value is None else f"{100 * value:.2f} %"
