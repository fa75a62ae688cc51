"""Rank finished runs that were tested on the same clips in one table.

A row for each head of a cross-validation, each evaluation, each training (on its held-out people), each member and combination of an
ensemble, each stage of a transfer: model, parameters, multiplications of the convolutions, milliseconds per face (processor time at batch 1 on one
thread of this machine, measured now), error with its standard error, macro-F1, calibration. Runs whose data, folds, classes or split differ are not
ranked together: with --groups each group gets its own table, without it the command ends with an error.

Example:
  seqfer leaderboard runs/ck runs/ck-scratch
  seqfer leaderboard runs/evaluate-* --by macro_f1 --groups --out runs/leaderboard
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys

from seqfer.commands._options import Paths, add_settings, as_path, settings_from
from seqfer.commands._runs import add_quiet
from seqfer.experiments.settings import LeaderboardSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer leaderboard`."""
    parser.add_argument(
        "runs",
        metavar="RUN",
        action=Paths,
        nargs="+",
        type=as_path,
        help="folders of cv, evaluate, train, ensemble or transfer; others are skipped",
    )
    add_settings(parser, LeaderboardSettings, "by", "groups")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--out", type=as_path, help="folder for leaderboard.html, leaderboard.csv and leaderboard.json")
    add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Read, rank, print and write."""
    from seqfer.report.leaderboard_report import console_tables
    from seqfer.results.leaderboard import run_leaderboard
    from seqfer.runs.names import LEADERBOARD_HTML
    from seqfer.runs.records import as_json

    settings, command = settings_from(args, LeaderboardSettings), shlex.join(["seqfer", *sys.argv[1:]])
    record = run_leaderboard(args.runs, settings, args.out, command=command, quiet=args.quiet)
    board = as_json(record)
    print(json.dumps(board, indent=1, ensure_ascii=False) if args.json else console_tables(board))
    if args.out and not args.json:
        print(f"\nReport: {args.out / LEADERBOARD_HTML}")
    return 0
