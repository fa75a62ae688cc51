"""Writes the leaderboard as tables for the terminal, as CSV, as JSON and as a page, all from the same dictionary.

Rates in it are fractions; values that are undefined or not measured are None or NaN, and are shown as words, never as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqfer.core.csv_text import csv_text
from seqfer.core.files import write_atomically, write_json
from seqfer.report import charts, words
from seqfer.report.page import render
from seqfer.report.tables import provenance
from seqfer.runs.names import LEADERBOARD_CSV, LEADERBOARD_HTML, LEADERBOARD_JSON

Board = Mapping[str, Any]
BY = {"error": "error", "macro_f1": "macro-F1"}
COLUMNS = (
    "group",
    "kind",
    "corpus",
    "how",
    "split",
    "classes",
    "data_checksum",
    "folds_checksum",
    "rank",
    "model",
    "run",
    "clips",
    "error",
    "standard_error",
    "standard_error_over",
    "macro_f1",
    "ece",
    "parameters",
    "multiplications",
    "ms_per_face",
    "processor",
)
_PLAIN = str.maketrans({words.SPACE: " ", "\u00b1": "+/-", "\u2212": "-", "\u00d7": "x"})


def write_leaderboard(board: Board, folder: Path) -> None:
    """Write `leaderboard.json`, `leaderboard.csv` and `leaderboard.html`, each atomically."""
    write_json(folder / LEADERBOARD_JSON, board)
    write_atomically(folder / LEADERBOARD_CSV, csv_table(board))
    write_atomically(folder / LEADERBOARD_HTML, page(board))


def console_tables(board: Board) -> str:
    """One table per group, as plain ASCII text for a terminal."""
    return "\n\n".join([*map(_console, board["groups"]), timing(board)]).translate(_PLAIN)


def csv_table(board: Board) -> str:
    """All groups in one table with a line per row; rates as fractions, undefined values empty."""
    return csv_text([list(COLUMNS), *([_cell(row[key]) for key in COLUMNS] for row in all_rows(board))])


def all_rows(board: Board) -> list[dict[str, Any]]:
    """The rows of all groups by `COLUMNS`, the number of their `group` counted from 1; undefined values are None or NaN."""
    return [
        {**group, **row, "group": number, "processor": board["machine"]["processor"]}
        for number, group in enumerate(board["groups"], 1)
        for row in group["rows"]
    ]


def page(board: Board) -> str:
    """The page as text, self-contained."""
    rows = [row for group in board["groups"] for row in group["rows"]]
    return render(
        "leaderboard.html",
        title=f"Leaderboard: {', '.join(dict.fromkeys(g['corpus'] for g in board['groups']))}",
        report=board,
        sentence=summary(board),
        lead=timing(board),
        groups=[{**group, "rows": _shown(group["rows"]), "picture": _picture(group)} for group in board["groups"]],
        notes=_notes(board, rows),
        provenance=provenance(board),
    )


def summary(board: Board) -> str:
    """The best model in one sentence; with several groups, only their number."""
    groups = board["groups"]
    count = sum(len(group["rows"]) for group in groups)
    models = f"{count} model{'' if count == 1 else 's'}"
    if len(groups) > 1:
        return f"{models} in {len(groups)} groups, each tested on other clips and ranked separately."
    first = [row for row in groups[0]["rows"] if row["rank"] == 1]
    if not first:
        return f"{models}, none of them with a defined {BY[board['by']]}."
    names = " and ".join(f"{row['model']} ({row['run']})" for row in first)
    value = _error(first[0]) if board["by"] == "error" else words.percent(first[0]["macro_f1"])
    return (
        f"Of {models} on {groups[0]['corpus']}, {groups[0]['how']}: the best {BY[board['by']]} is {value}, of {names}."
    )


def timing(board: Board) -> str:
    """How the times per face were measured."""
    how = board["timing"]
    return (
        f"ms per face: processor time, batch {how['batch']}, {how['threads']} thread, median of up to {how['median_of']} runs, "
        f"on {board['machine']['processor']} ({board['machine']['system']}), {words.moment(board['created'])}."
    )


def _console(group: Mapping[str, Any]) -> str:
    heads = ["", "model", "error +/- SE", "macro-F1", "ECE", "parameters", "multiplications", "ms/face", "clips", "run"]
    rows = [heads]
    for row in group["rows"]:
        rates = [_error(row), words.percent(row["macro_f1"]), words.percent(row["ece"])]
        costs = [_count(row["parameters"]), _count(row["multiplications"]), _ms(row["ms_per_face"])]
        rows.append([_rank(row), row["model"], *rates, *costs, words.count(row["clips"]), row["run"]])
    rows = [[cell.translate(_PLAIN) for cell in row] for row in rows]
    widths = [max(len(row[k]) for row in rows) for k in range(len(heads))]
    left = (1, len(heads) - 1)
    lines = [
        "  ".join(c.ljust(w) if k in left else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths))).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * w for w in widths))
    return "\n".join([group["heading"], *lines])


def _shown(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "place": _rank(row),
            "parameters": _count(row["parameters"]),
            "multiplications": _count(row["multiplications"]),
            "ms": _ms(row["ms_per_face"]),
        }
        for row in rows
    ]


def _picture(group: Mapping[str, Any]) -> str:
    bars = []
    for row in group["rows"]:
        error, half = words.number(row["error"]), words.number(row["standard_error"])
        value = (
            charts.Value(error, max(0.0, error - half), error + half) if words.defined(half) else charts.Value(error)
        )
        bars.append((f"{_rank(row)} {row['model']}", [value]))
    return charts.bars(bars, ["error"], "error")


def _notes(board: Board, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    kinds = {group["kind"] for group in board["groups"]}
    notes = [
        "Models are in one table only where the checksums of data, folds, classes and split are equal.",
        "Parameters include batch norm's statistics. Multiplications are those of the convolutions for one image; a model without convolutions "
        "has none. A temporal head's time is that of a clip of the corpus' mean length, divided by its frames.",
    ]
    if "cross-validation" in kinds:
        notes.append("± is the standard error over repeats of the folds, or over the folds where they were drawn once.")
    if kinds - {"cross-validation"}:
        notes.append(
            "± of a test set is the standard error of a proportion of independent clips; with several of one person it is too small."
        )
    if "held back" in kinds:
        notes.append(
            "People held out from a training are not a test set: the epoch or penalty and the temperature were chosen on them, so that error and "
            "calibration error are too low."
        )
    unknown = sum(not words.defined(row["ms_per_face"]) for row in rows)
    if unknown:
        notes.append(f"{unknown} of {len(rows)} models could not be built on this machine and have no time.")
    unranked = sum(row["rank"] is None for row in rows)
    if unranked:
        notes.append(f"{unranked} of {len(rows)} models have no defined {BY[board['by']]} and no rank.")
    return notes


def _error(row: Mapping[str, Any]) -> str:
    return words.mean_sem(row["error"], row["standard_error"])


def _rank(row: Mapping[str, Any]) -> str:
    return "-" if row["rank"] is None else str(row["rank"])


def _count(value: Any) -> str:
    return words.count(value) if words.defined(value) else "not counted"


def _ms(value: Any) -> str:
    return words.decimal(value) if words.defined(value) else "not measured"


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return " ".join(value)
    return "" if value is None or (isinstance(value, float) and not words.defined(value)) else value
