"""What evaluate-trace says on the terminal and in one sentence."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from trace_reports import film_of, report_of

from seqfer.report.trace_text import (
    console,
    delay,
    figure_title,
    sentence,
    smoothed_sentence,
    smoothing_choice,
    smoothing_words,
    tables,
    warnings,
)
from seqfer.runs.kinds.evaluate_trace import ChosenSmoothing


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


def test_the_smoothed_prediction_has_a_sentence_and_a_title_of_its_own():
    plain, _ = report_of(film_of("movie", raters=1))
    assert smoothed_sentence(plain) == smoothing_choice(plain) == smoothing_words(plain) == ""
    report, _ = report_of(film_of("movie", raters=1), smooth="1.5", lag="estimate")
    assert sentence(report).endswith("against one rater, delay removed.")
    last = report.films[0].figures[-1]
    said = smoothed_sentence(report).replace("\u00a0", " ")
    assert said == f"Prediction smoothed (SD 1.5 s): RMSE {last.rmse:.4f} and CCC {last.ccc:.3f}."
    assert [table["title"].replace("\u00a0", " ") for table in tables(report)] == [
        "as rated",
        "as rated, prediction smoothed (SD 1.5 s)",
        "delay removed",
        "delay removed, prediction smoothed (SD 1.5 s)",
    ]


def test_mean_and_pooled_figures_stand_in_the_sentence_and_the_tables():
    report, _ = report_of(film_of("one"), film_of("two", 1), smooth="2")
    plain, smooth = report.summary
    pooled = f"RMSE {plain.pooled.rmse:.4f}, CCC {plain.pooled.ccc:.3f}"
    assert sentence(report).endswith(f"(mean ± SD over videos). Pooled over all 180 values: {pooled}.")
    assert f"CCC {smooth.mean['ccc']:.3f} ±" in smoothed_sentence(report)
    assert smoothed_sentence(report).endswith(f"CCC {smooth.pooled.ccc:.3f}.")
    assert [table["pooled"][0] for table in tables(report)] == [180, 180]
    lines = console(report).splitlines()
    assert sum(line.startswith("  pooled ") for line in lines) == 2
    assert sum(line.startswith("  mean of videos ") for line in lines) == 2


def test_what_auto_chose_is_counted_over_videos():
    report, _ = report_of(film_of("a"), film_of("b"), film_of("c"))
    chosen = ChosenSmoothing(grid_s=(0.0, 1.0), films={"a": 1.0, "b": 0.0, "c": 1.0}, on_all_films_s=1.0)
    report = replace(report, smoothing=chosen, settings={**report.settings, "smooth": "auto"})
    said = smoothing_choice(report).replace("\u00a0", " ")
    assert "chosen from 0, 1 s" in said
    assert said.endswith("0 s for 1 of 3 videos, 1 s for 2 of 3 videos; on all videos 1 s.")
    assert said in console(report)


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
