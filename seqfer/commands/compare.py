"""Compare two finished runs on the clips that both have: McNemar's test, bootstrap by person.

Takes folders of evaluate, evaluate-valence, stress or cv, or files of predictions (predictions.csv, predictions.parquet). Of classes: accuracies,
their difference with its 95 % interval, and McNemar's test (exact with fewer than 25 discordant clips). Of valence: differences of RMSE and CCC with
intervals. Differences are the second run's minus the first's. Of a stress test the uncorrupted clips are compared, unless --first or --second names a
corruption and level; of a cv with repeats, the first repeat.

Example:
  seqfer compare runs/evaluate-small-fer2013-PublicTest runs/evaluate-compact-fer2013-PublicTest
  seqfer compare runs/ck runs/ck --first lstm --second bilstm
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys

from seqfer.commands._options import add_settings, as_path, settings_from
from seqfer.experiments.settings import CompareSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer compare`."""
    parser.add_argument("runs", metavar="RUN", nargs=2, type=as_path, help="two run folders, or files of predictions")
    add_settings(parser, CompareSettings, "first", "second", "samples", "seed")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=as_path, help="also write comparison.json and report.html into this folder")


def run(args: argparse.Namespace) -> int:
    """Read, test, print, write."""
    from seqfer.report.comparison_report import console_text
    from seqfer.results.comparison import run_comparison
    from seqfer.runs.records import as_json

    settings, command = settings_from(args, CompareSettings), shlex.join(["seqfer", *sys.argv[1:]])
    first, second = args.runs
    record, _ = run_comparison(first, second, settings, args.out, command=command)
    print(json.dumps(as_json(record), indent=1, ensure_ascii=False) if args.json else console_text(record))
    return 0
