"""The tables of a study hold what its record says."""

import csv

from study_files import write_study

import seqfer


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_tables_of_a_report(tmp_path):
    study = seqfer.open_study(write_study(tmp_path), progress=False)
    report = study.report()
    figures = rows(study.out / "study.csv")
    assert [(one["by"], one["name"]) for one in figures] == [(one.by, one.name) for one in report.record.figures]
    assert float(figures[0]["rmse"]) == round(report.record.figures[0].mean["rmse"], 6)
    assert len(rows(study.out / "series.csv")) == len(report.series)
    pairs = rows(study.out / "correlations.csv")
    assert len(pairs) == 4 * (15 + 6)
    assert len(rows(study.out / "moments.csv")) == sum(
        len(s.moments) for one in report.record.stimuli for s in one.sources
    )
    clusters = rows(study.out / "clusters.csv")
    assert {(one["first"], one["second"]) for one in clusters} == {("a", "b")}
    people = rows(study.out / "people.csv")
    assert people[0] == {"film": "P01-comedy", "person": "P01"}
