"""Evaluate estimates of facial action units against a coder's labels.

Pearson's r, ICC(3,1), MAE, F1 and AUC per action unit, with intervals over people.

RESULTS is a folder with run folders of `seqfer annotate-video --geometry`, one per labelled video and named after it. LABELS is the folder
ActionUnit_Labels of DISFA, AU_OCC of BP4D, or a CSV with the columns video, frame, AU01, AU12, ... (and person, where one is in several videos).
A video's name contains that of its labels: LeftVideoSN001_comp belongs to SN001. Scaling and threshold of a person are fitted on other people.
Writes evaluation.json and report.html.

Example:
  seqfer annotate-video Video_LeftCamera/*.avi --geometry --out results
  seqfer evaluate-aus results ActionUnit_Labels
  seqfer evaluate-aus results AU_OCC --folds 3 --out runs/bp4d
"""

from __future__ import annotations

import argparse
import shlex
import sys

from seqfer.commands._options import add_settings, as_path, settings_from
from seqfer.experiments.settings import EvaluateAusSettings

OPTIONS = ("kind", "first_frame", "least_intensity", "folds", "samples", "level", "seed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer evaluate-aus`."""
    parser.add_argument("results", type=as_path, metavar="RESULTS", help="a folder with run folders of annotate-video")
    parser.add_argument("labels", type=as_path, metavar="LABELS", help="a folder of labels, or a CSV")
    add_settings(parser, EvaluateAusSettings, *OPTIONS)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--out", type=as_path, help="folder of the results (default: a new one, runs/evaluate-aus-NAME)"
    )


def run(args: argparse.Namespace) -> int:
    """Evaluate, write, print."""
    import json

    from seqfer.report.evaluate_aus_report import console
    from seqfer.results.au_evaluation import run_au_evaluation
    from seqfer.runs.folder import default_folder
    from seqfer.runs.names import REPORT_HTML
    from seqfer.runs.records import as_json

    settings = settings_from(args, EvaluateAusSettings)
    out = args.out or default_folder(f"evaluate-aus-{args.results.resolve().name}", resume=False)
    command = shlex.join(["seqfer", *sys.argv[1:]])
    record = run_au_evaluation(args.results, args.labels, settings, out, command=command)
    if args.json:
        print(json.dumps(as_json(record), indent=1))
    else:
        print(console(record))
        print(f"Report: {out / REPORT_HTML}")
    return 0
