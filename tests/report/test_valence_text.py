"""The sentence, the notes and the table of a cross-validation of valence."""

from __future__ import annotations

import math

import pytest
from study_reports import valence_report
from typed import on_values

from seqfer.core.errors import InputError
from seqfer.report import valence_text as pages
from seqfer.report.valence_text import score
from seqfer.runs.kinds.cv_valence import CvValenceReport, FoldScores

all_comparisons = on_values(pages.all_comparisons, CvValenceReport)
console_table = on_values(pages.console_table, CvValenceReport)
facts = on_values(pages.facts, CvValenceReport)
notes = on_values(pages.notes, CvValenceReport)
others = on_values(pages.others, CvValenceReport)
summary = on_values(pages.summary, CvValenceReport)


@pytest.fixture
def report():
    return valence_report()


def fold_scores(mean: float, sem: float, undefined: int = 0) -> FoldScores:
    return FoldScores(mean=mean, sem=sem, folds=(), per_repeat=(), undefined=undefined)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_scores_with_standard_error_and_what_is_left_out() -> None:
    assert plain(score(fold_scores(0.946, 0.0042))) == "0.946 ± 0.004"
    assert plain(score(fold_scores(0.946, math.nan, 1))) == "0.946 (SEM undefined) (1 undefined)"
    assert score(fold_scores(math.nan, math.nan)) == "undefined"


def test_the_sentence_for_every_verdict(report) -> None:
    assert plain(summary(report)) == (
        "The BiLSTM predicts valence with CCC 0.950 ± 0.004 and RMSE 0.050 ± 0.004, the LSTM with CCC 0.940 ± 0.004 and RMSE 0.060 ± 0.004; "
        "the difference in CCC is significant at 5 %, that in RMSE is not significant at 5 % "
        "(CCC p = 0.013, RMSE p = 0.31; corrected resampled t-test, df 3)."
    )
    report["comparison"]["ccc"]["p_value"] = 0.2
    assert "; neither difference is significant at 5 % (" in plain(summary(report))
    for measure in ("ccc", "rmse"):
        report["comparison"][measure]["p_value"] = 1e-5
    assert "; both differences are significant at 5 % (CCC p < 0.001, RMSE p < 0.001;" in plain(summary(report))
    report["comparison"]["rmse"]["p_value"] = None
    assert "the test of the difference in RMSE is undefined, that in CCC is significant" in plain(summary(report))
    report["comparison"]["ccc"]["p_value"] = None
    assert "the test of the difference in CCC and RMSE is undefined (" in plain(summary(report))
    report["comparison"] = None
    assert summary(report).startswith("Valence of people not in training: BiLSTM CCC 0.950")


def test_the_other_heads(report) -> None:
    assert plain(others(report)) == "On the same folds: Constant CCC 0.000 ± 0.004 and RMSE 0.400 ± 0.004."
    del report["heads"]["constant"]
    assert others(report) == ""


def test_comparisons_come_as_pairs_of_ccc_and_rmse(report) -> None:
    found = [(c.heads[0], c.measure) for c in all_comparisons(report)]
    assert found == [("bilstm", "ccc"), ("bilstm", "rmse"), ("lstm", "ccc"), ("lstm", "rmse")]
    assert [c.heads[0] for c in all_comparisons(report, "rmse")] == ["bilstm", "lstm"]
    report["comparison"] = None
    assert len(all_comparisons(report)) == 2


def test_the_table_for_the_terminal(report) -> None:
    report["comparison"]["rmse"]["difference"] = 0.0
    report["comparisons"]["ccc"][0]["p_value"] = None
    table = console_table(report)
    lines = table.splitlines()
    assert table.isascii()
    assert lines[0].split() == ["head", "parameters", "RMSE", "CCC", "PCC", "SAGR"]
    assert lines[4].split() == [
        "Constant",
        "100",
        "0.400",
        "+/-",
        "0.004",
        "0.000",
        "+/-",
        "0.004",
        "undefined",
        "0.800",
        "+/-",
        "0.004",
    ]
    assert len({len(line) for line in lines[:5]}) == 1
    assert any(
        line.startswith(
            "BiLSTM against LSTM, CCC: 0.010 higher (better), standard error 0.004, t = 2.60, df 3, p = 0.013"
        )
        for line in lines
    )
    assert any(line.startswith("BiLSTM against LSTM, RMSE: no difference") for line in lines)
    assert "LSTM against Constant, CCC: undefined (corrected resampled t-test)" in lines
    assert any(line.startswith("LSTM against Constant, RMSE: 0.340 lower (better)") for line in lines)


def test_facts_have_valence_in_place_of_the_classes(report) -> None:
    told = {term: value for term, value, _ in facts(report)}
    assert told["Valence"] == "\u22120.10 ± 0.45"
    assert "Classes" not in told
    assert told["Clips"] == "24"


def test_notes_say_how_high_the_share_of_signs_can_be(report) -> None:
    said = notes(report)
    assert any("no head can have a SAGR above 0.75." in line for line in said)  # 100 of 400 frames are exactly 0
    assert said[-1] == "One clip is missing."
    report["protocol"]["frames_at_zero"] = 0
    assert not any("above" in line and "SAGR" in line and "exactly 0" in line for line in notes(report))


def test_no_heads(report) -> None:
    report["heads"] = {}
    with pytest.raises(InputError, match="no heads"):
        console_table(report)
