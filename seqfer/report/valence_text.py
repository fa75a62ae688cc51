"""The text of a cross-validation of valence: its summary sentence, the protocol, the notes, and the table for the terminal.

Everything is made from the record that is also written as report.json. Scores are plain numbers on the scale of [-1, 1] and shown with
three decimals; undefined ones are NaN, and are shown as undefined.
"""

from __future__ import annotations

from collections.abc import Mapping

from seqfer.report import cv_text, words
from seqfer.report.cv_text import enumeration, heads_of, test_name, title_of
from seqfer.runs.kinds.cv_valence import CvValenceReport, FoldScores, ValenceComparison, ValenceHead

NAMES = {"rmse": "RMSE", "ccc": "CCC", "pcc": "PCC", "sagr": "SAGR", "mae": "MAE"}
SHOWN = ("rmse", "ccc", "pcc", "sagr")
DIGITS = 3


def summary(report: CvValenceReport) -> str:
    """The result in one sentence: CCC and RMSE of the two heads that are compared, and whether they differ significantly at 5 %."""
    heads, compared = heads_of(report.heads), report.comparison
    if not compared:
        return f"Valence of people not in training: {enumeration([_titled(head) for head in heads.values()])}."
    first, second = (heads[name] for name in compared["ccc"].heads)
    begin = f"The {first.title} predicts valence with {_scores(first)}, the {second.title} with {_scores(second)}"
    test = f"{test_name(compared['ccc'])}, df{words.SPACE}{words.freedom(compared['ccc'].df)}"
    return f"{begin}; {_verdicts(compared, test)}."


def others(report: CvValenceReport) -> str:
    """The heads that the summary sentence does not name."""
    named = report.comparison["ccc"].heads if report.comparison else tuple(report.heads)
    rest = [_titled(head) for name, head in report.heads.items() if name not in named]
    return f"On the same folds: {'; '.join(rest)}." if rest else ""


def console_table(report: CvValenceReport) -> str:
    """A table of the heads and the comparisons in words, as plain ASCII text for a terminal."""
    plain = str.maketrans({words.SPACE: " ", "\u00b1": "+/-", "\u2212": "-"})
    rows = [["head", "parameters", *(NAMES[measure] for measure in SHOWN)]]
    for head in heads_of(report.heads).values():
        counted = words.count(head.parameters)
        cells = [head.title, counted, *(score(head.scores[measure]) for measure in SHOWN)]
        rows.append([cell.translate(plain) for cell in cells])
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:]))]) for row in rows
    ]
    lines.insert(1, "  ".join("-" * w for w in widths))
    lines += ["", *(_comparison_words(c, report.heads) for c in all_comparisons(report))]
    return "\n".join(lines).rstrip().translate(plain)


def score(value: FoldScores) -> str:
    """Mean and standard error of a measure: "0.946 ± 0.004"; with the number of folds left out where it is undefined in some."""
    if not words.defined(value.mean):
        return words.UNDEFINED
    mean = words.decimal(value.mean, DIGITS)
    lost = f" ({value.undefined} undefined)" if value.undefined else ""
    if not words.defined(value.sem):
        return f"{mean} (SEM undefined){lost}"
    return f"{mean}{words.SPACE}\u00b1{words.SPACE}{words.decimal(value.sem, DIGITS)}{lost}"


def versus(compared: ValenceComparison, heads: Mapping[str, ValenceHead]) -> tuple[str, str]:
    """The titles of the two heads of a comparison."""
    first, second = compared.heads
    return title_of(first, heads), title_of(second, heads)


def all_comparisons(report: CvValenceReport, measure: str | None = None) -> list[ValenceComparison]:
    """The comparison of the summary sentence and all others, of one measure or as pairs of CCC and RMSE."""
    measures = (measure,) if measure else ("ccc", "rmse")
    first = report.comparison
    rows = [[*([first[m]] if first else []), *report.comparisons.get(m, ())] for m in measures]
    return [compared for together in zip(*rows, strict=True) for compared in together]


