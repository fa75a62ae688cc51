"""Writes the page and the table of `seqfer transfer`: scores before, after each step, and from scratch, under each protocol."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqfer.core.files import write_atomically
from seqfer.report import charts, words
from seqfer.report.page import render
from seqfer.report.score_rows import (
    accuracy_bars,
    as_ascii,
    cells,
    confusion_side,
    difference_words,
    plain_table,
    short_name,
)
from seqfer.report.tables import provenance
from seqfer.runs.kinds.transfer import PartSizes, TransferReport, TransferRow


def write_transfer_report(report: TransferReport, path: Path) -> None:
    """Write the page, one self-contained UTF-8 HTML file, atomically. Raises InputError when it cannot be written."""
    names = list(report.protocols)
    tables = [_table(report, protocol, k) for k, protocol in enumerate(names)]
    rows = [(row.title, [report.protocols[p][k] for p in names]) for k, row in enumerate(report.protocols[names[0]])]
    page = render(
        "transfer.html",
        title=f"{report.model} transferred to {report.data}",
        report=report.provenance,
        corpus=report.corpus,
        sentence=summary(report),
        lead=plain_split_inflation(report),
        facts=_facts(report),
        tables=tables,
        bars=accuracy_bars(rows, [report.protocol_titles[p] for p in names]),
        shown=[confusion_side(row, row.title, report.classes, k) for k, row in enumerate(_before_and_after(report))],
        notes=_notes(report),
        provenance=provenance(report.provenance),
    )
    write_atomically(path, page)


def chosen(report: TransferReport, protocol: str = "") -> TransferRow:
    """The row of the chosen step, under the first protocol unless another one is named."""
    rows = report.protocols[protocol or next(iter(report.protocols))]
    return next(row for row in rows if row.name == report.chosen)


def summary(report: TransferReport) -> str:
    """The result in one sentence: before and after, and against training from scratch where it was run."""
    first = next(iter(report.protocols))
    rows, after = report.protocols[first], chosen(report)
    before = rows[0]
    who = "of people not in training" if first == "person" else "of a plain split, with people in both parts"
    share = words.percent(after.accuracy)
    begin = f"Retrained on {report.corpus}, {short_name(report.model)} has an accuracy of {share} on clips {who} ({after.title})"
    if words.defined(before.accuracy):
        begin += f", before of {words.percent(before.accuracy)}"
        begin += f" on the {before.count:,} clips whose class it has" if before.left_out else ""
    if after.over_scratch:
        scratch = rows[-1]
        change, interval = difference_words(after.over_scratch)
        begin += (
            f"; the same network from scratch of {words.percent(scratch.accuracy)} ({change} points for the transfer"
        )
        begin += f", 95{words.SPACE}% interval {interval})" if interval else ")"
    return begin + "."


def plain_split_inflation(report: TransferReport) -> str:
    """By how much the score under the plain split is higher, where both were run."""
    if set(report.protocols) != {"person", "plain"}:
        return ""
    person, plain = (chosen(report, protocol).accuracy for protocol in ("person", "plain"))
    if not (words.defined(person) and words.defined(plain)):
        return ""
    met = max(report.sizes["plain"].people_in_both)
    return (
        f"Under the plain image split of the paper it is {words.percent(plain)}, {words.points(plain - person)} points: there, "
        f"{met} of the tested people are in training."
    )


def console_table(report: TransferReport) -> str:
    """A table per protocol and the summary sentence, as plain text for a terminal."""
    made = []
    for protocol, rows in report.protocols.items():
        table = [["", "accuracy", "95 % interval", "macro-F1", "ECE", "over zero-shot", "clips"]]
        for row in rows:
            (accuracy, interval), (f1, _), (ece, _) = cells(row)
            mark = " *" if row.name == report.chosen else ""
            change = difference_words(row.over_zero_shot)[0]
            table.append([row.title + mark, accuracy, interval, f1, ece, change, words.count(row.count)])
        made += [f"{report.protocol_titles[protocol]}:", plain_table(table), ""]
    sentences = [
        summary(report),
        *([plain_split_inflation(report)] if plain_split_inflation(report) else []),
        "* lowest validation loss",
    ]
    return as_ascii("\n".join([*made, *sentences]))


def _before_and_after(report: TransferReport) -> list[TransferRow]:
    before = next(iter(report.protocols.values()))[0]
    return [*([before] if before.count else []), chosen(report)]


def _table(report: TransferReport, protocol: str, series: int) -> dict[str, Any]:
    rows = [
        {
            **vars(row),
            "cells": cells(row),
            "over_before": difference_words(row.over_zero_shot),
            "over_random": difference_words(row.over_scratch),
            "chosen": row.name == report.chosen,
        }
        for row in report.protocols[protocol]
    ]
    return {
        "title": report.protocol_titles[protocol],
        "key": charts.key(series),
        "rows": rows,
        "sizes": _sizes(report.sizes[protocol]),
        "scratch": any(row["over_scratch"] for row in rows),
    }


def _sizes(sizes: PartSizes) -> str:
    parts = [
        f"{_range(found)} {word}"
        for found, word in ((sizes.train, "to train"), (sizes.validation, "to choose"), (sizes.test, "tested"))
    ]
    return (
        f"Clips: {', '.join(parts)}. Tested people who are also in the training part: {_range(sizes.people_in_both)}."
    )


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return words.count(low) if low == high else f"{words.count(low)} to {words.count(high)}"


def _facts(report: TransferReport) -> list[tuple[str, str, str]]:
    new = ", ".join(report.new_classes)
    last = next(iter(report.protocols.values()))
    division = f"{report.folds} folds" if report.folds else "80-10-10"
    return [
        (
            "Model",
            short_name(report.model),
            f"{report.encoder}, {len(report.stages)} stages; sha256 {report.model_checksum[:12]}",
        ),
        ("Data", f"{words.count(report.images)} clips", f"{report.data}; {words.count(report.people)} people"),
        ("Classes", str(len(report.classes)), f"new to the model: {new}" if new else "the model has all of them"),
        ("Division", division, f"seed {report.settings['seed']}"),
        (
            "Time",
            words.duration(report.seconds),
            f"{sum(len(row.error_rates) for row in last)} rows; {words.moment(report.created)}",
        ),
    ]


def _notes(report: TransferReport) -> list[str]:
    notes = [
        "Zero-shot is the model's own classifier; where the data have classes it does not have, their clips are left out of that row only, and "
        "the column of differences is over the clips that both rows were scored on.",
        "Every step continues from the one before. The row marked as chosen has the lowest validation loss; the test part was not used to choose.",
        "Intervals are 95 % percentile bootstrap intervals over people, 1,000 draws. They do not include the effect of another division or seed.",
    ]
    if "plain" in report.protocols:
        notes.append(
            "The plain split divides pictures regardless of the person, as savoiu2017 did: a network may recognise the person and the session. "
            "Its figures are for comparison with the paper only."
        )
    if report.folds:
        notes.append(
            "With folds, the scores are over all tested clips together, each tested once; errors per fold are in report.json."
        )
    return notes
