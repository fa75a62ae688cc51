"""The sentence, the notes and the table of a cross-validation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import cv_report
from typed import on_values, typed

from seqfer.core.errors import InputError
from seqfer.report import cv_text as pages
from seqfer.report.cv_text import enumeration, facts, heads_of
from seqfer.runs.kinds.cv import CvReport

console_table = on_values(pages.console_table, CvReport)
notes = on_values(pages.notes, CvReport)
others = on_values(pages.others, CvReport)
summary = on_values(pages.summary, CvReport)


def facts_of(report):
    record = typed(CvReport, report)
    return facts(record.protocol, record.provenance)


@pytest.fixture
def report():
    made = cv_report()
    made["heads"]["bilstm"] |= {"error_rate_mean": 0.132, "error_rate_sem": 0.008}
    made["heads"]["lstm"] |= {"error_rate_mean": 0.146, "error_rate_sem": 0.007}
    return made


def test_sentence(report):
    assert summary(report).replace("\u00a0", " ") == (
        "The BiLSTM has an error rate of 13.2 ± 0.8 %, the LSTM of 14.6 ± 0.7 %; the difference of 1.4 percentage points is "
        "not significant at 5 % (corrected resampled t-test, df 24, p = 0.13)."
    )


def test_sentence_significant_undefined_and_without_test(report):
    report["comparison"]["p_value"] = 2e-5
    assert "points is significant at 5\u00a0% (corrected resampled t-test, df\u00a024, p\u00a0<\u00a00.001)" in summary(
        report
    )
    report["comparison"]["p_value"] = None
    assert summary(report).endswith("the test of the difference is undefined.")
    report["comparison"] = None
    assert summary(report).startswith("Test error: BiLSTM 13.2")


def test_console_table(report):
    lines = console_table(report).splitlines()
    assert lines[0].split() == ["head", "parameters", "stated", "error", "rate", "macro-F1"]
    assert lines[2].split()[:7] == ["BiLSTM", "71,686", "90,292", "13.2", "+/-", "0.8", "%"]
    assert lines[4].split()[3:5] == ["186", "-"], "no stated count, no number"
    assert len({len(line) for line in lines[:6]}) == 1
    assert (
        "BiLSTM against LSTM: 1.4 points lower, standard error 0.9, t = -1.56, df 24, p = 0.13: not significant at 5 % "
        "(corrected resampled t-test)" in lines
    )
    assert any(
        line.startswith("linear SVM against mean of frames: 14.7 points higher") and "p < 0.001" in line
        for line in lines
    )
    assert console_table(report).isascii()


def test_the_other_heads_and_the_test_without_its_source(report):
    assert others(report).replace("\u00a0", " ").startswith("On the same folds: mean of frames ")
    assert " and linear SVM " in others(report)
    assert (
        pages.test_name(replace(typed(CvReport, report).comparisons[0], test="paired t-test (Student 1908)"))
        == "paired t-test"
    )
    report["comparison"] = None
    assert others(report) == ""


@pytest.mark.parametrize(("items", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_enumerations(items, text):
    assert enumeration(items) == text


def test_the_protocol_as_facts(report):
    told = {term: (value, small) for term, value, small in facts_of(report)}
    assert told["Clips"] == ("309", "5,487 frames")
    assert told["Folds"] == ("5 × 5", "folds × repeats, seed 1")
    assert told["People"] == ("106", "no person in two parts of a fold")
    assert told["Corpus"] == ("ck+", "data sha256 3f9c3f9c3f9c")
    report["protocol"] |= {"person_disjoint": False, "data_checksum": "", "train_encoder": True}
    told = {term: (value, small) for term, value, small in facts_of(report)}
    assert told["People"][1] == "a person may be in train and test"
    assert told["Corpus"][1] == "no data checksum"
    assert told["Encoder"][1].endswith("; trained with the head")


def test_notes_fit_the_runs(report):
    said = notes(report)
    assert any("over repeats" in line for line in said)
    assert not any("over the folds of one repeat" in line for line in said)
    assert "The p-values of the 4 comparisons are not adjusted for their number." in said
    assert said[-1] == "11 clips of the published 320 are missing from this copy."
    for head in report["heads"].values():
        head["error_rate_sem_over"] = "folds"
    report["comparisons"] = []
    said = notes(report)
    assert any("over the folds of one repeat" in line for line in said)
    assert not any("not adjusted" in line for line in said)


def test_equal_heads_have_no_difference(report):
    report["comparison"]["difference"] = 0.0
    assert "BiLSTM against LSTM: no difference, standard error 0.9" in console_table(report)


def test_a_report_without_heads_is_refused():
    with pytest.raises(InputError, match="the report has no heads"):
        heads_of({})
