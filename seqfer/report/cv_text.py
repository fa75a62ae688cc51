"""The text of a cross-validation report: its summary sentence, the protocol, the notes, and the table for the terminal.

Everything is made from the record that is also written as report.json; rates in it are fractions, undefined ones NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol as TypingProtocol
from typing import TypeVar

from seqfer.core.errors import InputError
from seqfer.report import words
from seqfer.runs.kinds.cv import CvHead, CvReport
from seqfer.runs.records import Provenance
from seqfer.runs.results import Comparison, FoldsProtocol, HeadsTest

Head = TypeVar("Head")


class Titled(TypingProtocol):
    """A head of any task."""

    @property
    def title(self) -> str: ...


def summary(report: CvReport) -> str:
    """The result in one sentence: both error rates with their SEM and whether the difference is significant at 5 %."""
    heads, compared = heads_of(report.heads), report.comparison
    if not compared:
        return f"Test error: {enumeration([_titled(h) for h in heads.values()])} of clips."
    first, second = (heads[name] for name in compared.heads)
    begin = f"The {first.title} has an error rate of {_error(first)}, the {second.title} of {_error(second)}"
    p, size = compared.p_value, words.points(abs(compared.difference), signed=False)
    if not words.defined(p):
        return f"{begin}; the test of the difference is undefined."
    test = f"{test_name(compared)}, df{words.SPACE}{words.freedom(compared.df)}, {words.p_value(p)}"
    return f"{begin}; the difference of {size} percentage points is {words.verdict(p)} ({test})."


def test_name(compared: HeadsTest) -> str:
    """The test's name without its source, which is in the table and in the notes."""
    return compared.test.split(" (")[0]


def others(report: CvReport) -> str:
    """The heads that the summary sentence does not name."""
    named = report.comparison.heads if report.comparison else tuple(report.heads)
    rest = [_titled(h) for name, h in report.heads.items() if name not in named]
    return f"On the same folds: {enumeration(rest)}." if rest else ""


def console_table(report: CvReport) -> str:
    """A table of the heads and the comparisons in words, as plain ASCII text for a terminal."""
    plain = str.maketrans({words.SPACE: " ", "\u00b1": "+/-", "\u2212": "-"})
    rows = [["head", "parameters", "stated", "error rate", "macro-F1"]]
    for head in heads_of(report.heads).values():
        counts = [words.count(n) if n is not None else "-" for n in (head.parameters, head.parameters_stated)]
        f1 = words.percent(head.macro_f1) + (f" ({head.undefined} undefined)" if head.undefined else "")
        cells = [head.title, *counts, _error(head), f1]
        rows.append([cell.translate(plain) for cell in cells])
    widths = [max(len(row[k]) for row in rows) for k in range(5)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:]))]) for row in rows
    ]
    lines.insert(1, "  ".join("-" * w for w in widths))
    lines += ["", *(_comparison_words(c, report.heads) for c in all_comparisons(report))]
    return "\n".join(lines).rstrip().translate(plain)


def facts(p: FoldsProtocol, origin: Provenance) -> list[tuple[str, str, str]]:
    """The protocol as (term, value, small print)."""
    disjoint = "no person in two parts of a fold" if p.person_disjoint else "a person may be in train and test"
    trained = "trained with the head" if p.train_encoder else "frozen"
    return [
        ("Corpus", p.corpus, f"data sha256 {p.data_checksum[:12]}" if p.data_checksum else "no data checksum"),
        ("Clips", words.count(p.clips), f"{words.count(p.frames)} frames"),
        ("People", words.count(p.people), disjoint),
        ("Folds", f"{p.folds} \u00d7 {p.repeats}", f"folds \u00d7 repeats, seed {p.seed}"),
        ("Classes", str(len(p.classes)), ", ".join(p.classes)),
        ("Encoder", p.encoder, f"weights: {p.encoder_weights or 'none'}; {trained}"),
        ("Validation", words.percent(p.validation_share, 0), "of the training people, never trained on"),
        ("Time", words.duration(origin.seconds), words.moment(origin.created)),
    ]


def notes(report: CvReport) -> list[str]:
    """Notes on how to interpret the numbers; then the notes of the protocol."""
    over = {head.error_rate_sem_over for head in report.heads.values()}
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
    return [*lines, *report.protocol.notes]


def test_notes(comparisons: Sequence[HeadsTest]) -> list[str]:
    """The test, and that its p-values are not adjusted."""
    lines = []
    if any("corrected" in compared.test for compared in comparisons):
        lines.append(
            "The corrected resampled t-test (Nadeau and Bengio 2003) tests the differences between two heads on the same test folds with an "
            "increased variance, because training sets overlap; an ordinary paired t-test would find too many differences significant."
        )
    if len(comparisons) > 1:
        lines.append(f"The p-values of the {len(comparisons)} comparisons are not adjusted for their number.")
    return lines


def heads_of(heads: Mapping[str, Head]) -> Mapping[str, Head]:
    """The heads by name. Raises InputError when there are none."""
    if not heads:
        raise InputError(
            "the report has no heads; a cross-validation report needs at least one (seqfer cv --heads ...)"
        )
    return heads


def all_comparisons(report: CvReport) -> list[Comparison]:
    """The comparison of the summary sentence and all others, in order."""
    return [*([report.comparison] if report.comparison else []), *report.comparisons]


def title_of(name: str, heads: Mapping[str, Titled]) -> str:
    """What a head is called in words; by its name where it is not among the heads of the report."""
    return heads[name].title if name in heads else name


def enumeration(items: Sequence[str]) -> str:
    """ "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _error(head: CvHead) -> str:
    return words.mean_sem(head.error_rate_mean, head.error_rate_sem)


def _titled(head: CvHead) -> str:
    return f"{head.title} {_error(head)}"


def _comparison_words(compared: Comparison, heads: Mapping[str, CvHead]) -> str:
    first, second = (title_of(name, heads) for name in compared.heads)
    difference, p = compared.difference, compared.p_value
    if not words.defined(difference) or not words.defined(p):
        return f"{first} against {second}: undefined ({test_name(compared)})"
    size = (
        "no difference"
        if difference == 0
        else f"{words.points(abs(difference), signed=False)} points {'lower' if difference < 0 else 'higher'}"
    )
    return (
        f"{first} against {second}: {size}, standard error {words.points(compared.standard_error, signed=False)}, "
        f"t = {words.decimal(compared.t)}, df {words.freedom(compared.df)}, {words.p_value(p)}: {words.verdict(p)} ({test_name(compared)})"
    )
