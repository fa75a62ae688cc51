"""Cross-validate temporal heads on expression clips; no person is in two folds.

Trains every head on the same frame features, sums frame probabilities into clip labels, and prints the error rates side by side with a test of
the difference. With --task valence the clips need a value per frame: the heads regress it, and RMSE, CCC, PCC and sign agreement (SAGR) are
compared with those of the training people's mean. Writes a run folder with settings, folds, predictions, report.json and report.html.

Example:
  seqfer cv --folds 5
  seqfer cv --task valence --folds 5
  seqfer cv --data ck.jsonl --folds 5 --repeats 5 --heads lstm,bilstm,linear_svm --out runs/ck
  seqfer cv --out runs/ck --resume
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from seqfer.commands._options import add_settings, as_whole_number
from seqfer.commands._runs import add_run_arguments, settings_and_folder
from seqfer.experiments.crossval.settings import CvSettings

OPTIONS = (
    "data",
    "task",
    "folds",
    "repeats",
    "heads",
    "encoder",
    "encoder_weights",
    "train_encoder",
    "classes",
    "folds_file",
    "seed",
    "device",
    "threads",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer cv`; those not given keep the config file's value, or the default."""
    add_settings(parser, CvSettings, *OPTIONS)
    add_run_arguments(parser, "cv-DATA-seedSEED or runs/cv-valence-DATA-seedSEED")
    parser.add_argument(
        "--jobs",
        type=as_whole_number,
        default=0,
        metavar="N",
        help="folds in parallel (default: one per core; does not change the results)",
    )


def run(args: argparse.Namespace) -> int:
    """Run, write the reports, print the table."""
    from seqfer.results.cross_validation import console_table, run_cross_validation
    from seqfer.runs.names import REPORT_HTML

    settings, out = settings_and_folder(args, CvSettings, _folder)
    command = shlex.join(["seqfer", *sys.argv[1:]])
    record = run_cross_validation(settings, out, command=command, resume=args.resume, jobs=args.jobs, quiet=args.quiet)
    print(console_table(record))
    print(f"\nReport: {out / REPORT_HTML}")
    return 0


def _folder(settings: CvSettings) -> str:
    return f"{'cv' if settings.task == 'emotion' else 'cv-valence'}-{Path(settings.data).stem}-seed{settings.seed}"
