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
from typing import TYPE_CHECKING

from seqfer.commands._options import Paths, add_settings, as_path, settings_from
from seqfer.commands._runs import add_quiet, check_folder
from seqfer.core.one_line import one_line
from seqfer.raters.settings import TRACE_OPTIONS, CalibrateSettings

if TYPE_CHECKING:
    from seqfer.raters.films import Pairing
    from seqfer.runs.kinds.calibrate_valence import CalibrateValenceReport, SmoothedMap


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
    from dataclasses import replace

    from seqfer.core.repeated import counted
    from seqfer.raters.calibration import calibration_report, read_films, write_table
    from seqfer.raters.films import pair_films
    from seqfer.runs.folder import default_folder
    from seqfer.runs.names import CALIBRATION_JSON, FILMS_CSV
    from seqfer.runs.progress import ProgressBar
    from seqfer.runs.records import write_record

    settings = settings_from(args, CalibrateSettings)
    pairing = pair_films(args.run_folder, args.annotation)
    out = args.out or default_folder(f"calibrate-valence-{args.run_folder.resolve().name}", resume=False)
    check_folder(out, CALIBRATION_JSON, FILMS_CSV)
    bar = ProgressBar(len(pairing.films), "videos") if pairing.many and not args.quiet else None
    try:
        films, failed = read_films(pairing, settings, bar.step if bar else None)
    finally:
        if bar:
            bar.close()
    problems = [(one["film"], one["problem"]) for one in failed]
    for line in counted(problems, len(films) + len(failed)):
        print(one_line(f"seqfer calibrate-valence: {line}"), file=sys.stderr)
    report = calibration_report(films, settings, shlex.join(["seqfer", *sys.argv[1:]]), pairing)
    report = replace(report, failed=tuple(failed))
    write_table(report, out / FILMS_CSV)
    write_record(out / CALIBRATION_JSON, report)
    said = ((film, line) for film, lines in report.warnings.items() for line in lines)
    for line in counted(said, len(films)):
        print(one_line(line), file=sys.stderr)
    _print(report, pairing)
    print(f"Map: {out / CALIBRATION_JSON}")
    return 2 if failed else 0


def _apply(calibration: Path, folder: Path) -> int:
    from seqfer.core.errors import InputError, SeqferError
    from seqfer.raters.calibration import apply_calibration, read_calibration
    from seqfer.raters.films import is_run_folder, run_folders

    read_calibration(calibration)
    if is_run_folder(folder):
        print(f"Calibrated: {apply_calibration(calibration, folder)}")
        return 0
    runs = list(run_folders(folder)) if folder.is_dir() else []
    if not runs:
        raise InputError(f"{folder}: not a run folder of annotate-video, nor a folder of them; check the path")
    problems = 0
    for path in runs:
        try:
            print(f"Calibrated: {apply_calibration(calibration, path)}")
        except SeqferError as error:
            problems += 1
            print(one_line(f"seqfer calibrate-valence: {error}"), file=sys.stderr)
    return 2 if problems else 0


def _print(report: CalibrateValenceReport, pairing: Pairing) -> None:
    from seqfer.raters.calibration import sides_of
    from seqfer.raters.calibration_map import map_from_dict

    pairs = [("before", "after"), ("before_smoothed", "after_smoothed")]
    for names in pairs if report.smoothed else pairs[:1]:
        rows = [
            (
                row.film,
                str(row.fold),
                str(row.n),
                [getattr(sides_of(row)[side], name) for name, side in _columns(names)],
            )
            for row in report.films
        ]
        means = [report.summary[side][name].mean for name, side in _columns(names)]
        if names != pairs[0]:
            print("Prediction smoothed:")
        _print_table([*rows, ("mean of videos", "", "", means)])
    print(f"Map of all videos ({report.map['kind']}): {map_from_dict(report.map).in_words()}")
    if report.smoothed:
        _print_smoothing(report, report.smoothed)
    if pairing.unannotated:
        print(f"{len(pairing.unannotated)} without annotation: {', '.join(pairing.unannotated)}")
    if pairing.unpredicted:
        print(
            f"{len(pairing.unpredicted)} annotation files without a video: {', '.join(map(str, pairing.unpredicted))}"
        )


def _columns(sides: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, side) for name in ("rmse", "ccc") for side in sides]


def _print_table(rows: list[tuple[str, str, str, list[float]]]) -> None:
    width = max(len(name) for name, *_ in rows)
    print(f"{'video':<{width}}  fold        n  RMSE before  after   CCC before  after")
    for name, fold, n, numbers in rows:
        cells = [f"{'nan' if value != value else f'{value:.4f}'}" for value in numbers]
        print(f"{name:<{width}}  {fold:>4}  {n:>7}  {cells[0]:>11}  {cells[1]:>6}  {cells[2]:>10}  {cells[3]:>6}")


def _print_smoothing(report: CalibrateValenceReport, smoothed: SmoothedMap) -> None:
    from seqfer.raters.calibration_map import map_from_dict

    how = f"SD {smoothed.smooth_s:g} s"
    if smoothed.chosen_from:
        scored = sorted({row.smoothed.smooth_s for row in report.films if row.smoothed})
        grid, used = (", ".join(f"{sd_s:g}" for sd_s in sds) for sds in (smoothed.chosen_from, scored))
        how += f", chosen from {grid} s; for the scored videos {used} s, chosen on the other videos"
    print(f"Map of smoothed predictions ({how}): {map_from_dict(smoothed.map).in_words()}")
