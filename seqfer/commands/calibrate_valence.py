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
from typing import TYPE_CHECKING, Any

from seqfer.commands._options import add_settings, settings_from
from seqfer.commands._runs import add_quiet, check_folder
from seqfer.core.settings import narrowed
from seqfer.raters.settings import TRACE_OPTIONS, CalibrateSettings, TraceSettings

if TYPE_CHECKING:
    from seqfer.raters.films import Pairing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer calibrate-valence`."""
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="a folder of run folders; with --apply also one")
    parser.add_argument(
        "annotation", type=Path, nargs="*", metavar="ANNOTATION", help="annotation files, or folders of them"
    )
    parser.add_argument(
        "--apply", type=Path, metavar="FILE", help="apply this calibration.json to RUN, and fit nothing"
    )
    add_settings(parser, CalibrateSettings, "map", "folds", *TRACE_OPTIONS, spelled={"value_range": "--range"})
    parser.add_argument(
        "--out", type=Path, help="folder of the results (default: a new one, runs/calibrate-valence-NAME)"
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
    from seqfer.core.files import write_json
    from seqfer.raters.calibration import calibration_report, read_films, write_table
    from seqfer.raters.films import pair_films
    from seqfer.runs.folder import default_folder
    from seqfer.runs.names import CALIBRATION_JSON, FILMS_CSV
    from seqfer.runs.progress import ProgressBar

    given = settings_from(args, CalibrateSettings)
    settings = narrowed(given, TraceSettings)
    pairing = pair_films(args.run_folder, args.annotation)
    out = args.out or default_folder(f"calibrate-valence-{args.run_folder.resolve().name}", resume=False)
    check_folder(out, CALIBRATION_JSON, FILMS_CSV)
    bar = ProgressBar(len(pairing.films), "videos") if pairing.many and not args.quiet else None
    try:
        films, failed = read_films(pairing, settings, bar.step if bar else None)
    finally:
        if bar:
            bar.close()
    for one in failed:
        print(f"seqfer calibrate-valence: {one['film']}: {one['problem']}", file=sys.stderr)
    report = calibration_report(films, given.map, given.folds, settings, shlex.join(["seqfer", *sys.argv[1:]]))
    report |= {"failed": failed, "without_annotation": list(pairing.unannotated)}
    write_table(report, out / FILMS_CSV)
    write_json(out / CALIBRATION_JSON, report)
    for film, lines in report["warnings"].items():
        for line in lines:
            print(f"{film}: {line}", file=sys.stderr)
    _print(report, pairing)
    print(f"Map: {out / CALIBRATION_JSON}")
    return 2 if failed else 0


def _apply(calibration: Path, folder: Path) -> int:
    from seqfer.core.errors import InputError, SeqferError
    from seqfer.raters.calibration import apply_calibration, read_calibration
    from seqfer.raters.films import is_run_folder

    read_calibration(calibration)
    if is_run_folder(folder):
        print(f"Calibrated: {apply_calibration(calibration, folder)}")
        return 0
    runs = [path for path in sorted(folder.iterdir()) if is_run_folder(path)] if folder.is_dir() else []
    if not runs:
        raise InputError(f"{folder}: not a run folder of annotate-video, nor a folder of them; check the path")
    problems = 0
    for path in runs:
        try:
            print(f"Calibrated: {apply_calibration(calibration, path)}")
        except SeqferError as error:
            problems += 1
            print(f"seqfer calibrate-valence: {error}", file=sys.stderr)
    return 2 if problems else 0


def _print(report: dict[str, Any], pairing: Pairing) -> None:
    from seqfer.raters.calibration_map import map_from_dict

    width = max(len(row["film"]) for row in [*report["films"], {"film": "mean of videos"}])
    print(f"{'video':<{width}}  fold        n  RMSE before  after   CCC before  after")
    summary = {
        side: {name: one["mean"] for name, one in figures.items()} for side, figures in report["summary"].items()
    }
    for row in [*report["films"], {"film": "mean of videos", "fold": "", "n": "", **summary}]:
        numbers = [row[side][name] for name in ("rmse", "ccc") for side in ("before", "after")]
        cells = [f"{'nan' if value != value else f'{value:.4f}'}" for value in numbers]
        print(
            f"{row['film']:<{width}}  {row['fold']:>4}  {row['n']:>7}  {cells[0]:>11}  {cells[1]:>6}  {cells[2]:>10}  {cells[3]:>6}"
        )
    print(f"Map of all videos ({report['map']['kind']}): {map_from_dict(report['map']).in_words()}")
    if pairing.unannotated:
        print(f"{len(pairing.unannotated)} without annotation: {', '.join(pairing.unannotated)}")
    if pairing.unpredicted:
        print(
            f"{len(pairing.unpredicted)} annotation files without a video: {', '.join(map(str, pairing.unpredicted))}"
        )
