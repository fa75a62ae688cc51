"""`seqfer evaluate-trace`: one video, folders, faces, delays, and every kind of bad input."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest
from drawn_traces import late, wave, write_rater, write_run

from seqfer.cli import main
from seqfer.core.errors import InputError
from seqfer.metrics.traces import trace_scores
from seqfer.raters.films import pair_films
from seqfer.runs.finished import finished_runs, kind_name
from seqfer.traces.reading import read_traces
from seqfer.traces.trace import Trace
from seqfer.traces.writing import RatedVideo, write_carma, write_csv, write_darma


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return main(["evaluate-trace", *map(str, arguments), "--quiet"])


def report_in(folder):
    return json.loads((folder / "evaluation.json").read_text())


def side(report, name="as_rated", every=None, film=0):
    return next(f for f in report["films"][film]["figures"] if (f["side"], f["every_s"]) == (name, every))


def test_a_perfect_prediction_of_a_run_folder(capsys, tmp_path):
    folder = write_run(tmp_path / "movie-seqfer", wave(), film="movie.mp4")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run(folder, write_rater(tmp_path / "ann.csv", wave(), hz=5)) == 0
    report = report_in(folder / "evaluation")
    (found,) = finished_runs(folder / "evaluation")  # the leaderboard knows what it is, and passes it over
    assert (kind_name(found.module), len(found.record.films)) == ("evaluate-trace", 1)
    assert side(report)["rmse"] == pytest.approx(0, abs=1e-6)
    assert side(report)["ccc"] == pytest.approx(1)
    assert side(report)["n"] == 60
    assert report["films"][0]["film"] == "movie"
    assert "RMSE" in capsys.readouterr().out
    assert (folder / "evaluation" / "report.html").exists()
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    rows = list(csv.DictReader((folder / "evaluation" / "aligned.csv").read_text().splitlines()))
    assert len(rows) == 60
    assert trace_scores(
        [float(r["prediction"]) for r in rows], [float(r["annotation"]) for r in rows]
    ).ccc == pytest.approx(1)


def test_the_lag_is_always_told_and_taken_back_only_when_asked(tmp_path, capsys):
    folder = write_run(tmp_path / "m-seqfer", wave(), 120)
    raters = [
        write_rater(tmp_path / f"{name}.csv", late(wave(), lag, 0.05, seed), 120, 20)
        for seed, (name, lag) in enumerate((("ann", 2.5), ("ben", 1.5)))
    ]
    assert run(folder, *raters, "--out", "none") == 0
    assert "not removed" in capsys.readouterr().out
    assert run(folder, *raters, "--lag", "estimate", "--every", 2, "--out", "some") == 0
    assert run(folder, *raters, "--lag", "estimate", "--lag-per", "pooled", "--out", "pooled") == 0
    assert run(folder, *raters, "--lag", "2", "--out", "fixed") == 0
    none, some, pooled, fixed = (report_in(tmp_path / name) for name in ("none", "some", "pooled", "fixed"))
    lags = [rater["lag_s"] for rater in some["films"][0]["raters"]]
    assert lags == pytest.approx([2.5, 1.5], abs=0.3)
    assert [rater["lag_s"] for rater in none["films"][0]["raters"]] == lags
    assert [f["side"] for f in none["films"][0]["figures"]] == ["as_rated"]
    assert side(some)["rmse"] == side(none)["rmse"]
    assert side(some, "lag_corrected")["ccc"] > 0.98 > side(some)["ccc"] + 0.05
    assert side(some, "lag_corrected", 2.0)["n"] == 60
    assert len({rater["shift_s"] for rater in pooled["films"][0]["raters"]}) == 1
    assert {rater["shift_s"] for rater in fixed["films"][0]["raters"]} == {2.0}


def test_the_face_with_the_most_seconds_or_the_one_asked_for(tmp_path, capsys):
    folder = write_run(tmp_path / "m-seqfer", wave(), faces=(1, 2))
    rater = write_rater(tmp_path / "a.csv", lambda t: np.full(np.shape(t), -0.5) + 0.01 * t)
    assert run(folder, rater) == 0
    assert "'face 1' has the most seconds" in capsys.readouterr().out
    assert run(folder, rater, "--face", 2, "--out", "second") == 0
    assert side(report_in(tmp_path / "second"))["n"] == 10
    assert run(folder, rater, "--face", 7, "--out", "seventh") == 2
    assert "no face 7; it has face 1, face 2" in capsys.readouterr().err


def test_faces_of_one_person_are_joined(tmp_path, capsys):
    whole = write_run(tmp_path / "w-seqfer", wave())
    cut = tmp_path / "c-seqfer"
    shutil.copytree(whole, cut)
    for name, places, by in (("frames.csv", 3, 5), ("valence_1hz.csv", 1, 1)):
        head, *lines = (cut / name).read_text().splitlines()
        rows = [line.split(",") for line in lines]
        for k, row in enumerate(rows):
            row[places] = "1" if k < 35 * by else "2"  # a cut gives the same person another number
        (cut / name).write_text("\n".join([head, *(",".join(row) for row in rows)]) + "\n")
    rater = write_rater(tmp_path / "a.csv", wave())
    assert run(whole, rater, "--out", "whole") == 0
    assert run(cut, rater, "--out", "longest") == 0
    assert "--face joined" in capsys.readouterr().out
    assert run(cut, rater, "--face", "joined", "--out", "joined") == 0
    expected, longest, joined = (side(report_in(tmp_path / name)) for name in ("whole", "longest", "joined"))
    assert (longest["n"], joined["n"]) == (35, 60)
    assert joined["rmse"] == expected["rmse"]
    two = write_run(tmp_path / "t-seqfer", wave(), faces=(1, 2))
    assert run(two, rater, "--face", "joined", "--out", "two") == 2
    assert "show two of its 2 faces at once" in capsys.readouterr().err
    (cut / "frames.csv").unlink()  # by whole seconds
    assert run(cut, rater, "--face", "joined", "--out", "seconds") == 0
    assert side(report_in(tmp_path / "seconds"))["n"] == 60


def test_the_raters_as_one_are_written_for_carma_and_elan(tmp_path, capsys):
    folder = write_run(tmp_path / "m-seqfer", wave())
    raters = [write_rater(tmp_path / f"m_{name}.csv", late(wave(), delay)) for name, delay in (("a", 2.0), ("b", 3.0))]
    assert run(folder, *raters, "--lag", "estimate", "--format", "carma,elan", "--out", "out") == 0
    with (tmp_path / "out" / "aligned.csv").open() as file:
        expected = [float(row["annotation"]) for row in csv.DictReader(file) if row["annotation"]]
    (fused,) = read_traces(tmp_path / "out" / "traces" / "m_fused.csv")
    assert fused.values[~np.isnan(fused.values)] == pytest.approx(expected, abs=1e-5)
    tiers = {trace.name: trace for trace in read_traces(tmp_path / "out" / "traces" / "m.eaf")}
    assert set(tiers) == {"fused", "prediction", "rater a", "rater b"}
    assert tiers["fused"].values == pytest.approx(expected, abs=1e-5)
    assert run(folder, *raters, "--format", "darma") == 2
    assert "formats = ['darma']; allowed: carma, elan" in capsys.readouterr().err


def test_carma_and_darma_of_one_film_are_two_raters(tmp_path):
    edges = np.arange(61) / 1.0
    trace = Trace("x", edges[:-1], edges[1:], wave()(edges[:-1] + 0.5))
    write_carma(tmp_path / "one.csv", trace, film="C:\\films\\m.avi")
    write_darma(tmp_path / "two.csv", trace, video=RatedVideo("/home/b/m.mp4"))
    folder = write_run(tmp_path / "m-seqfer", wave(), film="m.mp4")
    assert run(folder, "one.csv", "two.csv", "--axis", "Valence", "--fusion", "ewe") == 0
    report = report_in(folder / "evaluation")
    assert side(report)["ccc"] > 0.99
    assert [rater["name"] for rater in report["films"][0]["raters"]] == ["one", "two"]
    assert report["films"][0]["agreement"]["as_rated"]["icc2k"] > 0.99


def test_a_range_the_file_does_not_say(tmp_path):
    t = np.arange(600) / 10
    lines = [f"{a:.1f},{1000 * b:.3f}" for a, b in zip(t, wave()(t))]
    (tmp_path / "a.csv").write_text("time_s,valence\n" + "\n".join(lines) + "\n")
    folder = write_run(tmp_path / "m-seqfer", wave())
    assert run(folder, "a.csv", "--range=-1000,1000") == 0
    assert side(report_in(folder / "evaluation"))["ccc"] > 0.99


def study(tmp_path):
    for k, stem in enumerate(("a", "a_b", "c", "lonely")):
        write_run(tmp_path / "runs_of_study" / f"{stem}-seqfer", wave(k), film=f"{stem}.mp4")
    write_rater(tmp_path / "ratings" / "a.csv", wave(0))
    write_rater(tmp_path / "ratings" / "a_b_ann.csv", wave(1))
    write_rater(tmp_path / "ratings" / "a_b_ben.csv", wave(1))
    write_rater(tmp_path / "ratings" / "c" / "ann.csv", wave(2))
    write_rater(tmp_path / "ratings" / "stranger_ann.csv", wave(3))
    return tmp_path / "runs_of_study", tmp_path / "ratings"


def test_folders_are_matched_by_stem(tmp_path, capsys):
    assert run(*study(tmp_path), "--every", 2, "--out", "out") == 0
    report = report_in(tmp_path / "out")
    assert {film["film"]: [r["name"] for r in film["raters"]] for film in report["films"]} == {
        "a": ["a"],
        "a_b": ["ann", "ben"],
        "c": ["ann"],
    }
    assert report["without_annotation"] == ["lonely"]
    assert [name.rpartition("/")[2] for name in report["without_prediction"]] == ["stranger_ann.csv"]
    assert [kind["films"] for kind in report["summary"]] == [3, 3]
    values = [side(report, film=k)["rmse"] for k in range(3)]
    assert report["summary"][0]["mean"]["rmse"] == pytest.approx(np.mean(values))
    assert report["summary"][0]["sd"]["rmse"] == pytest.approx(np.std(values, ddof=1))
    said = capsys.readouterr().out
    assert "1 without annotation: lonely" in said
    assert "1 without prediction: stranger_ann.csv" in said
    assert sorted(path.name for path in (tmp_path / "out" / "aligned").iterdir()) == ["a.csv", "a_b.csv", "c.csv"]


def test_smoothed_figures_are_in_every_output_under_their_own_name(tmp_path, capsys):
    runs, ratings = study(tmp_path)
    assert run(runs, ratings, "--out", "plain") == 0
    capsys.readouterr()
    assert run(runs, ratings, "--smooth", "1", "--format", "elan", "--out", "out") == 0
    said = capsys.readouterr().out
    assert "as rated:" in said
    assert "as rated, prediction smoothed (SD 1 s):" in said
    plain, report = report_in(tmp_path / "plain"), report_in(tmp_path / "out")
    for before, film in zip(plain["films"], report["films"], strict=True):
        assert film["figures"][:1] == before["figures"]
        assert [one.get("smooth_s") for one in film["figures"]] == [None, 1]
        assert film["figures"][1]["rmse"] != film["figures"][0]["rmse"]
    assert [kind.get("smoothed") for kind in report["summary"]] == [None, True]
    rows = list(csv.DictReader((tmp_path / "out" / "aligned" / "a.csv").read_text().splitlines()))
    old = list(csv.DictReader((tmp_path / "plain" / "aligned" / "a.csv").read_text().splitlines()))
    assert list(rows[0])[:4] == ["start_s", "prediction", "prediction_smoothed", "annotation"]
    assert [{k: v for k, v in row.items() if k != "prediction_smoothed"} for row in rows] == old
    score = trace_scores([float(r["prediction_smoothed"]) for r in rows], [float(r["annotation"]) for r in rows])
    assert score.rmse == pytest.approx(report["films"][0]["figures"][1]["rmse"], abs=1e-5)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "prediction smoothed (SD 1" in page
    assert 'class="trace l1"' in page
    assert "prediction smoothed" in {t.name for t in read_traces(tmp_path / "out" / "traces" / "a.eaf")}


def test_auto_says_what_it_chose_and_refuses_a_single_video(tmp_path, capsys):
    runs, ratings = study(tmp_path)
    assert run(runs, ratings, "--smooth", "auto", "--out", "out") == 0
    said = capsys.readouterr().out
    assert "as rated, prediction smoothed (SD chosen on the other videos):" in said
    report = report_in(tmp_path / "out")
    assert report["smoothing"] == {
        "grid_s": [0, 0.25, 0.5, 1, 2, 4],
        "films": {"a": 0, "a_b": 0, "c": 0},  # these raters follow every frame
        "on_all_films_s": 0,
    }
    assert "0 s for 3 of 3 videos; on all videos 0 s." in said
    (found,) = finished_runs(tmp_path / "out")
    assert found.record.smoothing.films == {"a": 0, "a_b": 0, "c": 0}
    assert run(runs / "a-seqfer", ratings, "--smooth", "auto", "--out", "one") == 2
    said = capsys.readouterr().err
    assert "--smooth auto needs 2 or more videos" in said
    assert "got 1 video (a); give a number of seconds, as in --smooth 1" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "one").exists()


def test_mean_and_pooled_figures_are_both_named(tmp_path, capsys):
    assert run(*study(tmp_path), "--out", "out") == 0
    said = capsys.readouterr().out
    assert "mean of videos" in said
    (kind,) = report_in(tmp_path / "out")["summary"]
    assert kind["pooled"]["n"] == 180
    assert any(
        line.split()[:2] == ["pooled", "180"] and f"{kind['pooled']['ccc']:.3f}" in line for line in said.split("\n")
    )
    page = (tmp_path / "out" / "report.html").read_text()
    assert "pooled<br><small>all values of all videos" in page
    assert "Pooled over all 180 values: RMSE" in page
    values = [
        [
            float(row[name])
            for path in sorted((tmp_path / "out" / "aligned").iterdir())
            for row in csv.DictReader(path.read_text().splitlines())
        ]
        for name in ("prediction", "annotation")
    ]
    assert trace_scores(*values).ccc == pytest.approx(kind["pooled"]["ccc"], abs=1e-5)


def test_a_warning_of_several_videos_is_one_line_with_a_count(tmp_path, capsys):
    runs, ratings = study(tmp_path)
    for k, stem in enumerate(("a", "a_b")):
        write_run(runs / f"{stem}-seqfer", wave(k), film=f"{stem}.mp4", faces=(1, 2))
    assert run(runs, ratings, "--out", "out") == 0
    said = capsys.readouterr().out
    assert said.count("has the most seconds") == 1
    assert "2 of 3 videos (a, a_b): The prediction has 2 faces" in said
    assert [bool(film["warnings"]) for film in report_in(tmp_path / "out")["films"]] == [True, True, False]


def test_run_folders_in_subfolders_and_ratings_that_mirror_them(tmp_path, capsys):
    """Two people whose videos have one name: each with its own ratings, and results in folders that mirror theirs."""
    for k, person in enumerate(("P01", "P02")):
        write_run(tmp_path / "R" / person / "video", wave(k), film="video.mp4")
        write_rater(tmp_path / "ratings" / person / "video_ann.csv", wave(k), hz=5)
    assert run("R", "ratings", "--format", "carma", "--out", "out") == 0
    report = report_in(tmp_path / "out")
    assert [film["film"] for film in report["films"]] == ["P01/video", "P02/video"]
    assert [film["raters"][0]["name"] for film in report["films"]] == ["ann", "ann"]
    assert [film["figures"][0]["ccc"] for film in report["films"]] == pytest.approx([1, 1])
    assert (report["without_annotation"], report["without_prediction"]) == ([], [])
    for person in ("P01", "P02"):
        assert (tmp_path / "out" / "aligned" / person / "video.csv").is_file()
        assert (tmp_path / "out" / "traces" / person / "video_fused.csv").is_file()
    assert main(["calibrate-valence", "R", "ratings", "--quiet", "--out", "cal"]) == 0
    assert main(["calibrate-valence", "--apply", "cal/calibration.json", "R"]) == 0
    assert (tmp_path / "R" / "P02" / "video" / "valence_1hz_calibrated.csv").is_file()


def test_one_film_that_fails_does_not_stop_the_others(tmp_path, capsys):
    runs, ratings = study(tmp_path)
    (ratings / "a.csv").write_text("nothing of use\n")
    assert run(runs, ratings, "--out", "out") == 2
    report = report_in(tmp_path / "out")
    assert [film["film"] for film in report["films"]] == ["a_b", "c"]
    assert [failed["film"] for failed in report["failed"]] == ["a"]
    assert "a.csv" in capsys.readouterr().err
    assert (tmp_path / "out" / "report.html").exists()


def test_a_single_film_finds_its_raters_in_a_folder(tmp_path):
    runs, ratings = study(tmp_path)
    (only,) = pair_films(runs / "a_b-seqfer", [ratings]).films
    assert [path.name for path in only.annotations] == ["a_b_ann.csv", "a_b_ben.csv"]
    with pytest.raises(InputError, match="no annotation of 'lonely'"):
        pair_films(runs / "lonely-seqfer", [ratings])


def test_raters_of_the_same_file_name_are_told_apart(tmp_path):
    folder = write_run(tmp_path / "m-seqfer", wave())
    raters = [write_rater(tmp_path / name / "m.csv", wave()) for name in ("ann", "ben")]
    assert run(folder, *raters) == 0
    names = [rater["name"] for rater in report_in(folder / "evaluation")["films"][0]["raters"]]
    assert names == ["ann/m", "ben/m"]


def test_a_table_of_a_run_folder_is_of_its_film(tmp_path):
    folder = write_run(tmp_path / "x", wave(), film="movie.mp4")
    rater = write_rater(tmp_path / "a.csv", wave())
    assert pair_films(folder / "valence_1hz.csv", [rater]).films[0].stem == "movie"
    assert pair_films(rater, [rater]).films[0].stem == "a"


def test_no_overlap_in_time(tmp_path, capsys):
    folder = write_run(tmp_path / "m-seqfer", wave())
    rater = write_rater(tmp_path / "a.csv", wave(), seconds=30, start_s=100)
    assert run(folder, rater) == 2
    said = capsys.readouterr().err
    assert "prediction (0 to 60 s) and annotation (100 to 130 s) do not overlap" in said
    assert said.count("\n") == 1
    assert not (folder / "evaluation").exists()


def test_all_values_equal_is_undefined_said_and_counted(tmp_path, capsys):
    folder = write_run(tmp_path / "m-seqfer", lambda t: np.full(np.shape(t), 0.25))
    rater = write_rater(tmp_path / "a.csv", lambda t: np.full(np.shape(t), 0.5))
    assert run(folder, rater) == 0
    said = capsys.readouterr().out
    assert "The prediction has the same value in all 60 compared bins" in said
    assert "Undefined figures: CCC 1 of 1, PCC 1 of 1." in said
    assert "no delay could be estimated" in said
    report = report_in(folder / "evaluation")
    assert side(report)["ccc"] is None
    assert side(report)["rmse"] == pytest.approx(0.25)
    assert report["summary"][0]["count"]["ccc"] == 0
    assert "nan" not in (folder / "evaluation" / "report.html").read_text().lower()


def test_a_rater_with_most_missing_is_named(tmp_path, capsys):
    folder = write_run(tmp_path / "m-seqfer", wave())
    whole, short = write_rater(tmp_path / "whole.csv", wave()), write_rater(tmp_path / "short.csv", wave(), seconds=4)
    assert run(folder, whole, short) == 2
    assert "rater short misses 93.3%" in capsys.readouterr().err


def test_mixed_films(tmp_path, capsys):
    edges = np.arange(61.0)
    trace = Trace("x", edges[:-1], edges[1:], wave()(edges[:-1]))
    write_carma(tmp_path / "one.csv", trace, film="m.avi")
    write_carma(tmp_path / "two.csv", trace, film="other.avi")
    folder = write_run(tmp_path / "m-seqfer", wave(), film="m.mp4")
    assert run(folder, "one.csv") == 0
    assert run(folder, "one.csv", "two.csv") == 2
    assert "different videos" in capsys.readouterr().err
    assert run(folder, "one.csv", "two.csv", "--any-film") == 0
    assert "compared because of --any-film" in capsys.readouterr().out


def test_a_lag_at_the_end_of_the_search_is_not_taken_back(tmp_path, capsys):
    folder = write_run(tmp_path / "m-seqfer", wave(), 120)
    rater = write_rater(tmp_path / "a.csv", late(wave(), 4.0), 120)
    assert run(folder, rater, "--lag", "estimate", "--max-lag", 2) == 0
    assert "is at the end of the search range" in capsys.readouterr().out
    assert report_in(folder / "evaluation")["films"][0]["raters"][0]["shift_s"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fusion", "median"], "fusion = 'median'; allowed: mean, ewe"),
        (["--lag", "soon"], "lag = 'soon'; allowed: none, estimate, or a number"),
        (["--lag-per", "film"], "lag_per = 'film'; allowed: rater, pooled"),
        (["--range", "5"], "value_range = [5]; allowed: 2 numbers"),
        (["--range", "1,1"], "value range"),
        (["--rate", "0"], "rate_hz = 0; allowed: a number, above 0, at most 1000"),
        (["--every", "-1"], "every_s = -1;"),
        (["--level", "95"], "level = 95;"),
        (["--smooth", "0"], "smooth = '0'; allowed: none, auto, or a number of seconds above 0"),
        (["--smooth", "much"], "smooth = 'much'; allowed: none, auto, or a number of seconds above 0"),
        (["--kind", "joystick"], "joystick"),
        (["--axis", "Pleasure"], "Pleasure"),
    ],
)
def test_settings_out_of_range_end_in_one_line(tmp_path, capsys, arguments, words):
    folder = write_run(tmp_path / "m-seqfer", wave(), 20)
    assert run(folder, write_rater(tmp_path / "a.csv", wave(), 20), *arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_paths_that_cannot_be(tmp_path, capsys):
    folder = write_run(tmp_path / "m-seqfer", wave(), 20)
    rater = write_rater(tmp_path / "a.csv", wave(), 20)
    (tmp_path / "empty").mkdir()
    for arguments, words in (
        ([tmp_path / "nowhere", rater], "does not exist"),
        ([folder, tmp_path / "nowhere.csv"], "does not exist"),
        ([folder, rater, rater], "given twice"),
        ([folder, folder], "no annotation of 'm'"),
        ([tmp_path / "empty", rater], "has no run folder"),
        ([tmp_path, tmp_path / "empty"], "no annotation matches"),
        ([folder, rater, "--out", rater], "is a file"),
    ):
        assert run(*arguments) == 2
        assert words in capsys.readouterr().err


def test_the_page_of_another_command_is_not_overwritten(tmp_path, capsys):
    folder = write_run(tmp_path / "m-seqfer", wave(), 20)
    (folder / "report.html").write_text("a film")
    assert run(folder, write_rater(tmp_path / "a.csv", wave(), 20), "--out", folder) == 2
    assert "has a report.html of another command" in capsys.readouterr().err
    assert (folder / "report.html").read_text() == "a film"


def test_two_predictions_of_one_film(tmp_path):
    for name in ("first", "second"):
        write_run(tmp_path / "runs" / name, wave(), 20, film="m.mp4")
    with pytest.raises(InputError, match="both predictions of 'm'"):
        pair_films(tmp_path / "runs", [write_rater(tmp_path / "m.csv", wave(), 20)])


def test_a_prediction_of_several_columns_and_an_axis(tmp_path):
    t = np.arange(60.0)
    write_csv(tmp_path / "p.csv", [Trace("joy", t, t, wave()(t)), Trace("rage", t, t, -wave()(t))])
    rater = write_rater(tmp_path / "a.csv", wave(), hz=1)
    assert run("p.csv", rater, "--prediction-axis", "rage", "--out", "out") == 0
    assert side(report_in(tmp_path / "out"))["pcc"] == pytest.approx(-1, abs=1e-6)


@pytest.mark.data
def test_real_carma_files_are_compared(shared_data, tmp_path):
    folder = shared_data / "traces" / "carma"
    if not folder.is_dir():
        pytest.skip(f"needs {folder}")
    assert run(folder / "2F10_08_AP.csv", folder / "2F10_08_JG.csv", "--out", tmp_path / "out") == 0
    report = report_in(tmp_path / "out")
    assert side(report)["n"] == 42
    assert -1 <= side(report)["ccc"] <= 1
