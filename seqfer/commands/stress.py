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

OPTIONS = ("data", "split", "classes", "groups", "only", "images", "seed", "device")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer stress`."""
    add_setting_argument(parser, StressSettings, "model")
    add_settings(parser, StressSettings, *OPTIONS)
    add_run_arguments(parser, "stress-MODEL-DATA")


def run(args: argparse.Namespace) -> int:
    """Score, write, print."""
    from seqfer.core.files import write_atomically
    from seqfer.experiments.stress.run import stress_model
    from seqfer.report.stress_report import console_table, csv_table, write_stress_report
    from seqfer.runs.folder import default_folder, model_stem
    from seqfer.runs.names import STRESS_CSV, STRESS_HTML, STRESS_JSON
    from seqfer.runs.process_tuning import tune_for_training
    from seqfer.runs.records import write_record

    tune_for_training()
    settings = settings_from(args, StressSettings)
    stem = f"stress-{model_stem(settings.model)}-{Path(settings.data).stem}"
    stem += f"-{settings.split}" if settings.split else ""
    out = args.out or default_folder(stem, args.resume)
    command = shlex.join(["seqfer", *sys.argv[1:]])
    report = stress_model(settings, out, resume=args.resume, quiet=args.quiet, command=command)
    write_record(out / STRESS_JSON, report)
    write_atomically(out / STRESS_CSV, csv_table(report))
    write_stress_report(report, out / STRESS_HTML)
    print(console_table(report))
    print(f"\nReport: {out / STRESS_HTML}")
    return 0
