"""What evaluate-trace says on the terminal and in one sentence."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from trace_reports import film_of, report_of

from seqfer.report.trace_text import console, delay, figure_title, sentence, tables, warnings


def test_console_says_what_the_page_says():
    report, _ = report_of(film_of("movie"), lag="none")
    said = console(report)
    assert f"{report.films[0].figures[0].rmse:.4f}" in said
    assert "not removed (--lag estimate does)" in said
    assert "agreement of 2 raters, as rated: ICC(2,k)" in said
    assert len(tables(report)) == 1


def test_titles_of_figures():
    assert figure_title("as_rated", None) == "as rated"
    assert figure_title("lag_corrected", 2.0).replace("\u00a0", " ") == "every 2 s, delay removed"


def test_the_sentence_of_one_rater_several_and_several_videos():
    report, _ = report_of(film_of("movie", raters=1))
    figure = report.films[0].figures[-1]
    assert sentence(report) == f"movie: RMSE {figure.rmse:.4f} and CCC {figure.ccc:.3f} against one rater, as rated."
    report, _ = report_of(film_of("movie", raters=3), fusion="ewe")
    assert "against the weighted mean of 3 raters, as rated." in sentence(report)
    report, _ = report_of(film_of("one"), film_of("two", 1))
    values = [film.figures[0].ccc for film in report.films]
    assert f"CCC {np.mean(values):.3f} ± {np.std(values, ddof=1):.3f} (mean ± SD over videos)." in sentence(report)


def test_delays_with_their_correlation():
    report, _ = report_of(film_of("movie", raters=1))
    (rater,) = report.films[0].raters
    assert delay(replace(rater, lag_s=2.5, lag_correlation=0.91)) == "2.50 s (r 0.91)"
    assert delay(replace(rater, lag_s=math.nan, lag_correlation=math.nan)) == "undefined"


def test_warnings_name_their_video_where_there_are_several():
    report, _ = report_of(film_of("one"), film_of("two", 1))
    one, two = report.films
    report = replace(
        report,
        films=(replace(one, warnings=("The files differ.",)), replace(two, warnings=())),
        failed=({"film": "three", "problem": "gone"},),
        without_prediction=("/study/x.csv", "/study/y.csv"),
    )
    assert warnings(report) == [
        "one: The files differ.",
        "three could not be compared: gone",
        "2 without prediction: x.csv, y.csv.",
    ]


def test_a_mean_over_some_videos_says_over_how_many():
    report, _ = report_of(film_of("one"), film_of("two", 1))
    (kind,) = report.summary
    report = replace(report, summary=(replace(kind, count={**kind.count, "ccc": 1}),))
    (table,) = tables(report)
    position = list(kind.mean).index("ccc")
    assert table["mean"][position][1].endswith("(1 of 2 videos)")
    assert [row[0] for row in table["rows"]] == ["one", "two"]
    alone, _ = report_of(film_of("one"))
    assert tables(alone)[0]["mean"] is None
