"""The text of a cross-validation report: its summary sentence, the protocol, the notes, and the table for the terminal.

Everything is made from the dictionary that is also written as report.json; rates in it are fractions, undefined ones None or NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqfer.core.errors import InputError
from seqfer.report import words

Report = Mapping[str, Any]


def summary(report: Report) -> str:
    """The result in one sentence: both error rates with their SEM and whether the difference is significant at 5 %."""
    heads, compared = heads_of(report), report.get("comparison")
    if not compared:
        return f"Test error: {enumeration([_titled(h) for h in heads.values()])} of clips."
    first, second = (heads[name] for name in compared["heads"])
    begin = f"The {first['title']} has an error rate of {_error(first)}, the {second['title']} of {_error(second)}"
    p, size = compared.get("p_value"), words.points(abs(words.number(compared.get("difference"))), signed=False)
    if not words.defined(p):
        return f"{begin}; the test of the difference is undefined."
    test = f"{test_name(compared)}, df{words.SPACE}{words.freedom(compared['df'])}, {words.p_value(p)}"
    return f"{begin}; the difference of {size} percentage points is {words.verdict(p)} ({test})."


def test_name(compared: Mapping[str, Any]) -> str:
    """The test's name without its source, which is in the table and in the notes."""
    return str(compared["test"]).split(" (")[0]


def others(report: Report) -> str:
    """The heads that the summary sentence does not name."""
    compared = report.get("comparison")
    named = compared["heads"] if compared else list(report["heads"])
    rest = [_titled(h) for name, h in report["heads"].items() if name not in named]
    return f"On the same folds: {enumeration(rest)}." if rest else ""


def console_table(report: Report) -> str:
    """A table of the heads and the comparisons in words, as plain ASCII text for a terminal."""
    plain = str.maketrans({words.SPACE: " ", "\u00b1": "+/-", "\u2212": "-"})
    rows = [["head", "parameters", "stated", "error rate", "macro-F1"]]
    for head in heads_of(report).values():
        counts = [words.count(head[k]) if head.get(k) is not None else "-" for k in ("parameters", "parameters_stated")]
        f1 = words.percent(head.get("macro_f1")) + (
            f" ({head['undefined']} undefined)" if head.get("undefined") else ""
        )
        cells = [head["title"], *counts, _error(head), f1]
        rows.append([cell.translate(plain) for cell in cells])
    widths = [max(len(row[k]) for row in rows) for k in range(5)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:]))]) for row in rows
    ]
    lines.insert(1, "  ".join("-" * w for w in widths))
    lines += ["", *(_comparison_words(c, heads_of(report)) for c in all_comparisons(report))]
    return "\n".join(lines).rstrip().translate(plain)


def facts(report: Report) -> list[tuple[str, str, str]]:
    """The protocol as (term, value, small print)."""
    p = report["protocol"]
    disjoint = "no person in two parts of a fold" if p.get("person_disjoint") else "a person may be in train and test"
    trained = "trained with the head" if p.get("train_encoder") else "frozen"
    checksum = str(p.get("data_checksum") or "")
    return [
        ("Corpus", p["corpus"], f"data sha256 {checksum[:12]}" if checksum else "no data checksum"),
        ("Clips", words.count(p.get("clips")), f"{words.count(p.get('frames'))} frames"),
        ("People", words.count(p.get("people")), disjoint),
        ("Folds", f"{p['folds']} \u00d7 {p['repeats']}", f"folds \u00d7 repeats, seed {p.get('seed')}"),
        ("Classes", str(len(p["classes"])), ", ".join(p["classes"])),
        ("Encoder", str(p.get("encoder")), f"weights: {p.get('encoder_weights') or 'none'}; {trained}"),
        ("Validation", words.percent(p.get("validation_share"), 0), "of the training people, never trained on"),
        ("Time", words.duration(report.get("seconds")), words.moment(report.get("created"))),
    ]


def notes(report: Report) -> list[str]:
    """Notes on how to interpret the numbers; then the notes of the protocol."""
    over = {head.get("error_rate_sem_over") for head in report["heads"].values()}
    lines = []
    if "repeats" in over:
        lines.append(
            "SEM is the standard error of the mean over repeats: each repeat divides all people into folds again and its error rate covers "
            "every clip once. Repeats use the same clips, so the SEM measures the effect of the division into folds and of the random "
            "initialisation, not that of another sample of people."
        )
    if "folds" in over:
        lines.append(
            "SEM is the standard error of the mean over the folds of one repeat. Folds share training clips, so it is somewhat too small."
        )
    lines += test_notes(all_comparisons(report))
    lines.append(
        "Confusions and per-class values are pooled over all folds and repeats, so each clip counts once per repeat. A value that cannot be "
        "computed, such as the precision of a class that was never predicted, is shown as undefined, never as 0."
    )
    return [*lines, *map(str, report["protocol"].get("notes") or ())]


def test_notes(comparisons: Sequence[Mapping[str, Any]]) -> list[str]:
    """The test, and that its p-values are not adjusted."""
    lines = []
    if any("corrected" in str(compared["test"]) for compared in comparisons):
        lines.append(
            "The corrected resampled t-test (Nadeau and Bengio 2003) tests the differences between two heads on the same test folds with an "
            "increased variance, because training sets overlap; an ordinary paired t-test would find too many differences significant."
        )
    if len(comparisons) > 1:
        lines.append(f"The p-values of the {len(comparisons)} comparisons are not adjusted for their number.")
    return lines


def heads_of(report: Report) -> Mapping[str, Any]:
    """The heads by name. Raises InputError when there are none."""
    if not report.get("heads"):
        raise InputError(
            "the report has no heads; a cross-validation report needs at least one (seqfer cv --heads ...)"
        )
    return report["heads"]


def all_comparisons(report: Report) -> list[Mapping[str, Any]]:
    """The comparison of the summary sentence and all others, in order."""
    return [c for c in (report.get("comparison"), *(report.get("comparisons") or ())) if c]


def _error(head: Mapping[str, Any]) -> str:
    return words.mean_sem(head.get("error_rate_mean"), head.get("error_rate_sem"))


def _titled(head: Mapping[str, Any]) -> str:
    return f"{head['title']} {_error(head)}"


def enumeration(items: Sequence[str]) -> str:
    """ "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _comparison_words(compared: Mapping[str, Any], heads: Mapping[str, Any]) -> str:
    first, second = ((heads.get(name) or {"title": name})["title"] for name in compared["heads"])
    difference, p = words.number(compared.get("difference")), compared.get("p_value")
    if not words.defined(difference) or not words.defined(p):
        return f"{first} against {second}: undefined ({test_name(compared)})"
    size = (
        "no difference"
        if difference == 0
        else f"{words.points(abs(difference), signed=False)} points {'lower' if difference < 0 else 'higher'}"
    )
    return (
        f"{first} against {second}: {size}, standard error {words.points(compared['standard_error'], signed=False)}, "
        f"t = {words.decimal(compared['t'])}, df {words.freedom(compared['df'])}, {words.p_value(p)}: {words.verdict(p)} ({test_name(compared)})"
    )
