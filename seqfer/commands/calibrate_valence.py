"""Fit predicted valence to a study's ratings: a map fitted on some videos, evaluated on the others.

RUN is a folder of run folders of two or more videos, ANNOTATION are folders or files named after them, as for evaluate-trace. The figures before
and after come from cross-validation over videos: no video is evaluated with a map fitted on it. calibration.json holds the map fitted on all
videos; --apply writes valence_1hz_calibrated.csv into run folders and changes no other file.

Example:
  seqfer calibrate-valence results ratings --map affine
  seqfer calibrate-valence results ratings --map monotone --folds 5 --lag estimate --out runs/study
  seqfer calibrate-valence --apply runs/study/calibration.json new_movie-seqfer
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from seqfer.commands._options import Paths, add_settings, as_path, settings_from
from seqfer.commands._runs import add_quiet
from seqfer.core.one_line import one_line
from seqfer.raters.settings import TRACE_OPTIONS, CalibrateSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer calibrate-valence`."""
    parser.add_argument(
        "run_folder", type=as_path, metavar="RUN", help="a folder of run folders; with --apply also one"
    )
    parser.add_argument(
        "annotation",
        action=Paths,
        type=as_path,
        nargs="*",
        metavar="ANNOTATION",
        help="annotation files, or folders of them",
    )
    parser.add_argument(
        "--apply", type=as_path, metavar="FILE", help="apply this calibration.json to RUN, and fit nothing"
    )
    add_settings(parser, CalibrateSettings, "map", "folds", *TRACE_OPTIONS, spelled={"value_range": "--range"})
    parser.add_argument(
        "--out", type=as_path, help="folder of the results (default: a new one, runs/calibrate-valence-NAME)"
    )
    add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Fit, or apply; returns 2 where a video failed."""
    from seqfer.core.errors import SettingsError

    if args.apply is not None:
        if args.annotation:
            raise SettingsError(f"--apply takes run folders only, not {args.annotation[0]}; omit the annotations")
        return _apply(args.apply, args.run_folder)
    if not args.annotation:
        raise SettingsError("no ANNOTATION to fit to; give annotation files or folders, or --apply calibration.json")
    return _fit(args)


def _fit(args: argparse.Namespace) -> int:
    from seqfer.raters.films import pair_films
    from seqfer.report.calibration_text import console, problems, warnings
    from seqfer.results.valence_calibration import run_calibration
    from seqfer.runs.folder import default_folder
    from seqfer.runs.names import CALIBRATION_JSON

    settings = settings_from(args, CalibrateSettings)
    pairing = pair_films(args.run_folder, args.annotation)
    out = args.out or default_folder(f"calibrate-valence-{args.run_folder.resolve().name}", resume=False)
    report = run_calibration(pairing, settings, out, command=shlex.join(["seqfer", *sys.argv[1:]]), quiet=args.quiet)
    for line in problems(report):
        print(one_line(f"seqfer calibrate-valence: {line}"), file=sys.stderr)
    for line in warnings(report):
        print(one_line(line), file=sys.stderr)
    print(console(report, pairing.unpredicted))
    print(f"Map: {out / CALIBRATION_JSON}")
    return 2 if report.failed else 0


def _apply(calibration: Path, folder: Path) -> int:
    from seqfer.core.files import file_checksum
    from seqfer.raters.calibration import read_calibration
    from seqfer.results.valence_calibration import apply_to_runs

    written, problems = apply_to_runs(read_calibration(calibration), file_checksum(calibration), folder)
    for path in written:
        print(f"Calibrated: {path}")
    for problem in problems:
        print(one_line(f"seqfer calibrate-valence: {problem}"), file=sys.stderr)
    return 2 if problems else 0