def facts(report: CvValenceReport) -> list[tuple[str, str, str]]:
    """The protocol as (term, value, small print): that of every cross-validation, with valence in place of the classes."""
    mean, spread = (words.decimal(value, 2) for value in (report.protocol.valence_mean, report.protocol.valence_std))
    trace = ("Valence", f"{mean} ± {spread}", "mean and standard deviation of all frames, on a scale of \u22121 to 1")
    return [trace if row[0] == "Classes" else row for row in cv_text.facts(report.protocol, report.provenance)]


def notes(report: CvValenceReport) -> list[str]:
    """Notes on how to interpret the numbers; then the notes of the protocol."""
    p = report.protocol
    lines = [
        "Each score is computed over all test frames of a fold together, then averaged over folds and repeats: the concordance of one short "
        "clip with nearly constant valence would be noise.",
        "RMSE is the root of the mean squared difference (lower is better). CCC is Lin's concordance: 1 only where the prediction equals the truth; "
        "a wrong level or a wrong range lowers it, but not PCC, the correlation. SAGR is the share of frames with the correct sign.",
        "Constant is not a head: it predicts the mean of the training people's frames for every frame. Its CCC is 0 and its PCC undefined, "
        "because it is constant.",
    ]
    if p.frames_at_zero:
        lines.append(
            f"{words.count(p.frames_at_zero)} of {words.count(p.frames)} frames have a true valence of exactly 0. A regression never "
            f"predicts exactly 0, so none of them counts as agreement: "
            f"no head can have a SAGR above {words.decimal(1 - p.frames_at_zero / p.frames, 2)}."
        )
    over = {head.sem_over for head in report.heads.values()}
    lines.append(
        "SEM is the standard error of the mean over repeats. Repeats use the same clips, so it measures the effect of the division into folds and "
        "of the random initialisation, not that of another sample of people."
        if "repeats" in over
        else "SEM is the standard error of the mean over the folds of one repeat. Folds share training clips, so it is somewhat too small."
    )
    return [*lines, *cv_text.test_notes(all_comparisons(report)), *p.notes]


def _scores(head: ValenceHead) -> str:
    return f"CCC {score(head.scores['ccc'])} and RMSE {score(head.scores['rmse'])}"


def _titled(head: ValenceHead) -> str:
    return f"{head.title} {_scores(head)}"


def _verdicts(compared: Mapping[str, ValenceComparison], test: str) -> str:
    """The two tests in words, as one where their verdicts are equal."""
    said = {measure: words.verdict(compared[measure].p_value) for measure in ("ccc", "rmse")}
    p = {measure: f"{NAMES[measure]} {words.p_value(compared[measure].p_value)}" for measure in said}
    if words.UNDEFINED in said.values():
        unknown = enumeration([NAMES[measure] for measure, verdict in said.items() if verdict == words.UNDEFINED])
        known = [f", that in {NAMES[m]} is {verdict}" for m, verdict in said.items() if verdict != words.UNDEFINED]
        return f"the test of the difference in {unknown} is undefined{''.join(known)} ({test})"
    if said["ccc"] == said["rmse"]:
        verdict = said["ccc"].removeprefix("not ")
        begin = f"neither difference is {verdict}" if said["ccc"] != verdict else f"both differences are {verdict}"
    else:
        begin = f"the difference in CCC is {said['ccc']}, that in RMSE is {said['rmse']}"
    return f"{begin} ({p['ccc']}, {p['rmse']}; {test})"


def _comparison_words(compared: ValenceComparison, heads: Mapping[str, ValenceHead]) -> str:
    first, second = versus(compared, heads)
    begin = f"{first} against {second}, {NAMES[compared.measure]}"
    difference, p = compared.difference, compared.p_value
    if not words.defined(difference) or not words.defined(p):
        return f"{begin}: undefined ({test_name(compared)})"
    numbers = (
        f"standard error {words.decimal(compared.standard_error, DIGITS)}, t = {words.decimal(compared.t)}, "
        f"df {words.freedom(compared.df)}, {words.p_value(p)}"
    )
    return f"{begin}: {_size(compared, difference)}, {numbers}: {words.verdict(p)} ({test_name(compared)})"


def _size(compared: ValenceComparison, difference: float) -> str:
    if difference == 0:
        return "no difference"
    better = (difference > 0) == compared.higher_is_better
    direction = "higher" if difference > 0 else "lower"
    return f"{words.decimal(abs(difference), DIGITS)} {direction} ({'better' if better else 'worse'})"
