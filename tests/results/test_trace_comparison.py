"""`seqfer.compare_traces` gives what the command writes, as tables; predictions in files and in memory give the same figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_traces import late, wave, write_rater, write_run

import seqfer
from seqfer.cli import main
from seqfer.runs.kinds.evaluate_trace import EvaluateTraceReport
from seqfer.runs.records import read_record
from seqfer.traces.trace import Trace
from seqfer.traces.writing import write_carma


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos with two late raters each, one video without."""
    folder = tmp_path_factory.mktemp("study")
    for k, stem in enumerate(("a", "b", "lonely")):
        write_run(folder / "runs" / f"{stem}-seqfer", wave(k), film=f"{stem}.mp4")
    for k, stem in enumerate(("a", "b")):
        for rater, lag in (("ann", 2.0), ("ben", 1.0)):
            write_rater(folder / "ratings" / f"{stem}_{rater}.csv", late(wave(k), lag, 0.05, k))
    return folder


@pytest.fixture(scope="module")
def compared(study: Path) -> seqfer.api.TraceComparison:
    return seqfer.compare_traces(
        study / "runs", study / "ratings", lag="estimate", every_s=2.0, smooth=1, progress=False
    )


def test_it_gives_what_the_command_writes(
    study: Path, compared: seqfer.api.TraceComparison, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate-trace", str(study / "runs"), str(study / "ratings"), "--lag", "estimate", "--every", "2"]
    assert main([*words, "--smooth", "1", "--quiet", "--out", str(tmp_path / "r")]) == 0
    said = capsys.readouterr().out
    written = read_record(EvaluateTraceReport, tmp_path / "r" / "evaluation.json")
    assert said.startswith(str(compared))
    assert compared.folder is None
    assert (compared.record.films, compared.record.summary) == (written.films, written.summary)
    for stem, table in compared.aligned.groupby("video"):
        expected = pd.read_csv(tmp_path / "r" / "aligned" / f"{stem}.csv")
        assert list(table.columns[1:]) == list(expected.columns)
        assert np.allclose(table.drop(columns="video"), expected, atol=1e-6, equal_nan=True)
    assert compared.report().html.startswith("<!DOCTYPE html>")


def test_the_table_has_a_row_per_kind_of_figure_and_video_and_their_mean(compared: seqfer.api.TraceComparison) -> None:
    table = compared.table
    assert list(table.columns[:7]) == ["video", "side", "every_s", "smoothed", "n", "rmse", "rmse_low"]
    assert len(table) == 8 * 4  # 2 sides, all bins or every 2 s, smoothed or not
    asked = table[(table["side"] == "lag_corrected") & (table["every_s"] == 2) & ~table["smoothed"]].set_index("video")
    assert list(asked.index) == ["a", "b", "mean of videos", "pooled"]
    figure = next(f for f in compared.record.films[0].figures if f.kind == ("lag_corrected", 2.0, False))
    assert (asked.loc["a", "n"], asked.loc["a", "ccc"]) == (figure.n, figure.ccc)
    assert (asked.loc["a", "ccc_low"], asked.loc["a", "ccc_high"]) == figure.intervals["ccc"]
    assert asked.loc["mean of videos", "ccc"] == pytest.approx(asked.loc[["a", "b"], "ccc"].mean())
    assert pd.isna(asked.loc["mean of videos", "n"])
    assert asked.loc["pooled", "n"] == asked.loc[["a", "b"], "n"].sum()
    assert "mean of videos" in compared._repr_html_()


def test_means_delays_and_agreement_are_tables_of_their_own(compared: seqfer.api.TraceComparison) -> None:
    summary = compared.summary
    assert len(summary) == 8 * 5
    first = summary.iloc[0]
    kind = compared.record.summary[0]
    assert (first["measure"], first["mean"], first["pooled"]) == ("rmse", kind.mean["rmse"], kind.pooled.rmse)
    raters = compared.raters
    assert raters[["video", "name"]].values.tolist() == [["a", "ann"], ["a", "ben"], ["b", "ann"], ["b", "ben"]]
    assert raters["lag_s"].tolist() == pytest.approx([2, 1, 2, 1], abs=0.3)
    assert compared.agreement[["video", "side"]].drop_duplicates().shape == (4, 2)
    assert compared.agreement["icc2k"].between(0.5, 1).all()
    assert compared.warnings == ("1 without annotation: lonely.",)


def test_a_data_frame_and_a_file_give_the_same_figures(study: Path, tmp_path: Path) -> None:
    ratings = [study / "ratings" / f"a_{name}.csv" for name in ("ann", "ben")]
    folder = study / "runs" / "a-seqfer"
    from_folder = seqfer.compare_traces(folder, ratings, progress=False)
    frames = pd.read_csv(folder / "frames.csv")
    from_memory = seqfer.compare_traces(frames, ratings, out=tmp_path / "r")
    assert from_memory.folder == tmp_path / "r"
    assert from_memory.record.films[0].figures == from_folder.record.films[0].figures
    assert len(from_memory.table) == 1
    assert len(from_folder.record.films[0].checksums) == 3
    assert set(from_memory.record.films[0].checksums) == {str(path) for path in ratings}  # a table has no file
    read = read_record(EvaluateTraceReport, tmp_path / "r" / "evaluation.json")
    assert (read.films[0].film, read.films[0].prediction.source) == ("prediction", "")


def test_a_data_frame_is_of_any_video_that_the_raters_name(tmp_path: Path) -> None:
    start_s = np.arange(60.0)
    rated = Trace("x", start_s, start_s + 1, wave()(start_s))
    write_carma(tmp_path / "one.csv", rated, film="m.avi")
    table = pd.DataFrame({"second": start_s, "valence": rated.values})
    made = seqfer.compare_traces(table, tmp_path / "one.csv")
    assert made.table["ccc"].tolist() == pytest.approx([1.0])
    assert made.record.films[0].raters[0].film == "m.avi"


def test_an_annotation_is_compared_at_the_time_that_a_player_shows(tmp_path: Path) -> None:
    from drawn_film import write_drawn_film

    video = write_drawn_film(tmp_path / "drawn.mp4", there=50, gone=0)
    rater = write_rater(tmp_path / "ratings" / "drawn_ann.csv", wave(), seconds=2)
    made = seqfer.annotate(video, out=tmp_path / "r", detector="haar", valence=True, progress=False)
    from_folder = seqfer.compare_traces(tmp_path / "r", rater, progress=False)
    from_memory = seqfer.compare_traces(
        made, tmp_path / "ratings", progress=False
    )  # the folder's file is named after the video
    (film,), (expected,) = from_memory.record.films, from_folder.record.films
    assert film.film == expected.film == "drawn"
    assert film.figures[0].n == expected.figures[0].n == 2
    assert film.figures[0].rmse == pytest.approx(expected.figures[0].rmse, abs=1e-5)
    without = seqfer.annotate(video, detector="haar", end_s=0.2, progress=False)
    with pytest.raises(seqfer.InputError, match=r"drawn\.mp4: has no valence; annotate the video with valence=True"):
        seqfer.compare_traces(without, rater)


def test_of_several_videos_one_that_fails_is_listed(study: Path, tmp_path: Path) -> None:
    table = pd.DataFrame({"time_s": np.arange(60.0), "valence": 0.1})
    late_one = pd.DataFrame({"time_s": np.arange(200.0, 260.0), "valence": 0.1})
    made = seqfer.compare_traces({"a": table, "b": late_one}, study / "ratings")
    assert list(made.failed) == ["b"]
    assert "do not overlap in time" in made.failed["b"]
    assert any(line.startswith("b could not be compared") for line in made.warnings)
    assert made.table["video"].tolist() == ["a"]
    none = seqfer.compare_traces({"b": late_one}, study / "ratings")
    assert none.table.empty
    assert none.aligned.empty


def test_bad_input_is_one_line(study: Path, tmp_path: Path) -> None:
    table = pd.DataFrame({"time_s": np.arange(200.0, 260.0), "valence": 0.1})
    rater = study / "ratings" / "a_ann.csv"
    (tmp_path / "report.html").write_text("")
    for call, kind, said in (
        (lambda: seqfer.compare_traces(table, rater), seqfer.InputError, "do not overlap in time"),
        (
            lambda: seqfer.compare_traces(table, rater, face=2),
            seqfer.InputError,
            "the prediction of prediction: no face 2",
        ),
        (lambda: seqfer.compare_traces(table, rater, lags="estimate"), seqfer.SettingsError, "unknown key 'lags'"),
        (
            lambda: seqfer.compare_traces(table, rater, out=tmp_path),
            seqfer.InputError,
            r"has a report\.html of another",
        ),
        (lambda: seqfer.compare_traces(study / "no", rater), seqfer.InputError, "no: does not exist"),
    ):
        with pytest.raises(kind, match=said) as error:
            call()
        assert "\n" not in str(error.value)
