"""The text of `seqfer calibrate-valence`: figures before and after, the map in words, videos and files that were not used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqfer.core.repeated import counted
from seqfer.raters.calibration import scored_columns, sides_of
from seqfer.raters.calibration_map import map_from_dict
from seqfer.runs.kinds.calibrate_valence import CalibrateValenceReport, SmoothedMap

MEAN_ROW = "mean of videos"


def console(report: CalibrateValenceReport, unpredicted: Sequence[Path] = ()) -> str:
    """For the terminal: a table of the videos and the map, also smoothed where that was set, then what was not used. `unpredicted` are annotation
    files without a video."""
    lines = _table(report, ("before", "after"))
    if report.smoothed:
        lines += ["Prediction smoothed:", *_table(report, ("before_smoothed", "after_smoothed"))]
    lines.append(f"Map of all videos ({report.map['kind']}): {map_from_dict(report.map).in_words()}")
    if report.smoothed:
        lines.append(_smoothing(report, report.smoothed))
    if report.without_annotation:
        lines.append(f"{len(report.without_annotation)} without annotation: {', '.join(report.without_annotation)}")
    if unpredicted:
        lines.append(f"{len(unpredicted)} annotation files without a video: {', '.join(map(str, unpredicted))}")
    return "\n".join(lines)


def problems(report: CalibrateValenceReport) -> list[str]:
    """The videos that could not be used, a line each; one line with a count for those with the same problem."""
    failed = [(one["film"], one["problem"]) for one in report.failed]
    return counted(failed, len(report.films) + len(failed))


def warnings(report: CalibrateValenceReport) -> list[str]:
    """What a reader must know of the videos; what several have in common is one line with a count."""
    return counted(((film, line) for film, lines in report.warnings.items() for line in lines), len(report.films))


def _table(report: CalibrateValenceReport, sides: tuple[str, str]) -> list[str]:
    columns = [(name, side) for name, side in scored_columns(report) if side in sides]
    rows = [
        (row.film, str(row.fold), str(row.n), [getattr(sides_of(row)[side], name) for name, side in columns])
        for row in report.films
    ]
    rows.append((MEAN_ROW, "", "", [report.summary[side][name].mean for name, side in columns]))
    width = max(len(name) for name, *_ in rows)
    lines = [f"{'video':<{width}}  fold        n  RMSE before  after   CCC before  after"]
    for name, fold, n, numbers in rows:
        cells = ["nan" if value != value else f"{value:.4f}" for value in numbers]
        lines.append(
            f"{name:<{width}}  {fold:>4}  {n:>7}  {cells[0]:>11}  {cells[1]:>6}  {cells[2]:>10}  {cells[3]:>6}"
        )
    return lines


def _smoothing(report: CalibrateValenceReport, smoothed: SmoothedMap) -> str:
    how = f"SD {smoothed.smooth_s:g} s"
    if smoothed.chosen_from:
        scored = sorted({row.smoothed.smooth_s for row in report.films if row.smoothed})
        grid, used = (", ".join(f"{sd_s:g}" for sd_s in sds) for sds in (smoothed.chosen_from, scored))
        how += f", chosen from {grid} s; for the scored videos {used} s, chosen on the other videos"
    return f"Map of smoothed predictions ({how}): {map_from_dict(smoothed.map).in_words()}"
