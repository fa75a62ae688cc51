"""Writes the page and tables of `seqfer stress`: a model's scores under each corruption, worst first, for all clips and for each group.

Intervals of an accuracy are Wilson's 95 % intervals for a proportion of independent trials (Wilson 1927).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from seqfer.core.csv_text import csv_text
from seqfer.core.files import write_atomically
from seqfer.report import charts, words
from seqfer.report.annotate_report import POLICY
from seqfer.report.page import render
from seqfer.report.stress_pictures import Line, accuracies, against_strength, lines_of, strip
from seqfer.report.svg import SERIES
from seqfer.report.tables import provenance
from seqfer.runs.kinds.stress import LevelScores, Stressed, StressedGroup, StressReport

COLUMNS = ("group", "corruption", "kind", "level", "strength", "clips", "accuracy", "low", "high", "macro_f1", "ece")


def write_stress_report(report: StressReport, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically. Raises InputError when it cannot be written."""
    page = render(
        "stress.html",
        title=f"{report.model} under stress, {report.data}",
        report=report.provenance,
        data=report.data,
        split=report.split,
        sentence=summary(report),
        facts=_facts(report),
        corruptions=[_view(row) for row in report.corruptions],
        keys=[charts.key(0), charts.key(1)],
        groups=_groups(report),
        notes=_notes(report),
        provenance=provenance(report.provenance),
    )
    # The page's policy, extended to allow pictures inside the page.
    write_atomically(path, page.replace(POLICY, f"{POLICY}; img-src data:", 1))


def summary(report: StressReport) -> str:
    """The result in one sentence: accuracy unchanged and under corruptions, the worst and the best corruption, the worst group."""
    rows, clean = report.corruptions, report.clean
    worst, best = rows[0], rows[-1]
    said = f"{report.model} has an accuracy of {words.percent(clean.accuracy)} on {words.count(report.images)} clips"
    if len(rows) == 1:
        return f"{said} and of {words.percent(worst.mean_accuracy)} on average under {worst.name}."
    said += (
        f" and of {words.percent(report.mean_accuracy)} on average under {len(rows)} corruptions: largest loss for {worst.name} "
        f"({_change(worst)} points), smallest for {best.name} ({_change(best)})"
    )
    groups = report.groups
    if len(groups) > 1:
        low = groups[0]
        said += f"; the worst group is {report.attribute} {low.group} ({words.percent(low.mean_accuracy)})"
    return f"{said}."


def console_table(report: StressReport) -> str:
    """The corruptions, worst first, with the accuracy at every level, as text; then the groups."""
    wide = max(len(row.name) for row in report.corruptions)
    lines = [
        summary(report).replace(words.SPACE, " "),
        "",
        f"{'':{wide}}  mean change   accuracy (%) at level 0, 1, ...",
    ]
    for row in report.corruptions:
        given = "  ".join(f"{100 * words.number(level.accuracy):5.1f}" for level in row.levels)
        lines.append(f"{row.name:{wide}}  {_change(row):>11}   {given}")
    for group in report.groups:
        mean, first = (words.percent(v).replace(words.SPACE, " ") for v in (group.mean_accuracy, group.clean.accuracy))
        lines.append(
            f"{report.attribute} {group.group}: {mean} on average, {first} uncorrupted, {group.clean.count} clips"
        )
    return "\n".join(lines)


def csv_table(report: StressReport) -> str:
    """Every score as one row, see `score_rows`. An undefined score is an empty cell."""
    table = [["" if isinstance(v, float) and math.isnan(v) else v for v in row] for row in score_rows(report)]
    return csv_text([COLUMNS, *table])


def score_rows(report: StressReport) -> list[list[str | int | float]]:
    """Rows of `COLUMNS`: all clips first (an empty group), then each group; undefined scores are NaN."""
    return [
        [group, row.name, row.kind, at.level, at.strength, at.count, at.accuracy, at.low, at.high, at.macro_f1, at.ece]
        for group, row, at in _all(report)
    ]


