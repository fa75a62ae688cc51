"""`seqfer calibrate-valence`: a study calibrated, a map applied, and what is refused."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from drawn_traces import late, wave, write_rater, write_run
from scipy.ndimage import gaussian_filter1d

from seqfer.cli import main
from seqfer.core.files import file_checksum
from seqfer.raters.calibration import read_calibration
from seqfer.runs.finished import finished_runs


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return main(["calibrate-valence", *map(str, arguments), "--quiet"])


def study(tmp_path, films=3):
    for k in range(films):
        write_run(tmp_path / "study" / f"f{k}-seqfer", lambda t, k=k: 0.5 * wave(k)(t) + 0.1, film=f"f{k}.mp4")
        write_rater(tmp_path / "ratings" / f"f{k}_ann.csv", wave(k), hz=5)
        write_rater(tmp_path / "ratings" / f"f{k}_ben.csv", wave(k), hz=5)
    return tmp_path / "study", tmp_path / "ratings"


@pytest.mark.parametrize("kind", ["affine", "monotone"])
def test_a_study_is_calibrated(tmp_path, capsys, kind):
    assert run(*study(tmp_path), "--map", kind, "--out", "out") == 0
    report = json.loads((tmp_path / "out" / "calibration.json").read_text())
    assert report["summary"]["after"]["rmse"]["mean"] < 0.05 < report["summary"]["before"]["rmse"]["mean"]
    assert report["summary"]["after"]["ccc"]["mean"] > 0.99
    assert report["map"]["kind"] == report["settings"]["map"] == kind
    if kind == "affine":
        assert (report["map"]["slope"], report["map"]["intercept"]) == pytest.approx((2.0, -0.2), abs=0.01)
    checksums = report["checksums"]["f0"]
    assert len(checksums) == 3
    assert all(file_checksum(tmp_path / path) == checksum for path, checksum in checksums.items())
    rows = list(csv.DictReader((tmp_path / "out" / "films.csv").read_text().splitlines()))
    assert [row["film"] for row in rows] == ["f0", "f1", "f2"]
    for row, one in zip(rows, report["films"]):
        assert float(row["rmse_after"]) == pytest.approx(one["after"]["rmse"], abs=1e-6)
    assert "mean of videos" in capsys.readouterr().out


def test_a_delay_can_be_taken_back(tmp_path):
    runs, ratings = study(tmp_path)
    for k in range(3):
        for name in ("ann", "ben"):
            write_rater(ratings / f"f{k}_{name}.csv", late(wave(k), 2.0))
    assert run(runs, ratings, "--out", "none") == 0
    assert run(runs, ratings, "--lag", "estimate", "--out", "some") == 0
    none, some = (json.loads((tmp_path / n / "calibration.json").read_text()) for n in ("none", "some"))
    assert some["summary"]["after"]["rmse"]["mean"] < 0.5 * none["summary"]["after"]["rmse"]["mean"]
    assert some["shifts_s"]["f0"] == pytest.approx([2.0, 2.0], abs=0.1)
    assert none["shifts_s"]["f0"] == [0.0, 0.0]


@pytest.mark.parametrize("smooth", ["2", "auto"])
def test_a_smoothed_prediction_is_calibrated_beside_the_unsmoothed_one(tmp_path, capsys, smooth):
    rng = np.random.default_rng(0)
    for k in range(3):
        values = gaussian_filter1d(rng.normal(0, 1, 2400), 2)
        values *= 0.3 / values.std()
        hands = gaussian_filter1d(values, 20)  # two seconds
        for path, own, write in (
            (f"study/f{k}-seqfer", values, write_run),
            (f"ratings/f{k}_ann.csv", 2 * hands, write_rater),
        ):
            write(tmp_path / path, lambda t, own=own: np.interp(t, np.arange(2400) / 10, own), 240, hz=10)
    before = {p.name: p.read_bytes() for p in (tmp_path / "study" / "f0-seqfer").iterdir()}
    assert run("study", "ratings", "--rate", 4, "--out", "plain") == 0
    capsys.readouterr()
    assert run("study", "ratings", "--rate", 4, "--smooth", smooth, "--out", "out") == 0
    said = capsys.readouterr().out
    plain, report = (json.loads((tmp_path / n / "calibration.json").read_text()) for n in ("plain", "out"))
    assert report["map"] == plain["map"]  # of unsmoothed predictions, as the rows are
    assert report["smoothed"]["smooth_s"] == 2
    assert report["smoothed"]["chosen_from"] == ([0, 0.25, 0.5, 1, 2, 4] if smooth == "auto" else [])
    assert report["smoothed"]["map"]["slope"] == pytest.approx(2.0, abs=0.1)
    assert report["map"]["slope"] < 1.0
    for row, one in zip(report["films"], plain["films"], strict=True):
        assert {name: row[name] for name in one} == one
        assert row["smoothed"]["smooth_s"] == 2
        assert row["smoothed"]["after"]["ccc"] > 0.98 > row["after"]["ccc"] + 0.2
    assert report["summary"]["after"] == plain["summary"]["after"]
    assert report["summary"]["after_smoothed"]["ccc"]["mean"] > 0.98
    assert "smoothed" not in plain
    rows = list(csv.DictReader((tmp_path / "out" / "films.csv").read_text().splitlines()))
    assert [row["smooth_s"] for row in rows] == ["2"] * 3
    assert float(rows[0]["ccc_after_smoothed"]) == pytest.approx(
        report["films"][0]["smoothed"]["after"]["ccc"], abs=1e-6
    )
    assert "Prediction smoothed:" in said
    assert "Map of smoothed predictions (SD 2 s" in said
    (found,) = finished_runs(tmp_path / "out")
    assert found.record.smoothed.smooth_s == 2
    assert {p.name: p.read_bytes() for p in (tmp_path / "study" / "f0-seqfer").iterdir()} == before


def test_auto_smoothing_of_one_film_is_refused(tmp_path, capsys):
    assert run(*study(tmp_path, 1), "--smooth", "auto") == 2
    assert "--smooth auto needs 2 or more videos" in capsys.readouterr().err


def test_what_a_reader_must_know_of_a_film_is_said_and_kept(tmp_path, capsys):
    runs, ratings = study(tmp_path)
    write_run(runs / "f1-seqfer", wave(1), film="f1.mp4", faces=(1, 2))
    assert run(runs, ratings, "--out", "out") == 0
    assert "f1: The prediction has 2 faces" in capsys.readouterr().err
    warnings = json.loads((tmp_path / "out" / "calibration.json").read_text())["warnings"]
    assert list(warnings) == ["f1"]


def test_one_film_is_refused(tmp_path, capsys):
    runs, ratings = study(tmp_path, 1)
    for place in (runs, runs / "f0-seqfer"):
        assert run(place, ratings) == 2
        said = capsys.readouterr().err
        assert "1 video with both prediction and annotation; 2 or more are needed" in said
        assert said.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_a_film_that_cannot_be_used_is_left_out_and_said(tmp_path, capsys):
    runs, ratings = study(tmp_path, 4)
    (ratings / "f1_ann.csv").write_text("nothing of use\n")
    (ratings / "f3_ann.csv").unlink()
    (ratings / "f3_ben.csv").unlink()
    assert run(runs, ratings, "--out", "out") == 2
    said = capsys.readouterr()
    assert "f1_ann.csv" in said.err
    assert "1 without annotation: f3" in said.out
    report = json.loads((tmp_path / "out" / "calibration.json").read_text())
    assert [row["film"] for row in report["films"]] == ["f0", "f2"]


def test_apply_writes_a_copy_beside_the_original(tmp_path, capsys):
    runs, ratings = study(tmp_path)
    assert run(runs, ratings, "--out", "out") == 0
    folder = runs / "f0-seqfer"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run("--apply", "out/calibration.json", folder) == 0
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"valence_1hz_calibrated.csv", "valence_1hz_calibrated.json"}
    line = read_calibration(tmp_path / "out" / "calibration.json")
    old, new = (
        list(csv.DictReader((folder / name).read_text().splitlines()))
        for name in ("valence_1hz.csv", "valence_1hz_calibrated.csv")
    )
    for one, other in zip(old, new, strict=True):
        assert float(other["valence"]) == pytest.approx(float(line(float(one["valence"]))), abs=1e-6)
        assert float(other["valence_sd"]) == pytest.approx(line.slope * float(one["valence_sd"]), abs=1e-6)
        assert {k: v for k, v in one.items() if "valence" not in k} == {
            k: v for k, v in other.items() if "valence" not in k
        }
    assert (
        main(["evaluate-trace", str(folder / "valence_1hz_calibrated.csv"), "ratings/f0_ann.csv", "--out", "ev"]) == 0
    )
    assert json.loads((tmp_path / "ev" / "evaluation.json").read_text())["films"][0]["figures"][0]["rmse"] < 0.02


def test_apply_to_a_folder_of_films_goes_on_after_a_failure(tmp_path, capsys):
    runs, ratings = study(tmp_path)
    assert run(runs, ratings, "--map", "monotone", "--out", "out") == 0
    (runs / "f1-seqfer" / "valence_1hz.csv").unlink()
    (runs / "f2-seqfer" / "valence_1hz.csv").write_text("second,face,valence,valence_sd\n0,1,0.5,\n1,1,,\n")
    assert run("--apply", "out/calibration.json", runs) == 2
    assert "no valence_1hz.csv" in capsys.readouterr().err
    rows = list(csv.DictReader((runs / "f2-seqfer" / "valence_1hz_calibrated.csv").read_text().splitlines()))
    assert rows[0]["valence_sd"] == rows[1]["valence"] == ""  # unknown under a curve; a gap stays a gap


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["study"], "no ANNOTATION to fit to"),
        (["study", "ratings", "--map", "cubic"], "map = 'cubic'; allowed: affine, monotone"),
        (["study", "ratings", "--folds", "9"], "--folds is 9; allowed: 2 to 3"),
        (["study", "ratings", "--apply", "x.json"], "--apply takes run folders only"),
        (["study", "--apply", "x.json"], "x.json: cannot be read"),
        (["study", "--apply", "ratings/f0_ann.csv"], "cannot be read"),
        (["ratings", "--apply", "good.json"], "not a run folder of annotate-video"),
        (["study/f0-seqfer", "--apply", "empty.json"], "has no map"),
    ],
)
def test_settings_that_cannot_be_end_in_one_line(tmp_path, capsys, arguments, words):
    study(tmp_path)
    (tmp_path / "empty.json").write_text("[]")
    (tmp_path / "good.json").write_text('{"map": {"kind": "affine", "slope": 1, "intercept": 0}}')
    assert run(*arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("content", ["", "second,face\n", "second,face,valence,valence_sd\n0,1,high,\n"])
def test_a_damaged_table_is_named(tmp_path, capsys, content):
    folder = write_run(tmp_path / "m-seqfer", wave(), 10)
    (folder / "valence_1hz.csv").write_text(content)
    (tmp_path / "good.json").write_text('{"map": {"kind": "affine", "slope": 1, "intercept": 0}}')
    assert run("--apply", "good.json", folder) == 2
    assert "cannot be read as seconds of valence" in capsys.readouterr().err
    assert not (folder / "valence_1hz_calibrated.csv").exists()
