"""Cross-validate temporal heads on expression clips, people never shared between folds.

Trains every head on the same frame features, sums frame probabilities into clip labels, and prints the error rates side by side with a test of
the difference. With --task valence the clips need a value per frame: the heads regress it, and RMSE, CCC, PCC and sign agreement (SAGR) are
told beside those of the training people's mean. Leaves a run folder with settings, folds, predictions, report.json and report.html.

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
from typing import TYPE_CHECKING

from seqfer.commands._runs import add_run_arguments, named, settings_of

if TYPE_CHECKING:
    from seqfer.experiments.crossval.settings import CvSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer cv`; those not given keep the config file's value, or the default."""
    parser.add_argument("--data", help="a manifest (.jsonl) or an embedded corpus (default: posed)")
    parser.add_argument("--task", help="emotion, a label per clip, or valence, a value per frame (default: emotion)")
    parser.add_argument("--folds", type=int, help="number of folds (default: 5)")
    parser.add_argument("--repeats", type=int, help="how often the folds are drawn anew (default: 1)")
    parser.add_argument(
        "--heads",
        help="temporal heads to compare, comma-separated (default: lstm,bilstm); `mean` is always run beside them",
    )
    parser.add_argument("--encoder", help="frame encoder, see `seqfer models`")
    parser.add_argument(
        "--encoder-weights", help="`shipped`, `none` for a random start that is then trained, or a .safetensors file"
    )
    parser.add_argument(
        "--train-encoder", action="store_true", default=None, help="train the encoder on each fold's training people"
    )
    parser.add_argument(
        "--classes", help="six, seven, all, or for valence any (default: six; for valence any clip, labelled or not)"
    )
    parser.add_argument("--folds-file", help="take the folds from this folds.json")
    add_run_arguments(parser, "cv-DATA-seedSEED or runs/cv-valence-DATA-seedSEED", "head_training.epochs=80")
    parser.add_argument(
        "--jobs", type=int, default=0, help="folds at a time (default: one per core; does not change the numbers)"
    )


def run(args: argparse.Namespace) -> int:
    """Run, write the reports, print the table."""
    from seqfer.core.files import without_nan, write_json
    from seqfer.experiments.crossval.run import cross_validate
    from seqfer.experiments.crossval.settings import CvSettings
    from seqfer.experiments.crossval.summary import summarise
    from seqfer.experiments.crossval.valence_summary import summarise_valence
    from seqfer.report import cv_report, valence_report
    from seqfer.runs.names import REPORT_HTML, REPORT_JSON

    settings, out = settings_of(args, CvSettings, _given(args), _folder)
    result = cross_validate(settings, out, resume=args.resume, jobs=args.jobs, quiet=args.quiet)
    valence = settings.task == "valence"
    report = without_nan((summarise_valence if valence else summarise)(result, shlex.join(["seqfer", *sys.argv[1:]])))
    write_json(out / REPORT_JSON, report)
    if valence:
        valence_report.write_valence_report(report, out / REPORT_HTML)
        print(valence_report.console_table(report))
    else:
        cv_report.write_cv_report(report, out / REPORT_HTML)
        print(cv_report.console_table(report))
    print(f"\nReport: {out / REPORT_HTML}")
    return 0


def _folder(settings: CvSettings) -> str:
    return f"{'cv' if settings.task == 'emotion' else 'cv-valence'}-{Path(settings.data).stem}-seed{settings.seed}"


def _given(args: argparse.Namespace) -> dict[str, object]:
    given = named(
        args,
        "data",
        "task",
        "folds",
        "repeats",
        "encoder",
        "encoder_weights",
        "train_encoder",
        "classes",
        "seed",
        "folds_file",
    )
    if args.heads is not None:
        given["heads"] = tuple(name.strip() for name in args.heads.split(",") if name.strip())
    return given
