"""Sentences of a study's report, for the terminal and for screen readers."""

from study_files import write_study

import seqfer
from seqfer.report.study_text import figure_tables, group_lines, interval, notes, sentence


def test_what_is_said_of_a_study(tmp_path):
    report = seqfer.open_study(write_study(tmp_path), progress=False, lag="estimate").report()
    record, text = report.record, str(report)
    assert sentence(record) in text
    assert "(delay removed)" in sentence(record)
    assert [table["title"] for table in figure_tables(record)] == ["as rated", "delay removed"]
    assert "by stimulus drama" in text
    assert "by participant" not in text  # the page has them
    lines = group_lines(record.stimuli[0].sources[0])
    assert lines[0].startswith("a (3) and b (3): ")
    assert len(lines) == 1 + len(record.stimuli[0].sources[0].groups.clusters)
    assert len(group_lines(record.stimuli[0].sources[0], most=1)) == 2
    assert any("removed where the title says so" in line for line in notes(record))
    assert "nan" not in text.lower().replace("ann", "")


def test_undefined_intervals_are_empty():
    assert interval((0.1, 0.25), "ccc") == "[0.100, 0.250]"
    assert interval((float("nan"), float("nan")), "ccc") == ""
