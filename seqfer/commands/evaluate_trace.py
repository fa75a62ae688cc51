"""Compare predicted valence with raters' annotations: RMSE, CCC, PCC, SAGR, MAE with intervals.

PREDICTION is a run folder of annotate-video, a trace file, or a folder of these; ANNOTATION are files (CARMA, DARMA, CSV, SEWA, FaceReader,
ELAN), one or more raters, or a folder of them, named STEM.csv, STEM_RATER.csv or STEM/RATER.csv after the videos; subfolders of both mirror each
other (results/P01/video and ratings/P01/video_RATER.csv). Both begin at video time 0.
The raters' delay is always estimated and reported, and removed only with --lag. Writes evaluation.json, report.html and the aligned seconds.

Example:
  seqfer evaluate-trace movie-seqfer ann.csv ben.csv
  seqfer evaluate-trace movie-seqfer ratings/ --axis Valence --lag estimate --fusion ewe
  seqfer evaluate-trace results ratings --every-s 2 --out runs/study
  seqfer evaluate-trace results ratings --lag estimate --smooth auto
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seqfer.commands._options import Paths, add_settings, as_path, settings_from
from seqfer.commands._runs import add_quiet
from seqfer.core.one_line import one_line
from seqfer.raters.settings import TRACE_OPTIONS, EvaluateTraceSettings

if TYPE_CHECKING:
    from seqfer.raters.films import Pairing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer evaluate-trace`."""
    parser.add_argument(
        "prediction", type=as_path, metavar="PREDICTION", help="a run folder, a trace file, or a folder of them"
    )
    parser.add_argument(
        "annotation",
        action=Paths,
        type=as_path,
        nargs="+",
        metavar="ANNOTATION",
        help="annotation files, or folders of them",
    )
    more = ("every_s", "level", "formats")
    add_settings(parser, EvaluateTraceSettings, *TRACE_OPTIONS, *more, spelled={"value_range": "--range"})
    parser.add_argument(
        "--out",
        type=as_path,
        help="folder of the results (default: `evaluation` in the run folder; else a new one, runs/evaluate-trace-NAME)",
    )
    add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Compare, write, print; returns 2 where a video failed."""
    from seqfer.core.repeated import counted
    from seqfer.raters.films import pair_films
    from seqfer.report.trace_text import console
    from seqfer.results.trace_comparison import run_trace_comparison
    from seqfer.runs.names import REPORT_HTML

    settings = settings_from(args, EvaluateTraceSettings)
    pairing = pair_films(args.prediction, args.annotation)
    out = args.out or _folder(args.prediction, pairing)
    command = shlex.join(["seqfer", *sys.argv[1:]])
    report, _ = run_trace_comparison(pairing, settings, out, command=command, quiet=args.quiet)
    print(console(report))
    failed = [(one["film"], one["problem"]) for one in report.failed]
    for line in counted(failed, len(report.films) + len(failed)):
        print(one_line(f"seqfer evaluate-trace: {line}"), file=sys.stderr)
    print(f"Report: {out / REPORT_HTML}")
    return 2 if failed else 0


def _folder(prediction: Path, pairing: Pairing) -> Path:
    from seqfer.raters.films import is_run_folder
    from seqfer.runs.folder import default_folder
    from seqfer.runs.names import EVALUATION_FOLDER

    if is_run_folder(prediction):
        return prediction / EVALUATION_FOLDER
    name = prediction.resolve().name if pairing.many else pairing.films[0].stem
    return default_folder(f"evaluate-trace-{name}", resume=False)
