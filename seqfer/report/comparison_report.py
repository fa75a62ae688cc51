"""The text and the page of `seqfer compare`: the difference of two runs on the clips that both have."""

from __future__ import annotations

import math
from collections.abc import Iterator

from seqfer.experiments.compare_runs import RunComparison
from seqfer.report.page import render
from seqfer.report.tables import provenance
from seqfer.runs.records import Provenance


def console_text(found: RunComparison) -> str:
    """The runs, what they have in common, and the differences, as lines of text."""
    first, second = _names(found)
    lines = [f"first:  {first}", f"second: {second}", _common(found)]
    lines += [
        f"{title}: {a} and {b}, difference {difference} (95 % interval {low} to {high})"
        for title, a, b, difference, low, high in _rows(found)
    ]
    return "\n".join([*lines, *_test(found)])


def page(found: RunComparison, made_by: Provenance) -> str:
    """The page as text, self-contained; `made_by` has the command, the time and the version."""
    first, second = _names(found)
    return render(
        "table_page.html",
        kind="Comparison of two runs",
        title=f"{first} and {second}",
        report=made_by,
        sentence=f"{first} (first) and {second} (second): {_common(found)}.",
        lead=" ".join(_test(found)),
        caption="Differences, the second run's minus the first's",
        heads=["measure", "first", "second", "difference", "from", "to"],
        rows=list(_rows(found)),
        notes=[
            f"From and to are the ends of the 95 % interval of the difference: {found.samples:,} draws of whole people, by seed {found.seed}.",
            "McNemar's test is two-sided and of clips on which only one run is right; it takes clips as independent.",
        ],
        provenance=provenance(made_by),
    )


def _names(found: RunComparison) -> list[str]:
    return [f"{run} ({variant})" if variant else run for run, variant in zip(found.runs, found.variants, strict=True)]


def _common(found: RunComparison) -> str:
    what = f"{found.clips:,} clips" + (f" ({found.rows:,} frames)" if found.rows != found.clips else "")
    line = f"{what} of {found.people:,} people are in both runs"
    if any(found.left_out):
        line += f"; left out: {found.left_out[0]:,} of the first, {found.left_out[1]:,} of the second"
    return line


def _rows(found: RunComparison) -> Iterator[list[str]]:
    """Title, both values, the difference and its interval, as text; accuracies in percent."""
    for name, row in found.differences.items():
        unit = 100 if name == "accuracy" else 1
        values = [_shown(unit * value, unit) for value in (row.first, row.second)]
        signed = [_shown(unit * value, unit, "+") for value in (row.difference, row.low, row.high)]
        yield ["accuracy in %" if name == "accuracy" else name.upper(), *values, *signed]


def _test(found: RunComparison) -> list[str]:
    if found.mcnemar is None:
        return []
    test = found.mcnemar
    kind = "exact" if test.exact else f"chi-squared {test.statistic:.2f}, 1 degree of freedom"
    return [
        f"McNemar ({kind}): only the first is right on {test.only_first:,} clips, only the second on {test.only_second:,}; "
        f"p = {test.p_value:.3g}"
    ]


def _shown(value: float, unit: int, sign: str = "") -> str:
    return "undefined" if math.isnan(value) else f"{value:{sign}.{2 if unit == 100 else 3}f}"
