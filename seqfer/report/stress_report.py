"""The report of `seqfer stress`: what a model stands and what it does not, worst first, for all clips and for each group.

Intervals of an accuracy are Wilson's 95 % intervals for a share of independent trials (Wilson 1927).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqfer.core.files import write_atomically
from seqfer.report import charts, words
from seqfer.report.annotate_report import POLICY
from seqfer.report.page import render
from seqfer.report.stress_pictures import Line, accuracies, against_strength, lines_of, strip
from seqfer.report.svg import SERIES
from seqfer.report.tables import provenance

Report = Mapping[str, Any]
_COLUMNS = ("group", "corruption", "kind", "level", "strength", "clips", "accuracy", "low", "high", "macro_f1", "ece")


def write_stress_report(report: Report, path: Path) -> None:
    """Write the page (UTF-8 HTML, nothing beside it is needed), whole or not at all. Raises InputError when it cannot be written."""
    page = render(
        "stress.html",
        title=f"{report['model']} under stress, {report['data']}",
        report=report,
        sentence=summary(report),
        facts=_facts(report),
        corruptions=[_view(row) for row in report["corruptions"]],
        keys=[charts.key(0), charts.key(1)],
        groups=_groups(report),
        notes=_notes(report),
        provenance=provenance(report),
    )
    # The page's policy, widened by pictures inside the page.
    write_atomically(path, page.replace(POLICY, f"{POLICY}; img-src data:", 1))


def summary(report: Report) -> str:
    """The result in one sentence: as they are, under stress, the worst and the best change, the worst group."""
    rows, clean = report["corruptions"], report["clean"]
    worst, best = rows[0], rows[-1]
    said = f"{report['model']} is right on {words.percent(clean['accuracy'])} of {words.count(report['images'])} clips as they are"
    if len(rows) == 1:
        return f"{said} and on {words.percent(worst['mean_accuracy'])} on average under {worst['name']}."
    said += (
        f" and on {words.percent(report['mean_accuracy'])} on average under {len(rows)} changes: {worst['name']} costs it "
        f"most ({_change(worst)} points), {best['name']} least ({_change(best)})"
    )
    groups = report.get("groups") or []
    if len(groups) > 1:
        low = groups[0]
        said += f"; the worst group is {report['attribute']} {low['group']} ({words.percent(low['mean_accuracy'])})"
    return f"{said}."


def console_table(report: Report) -> str:
    """The corruptions, worst first, with the accuracy at every level, as text; then the groups."""
    wide = max(len(row["name"]) for row in report["corruptions"])
    lines = [
        summary(report).replace(words.SPACE, " "),
        "",
        f"{'':{wide}}  mean change   accuracy (%) at level 0, 1, ...",
    ]
    for row in report["corruptions"]:
        given = "  ".join(f"{100 * words.number(level['accuracy']):5.1f}" for level in row["levels"])
        lines.append(f"{row['name']:{wide}}  {_change(row):>11}   {given}")
    for group in report.get("groups") or ():
        mean, first = (
            words.percent(v).replace(words.SPACE, " ") for v in (group["mean_accuracy"], group["clean"]["accuracy"])
        )
        lines.append(
            f"{report['attribute']} {group['group']}: {mean} on average, {first} as they are, {group['clean']['count']} clips"
        )
    return "\n".join(lines)


def csv_table(report: Report) -> str:
    """Every score as one row: all clips first (an empty group), then each group. An undefined score is an empty cell."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for group, row, level in _all(report):
        values = [level[key] for key in ("accuracy", "low", "high", "macro_f1", "ece")]
        table.writerow([group, row["name"], row["kind"], level["level"], level["strength"], level["count"], *values])
    return text.getvalue()


def _all(report: Report) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    named = [("", report), *((group["group"], group) for group in report.get("groups") or ())]
    return ((name, row, level) for name, one in named for row in one["corruptions"] for level in row["levels"])


def _change(row: Mapping[str, Any]) -> str:
    return words.points(-words.number(row["mean_drop"]))


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    strengths = [level["strength"] for level in row["levels"]]
    return {
        **row,
        "change": _change(row),
        "error": words.points(row["mean_drop_se"], signed=False),
        "last": row["levels"][-1],
        "picture": against_strength(
            row["name"],
            strengths,
            lines_of(row["levels"]),
            strip(row["name"]),
            words.number(row["levels"][0]["accuracy"]),
        ),
    }


def _groups(report: Report) -> dict[str, Any] | None:
    """The groups as rows, worst first, and corruption by corruption, the one with the widest gap first."""
    groups = report.get("groups") or []
    if not groups:
        return None
    means = {g["group"]: {row["name"]: words.number(row["mean_accuracy"]) for row in g["corruptions"]} for g in groups}
    table = []
    for row in report["corruptions"]:
        here = {name: mean[row["name"]] for name, mean in means.items()}
        lowest = min(here, key=lambda name: here[name])
        gap = max(here.values()) - here[lowest]
        table.append(
            {
                "name": row["name"],
                "means": here,
                "lowest": lowest if gap > 0 else "none",
                "gap": gap,
                "picture": _by_group(row, groups),
            }
        )
    return {
        "attribute": report["attribute"],
        "rows": [
            {**g, "key": charts.key(k), "change": _change(g), "worst": g["corruptions"][0]["name"]}
            for k, g in enumerate(groups)
        ],
        "table": sorted(table, key=lambda one: -one["gap"]),
        "left_out": report.get("in_no_group") or 0,
    }


def _by_group(row: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> Any:
    """One line per group; None where there are more groups than marks."""
    if len(groups) > SERIES:
        return None
    lines = []
    for k, group in enumerate(groups):
        own = next(one for one in group["corruptions"] if one["name"] == row["name"])
        lines.append(Line(group["group"], accuracies(own["levels"]), k))
    return against_strength(row["name"], [level["strength"] for level in row["levels"]], lines)


def _facts(report: Report) -> list[tuple[str, str, str]]:
    size, clean = report["input_size_px"], report["clean"]
    interval = f"95{words.SPACE}% interval {words.percent(clean['low'])} to {words.percent(clean['high'])}"
    return [
        ("Data", str(report["data"]), f"split: {report['split']}"),
        ("Clips", words.count(report["images"]), f"drawn by seed {report['seed']}, the same at every level"),
        ("As they are", words.percent(clean["accuracy"]), interval),
        (
            "Model",
            words.count(report["parameters"]) + " parameters",
            f"sha256 {report['model_checksum'][:12]}, input {size} px",
        ),
        ("Time", words.duration(report["seconds"]), words.moment(report["created"])),
    ]


def _notes(report: Report) -> list[str]:
    return [
        "A change's mean is over its levels from 1 on, each counting alike; its standard error compares every clip with itself, so it is "
        "smaller than the intervals of two accuracies suggest.",
        f"Faces are changed at the size the model takes ({report['input_size_px']} pixels). What is drawn for a face (a side, a place, a grain) "
        "depends on the seed and on the face, not on the level: level 4 is the same accident as level 2, only worse.",
        "Glasses and hands are drawn at the place where an ordinary crop has its eyes and mouth; nobody looks for them in each picture. "
        "What comes into view when a face is turned, moved or made smaller repeats the picture's edge.",
        "Intervals are Wilson's 95 % intervals for a share; they take the clips as independent, so with several clips of one person they "
        "are somewhat too narrow. ECE is the expected calibration error: how far confidence and accuracy are apart.",
        "A drawn change is not the real thing: a model that stands these may fail in a real dark room, and one that fails here will fail there.",
    ]
