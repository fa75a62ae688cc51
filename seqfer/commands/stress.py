"""Test the robustness of a still-image model: light, pose, detail and occlusion at five severities.

The same faces are evaluated without corruption and under every corruption at every severity. Writes stress.json, stress.csv, the predictions of
every clip (predictions.csv, predictions.parquet), which `seqfer compare` takes, and stress.html with a chart of the score against severity. With
--groups the same is shown for each group of the corpus. An interrupted run resumes with --resume.

Example:
  seqfer stress small --data fer2013.jsonl --split PublicTest --images 400
  seqfer stress compact --data fer2013.jsonl --split PublicTest --only rotation,blur,occlusion
  seqfer stress runs/mine/encoder.safetensors --data kdef.jsonl --groups sex
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from seqfer.commands._options import add_setting_argument, add_settings, settings_from
from seqfer.commands._runs import add_run_arguments
from seqfer.experiments.stress.settings import StressSettings

OPTIONS = ("data", "split", "classes", "groups", "only", "images", "seed", "device", "runtime")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer stress`."""
    add_setting_argument(parser, StressSettings, "model")
    add_settings(parser, StressSettings, *OPTIONS)
    add_run_arguments(parser, "stress-MODEL-DATA")


def run(args: argparse.Namespace) -> int:
    """Score, write, print."""
    from seqfer.report.stress_report import console_table
    from seqfer.results.stress_test import run_stress
    from seqfer.runs.folder import default_folder, model_stem
    from seqfer.runs.names import STRESS_HTML
    from seqfer.runs.process_tuning import tune_for_training

    tune_for_training()
    settings = settings_from(args, StressSettings)
    stem = f"stress-{model_stem(settings.model)}-{Path(settings.data).stem}"
    stem += f"-{settings.split}" if settings.split else ""
    out = args.out or default_folder(stem, args.resume)
    command = shlex.join(["seqfer", *sys.argv[1:]])
    print(console_table(run_stress(settings, out, command=command, resume=args.resume, quiet=args.quiet)))
    print(f"\nReport: {out / STRESS_HTML}")
    return 0
