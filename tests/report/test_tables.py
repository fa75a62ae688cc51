"""Tables for the pages: confusions with their fraction of the row, scores per class, provenance."""

from __future__ import annotations

import math

from seqfer.report.tables import confusion, per_class, provenance
from seqfer.runs.records import Provenance
from seqfer.runs.results import ClassScores


def test_cells_have_their_fraction_of_the_actual_class() -> None:
    (first, total, cells), (_, empty, none) = confusion([[3, 1], [0, 0]], ["anger", "fear"])
    assert (first, total, empty) == ("anger", 4, 0)
    assert [(cell.count, cell.share, cell.right) for cell in cells] == [(3, 0.75, True), (1, 0.25, False)]
    assert [cell.title for cell in cells] == ["anger, correct", "anger predicted as fear"]
    assert [cell.shade for cell in cells] == ["0.750", "0.250"]
    assert math.isnan(none[0].share)  # no clip of this class: undefined, not 0
    assert none[0].shade == "0"


def test_scores_in_the_order_of_the_classes_with_missing_ones_as_nan() -> None:
    rows = per_class({"fear": ClassScores(precision=0.5, recall=math.nan, f1=0.25, support=4)}, ["anger", "fear"])
    assert [row["label"] for row in rows] == ["anger", "fear"]
    assert (rows[1]["precision"], rows[1]["f1"], rows[1]["support"]) == (0.5, 0.25, 4)
    assert math.isnan(rows[1]["recall"])
    assert all(math.isnan(rows[0][key]) for key in ("precision", "recall", "f1", "support"))


def test_provenance_leaves_empty_lists_out() -> None:
    report = {"settings": {"seed": 1, "optimiser": {"rate": 0.1}}, "versions": {}, "machine": {"cores": 2}}
    assert provenance(Provenance(**report)) == provenance(report)
    assert provenance(report) == [
        ("Settings", [("seed", "1"), ("optimiser.rate", "0.1")]),
        ("Machine", [("cores", "2")]),
    ]