def _all(report: StressReport) -> Iterator[tuple[str, Stressed, LevelScores]]:
    named = [("", report.corruptions), *((group.group, group.corruptions) for group in report.groups)]
    return ((name, row, level) for name, rows in named for row in rows for level in row.levels)


def _change(row: Stressed | StressedGroup) -> str:
    return words.points(-words.number(row.mean_drop))


def _view(row: Stressed) -> dict[str, Any]:
    strengths = [level.strength for level in row.levels]
    return {
        **vars(row),
        "change": _change(row),
        "error": words.points(row.mean_drop_se, signed=False),
        "last": row.levels[-1],
        "picture": against_strength(
            row.name,
            strengths,
            lines_of(row.levels),
            strip(row.name),
            words.number(row.levels[0].accuracy),
        ),
    }


def _groups(report: StressReport) -> dict[str, Any] | None:
    """The groups as rows, worst first, and corruption by corruption, the one with the widest gap first."""
    groups = report.groups
    if not groups:
        return None
    means = {g.group: {row.name: words.number(row.mean_accuracy) for row in g.corruptions} for g in groups}
    table = []
    for row in report.corruptions:
        here = {name: mean[row.name] for name, mean in means.items()}
        lowest = min(here, key=lambda name: here[name])
        gap = max(here.values()) - here[lowest]
        table.append(
            {
                "name": row.name,
                "means": here,
                "lowest": lowest if gap > 0 else "none",
                "gap": gap,
                "picture": _by_group(row, groups),
            }
        )
    return {
        "attribute": report.attribute,
        "rows": [
            {**vars(g), "key": charts.key(k), "change": _change(g), "worst": g.corruptions[0].name}
            for k, g in enumerate(groups)
        ],
        "table": sorted(table, key=lambda one: -one["gap"]),
        "left_out": report.in_no_group,
    }


def _by_group(row: Stressed, groups: Sequence[StressedGroup]) -> Markup | None:
    """One line per group; None where there are more groups than marks."""
    if len(groups) > SERIES:
        return None
    lines = []
    for k, group in enumerate(groups):
        own = next(one for one in group.corruptions if one.name == row.name)
        lines.append(Line(group.group, accuracies(own.levels), k))
    return against_strength(row.name, [level.strength for level in row.levels], lines)


def _facts(report: StressReport) -> list[tuple[str, str, str]]:
    size, clean = report.input_size_px, report.clean
    interval = f"95{words.SPACE}% interval {words.percent(clean.low)} to {words.percent(clean.high)}"
    return [
        ("Data", report.data, f"split: {report.split}"),
        ("Clips", words.count(report.images), f"drawn by seed {report.seed}, the same at every level"),
        ("Uncorrupted", words.percent(clean.accuracy), interval),
        (
            "Model",
            words.count(report.parameters) + " parameters",
            f"sha256 {report.model_checksum[:12]}, input {size} px",
        ),
        ("Time", words.duration(report.seconds), words.moment(report.created)),
    ]


def _notes(report: StressReport) -> list[str]:
    return [
        "A corruption's mean is over its levels from 1 on with equal weights; its standard error is that of paired differences of clips, so it is "
        "smaller than the intervals of two accuracies suggest.",
        f"Faces are changed at the model's input size ({report.input_size_px} pixels). The random choices for a face (a side, a position, a noise "
        "pattern) depend on the seed and on the face, not on the level: level 4 is the same corruption as level 2, only stronger.",
        "Glasses and hands are drawn at the usual position of eyes and mouth in a crop; they are not detected in each picture. "
        "Where a face is rotated, moved or reduced, the uncovered pixels repeat the picture's edge.",
        "Intervals are Wilson's 95 % intervals for a proportion; they assume independent clips, so with several clips of one person they "
        "are slightly too narrow. ECE is the expected calibration error: the mean difference of confidence and accuracy.",
        "A simulated corruption differs from a real one: a model with a high score here may fail in a real dark room; one with a low score will.",
    ]
