"""`seqfer.open_study`: status, links of the raters, annotation of what is missing, and the report; one line with file and line for what is wrong."""

import json
from dataclasses import replace

import numpy as np
import pytest
from rated_videos import write_rated_video
from rating_client import RatingClient
from study_files import PEOPLE, write_study

import seqfer
from seqfer.posed import PosedFilm, write_posed_film
from seqfer.runs.kinds.study import StudyReport
from seqfer.runs.records import read_record
from seqfer.study.rating_log import RatingLog

SMALL = """\
raters = ["ann"]

[annotation]
detector = "haar"

[[stimulus]]
name = "comedy"

[[participant]]
name = "P01"

[[participant]]
name = "P02"

[[recording]]
participant = "P01"
stimulus = "comedy"
video = "one.mp4"

[[recording]]
participant = "P02"
stimulus = "comedy"
video = "two.mp4"
"""


def small(folder, text=SMALL):
    for number, name in enumerate(("one", "two"), 1):
        write_posed_film(folder / f"{name}.mp4", PosedFilm(people=(number,), seconds=2.0, fps=10.0))
    path = folder / "study.toml"
    path.write_text(text)
    return path


def test_the_status_says_who_has_rated_what(tmp_path):
    path = write_study(tmp_path, annotated=3)
    log = RatingLog(tmp_path / "ratings/logs/P01-comedy/cat/attempt-1.csv", ["valence"])
    log.append([[75.0, 0.1]])
    log.close()
    path.write_text(path.read_text().replace("'ben'", "'cat'"))
    table = seqfer.open_study(path).status()
    assert list(table.columns) == ["recording", "participant", "stimulus", "group", "annotated", "ann", "cat"]
    assert table["annotated"].tolist() == ["done"] * 3 + ["not"] * 9
    assert table["ann"].tolist() == ["done"] * 12
    assert table["cat"].tolist() == ["up to 1:15"] + ["not"] * 11


def test_each_rater_has_a_link(tmp_path):
    path = small(tmp_path, SMALL.replace('["ann"]', '["ann", "ben"]'))
    with seqfer.open_study(path, browser=False, port=0).rate() as server:
        assert set(server.rater_links) == {"ann", "ben"}
        session = RatingClient(server.rater_links["ben"]).session("ben")
        assert [video["name"] for video in session["videos"]] == ["P01-comedy", "P02-comedy"]
    assert (tmp_path / "ratings").is_dir()


def test_run_annotates_what_is_missing_and_only_that(tmp_path):
    study = seqfer.open_study(small(tmp_path), progress=False)
    assert [result.problem for result in study.run()] == [None, None]
    written = (tmp_path / "results/P01-comedy/frames.csv").stat().st_mtime_ns
    assert study.run() == []
    (tmp_path / "results/P02-comedy/summary.json").unlink()
    assert len(study.run()) == 1
    assert (tmp_path / "results/P01-comedy/frames.csv").stat().st_mtime_ns == written
    assert study.status()["annotated"].tolist() == ["done", "done"]


def test_the_report_has_the_figures_of_evaluate_trace(tmp_path):
    study = seqfer.open_study(write_study(tmp_path), progress=False, every_s=2.0)
    report = study.report()
    assert report.folder == tmp_path / "report"
    evaluated = json.loads((report.folder / "evaluation/evaluation.json").read_text())
    single = [film["figures"][0]["rmse"] for film in evaluated["films"]]
    overall = report.record.figures[0]
    assert (overall.by, overall.recordings) == ("all", 12)
    assert overall.mean["rmse"] == pytest.approx(np.mean(single))
    assert overall.sd["rmse"] == pytest.approx(np.std(single, ddof=1))
    summary = next(one for one in evaluated["summary"] if one["every_s"] == 2.0)
    assert report.record.figures[1].mean == pytest.approx(summary["mean"])
    again = read_record(StudyReport, report.folder / "study.json")
    assert replace(again, stimuli=()) == replace(report.record, stimuli=())
    table = report.table
    assert table[table["by"] == "participant"]["name"].unique().tolist() == list(PEOPLE)
    assert {"rmse", "rmse_sd", "rmse_low", "ccc_high"} <= set(table.columns)
    assert set(report.series.columns) == {"stimulus", "source", "participant", "start_s", "valence"}
    assert "P06-drama" in report.report_html


def test_a_report_needs_something(tmp_path):
    with pytest.raises(seqfer.InputError, match="nothing is annotated or rated yet; use `seqfer study run`"):
        seqfer.open_study(small(tmp_path), progress=False).report()
    assert not (tmp_path / "report").exists()


def test_axes_other_than_valence_must_be_chosen(tmp_path):
    path = write_study(tmp_path)
    path.write_text(path.read_text().replace("[[stimulus]]", '[rating]\naxes = ["pleasure"]\n[[stimulus]]', 1))
    with pytest.raises(
        seqfer.SettingsError, match=r"the raters rate pleasure, and the model predicts valence; .*--axis pleasure"
    ):
        seqfer.open_study(path, progress=False).report()
    for file in (tmp_path / "ratings").rglob("*.csv"):
        file.write_text(file.read_text().replace("valence", "pleasure"))
    assert seqfer.open_study(path, progress=False, axis="pleasure").report().record.figures


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('model = "none"', r"study\.toml:5: .*none"),
        ("detect_hz = 0.0", r"study\.toml:5: detect_hz = 0\.0; allowed: a number, above 0"),
        ("detecthz = 4.0", r"study\.toml:5: unknown key 'detecthz'"),
        ("valence = false", r"study\.toml:5: a study compares valence; remove this line"),
    ],
)
def test_settings_of_the_annotation_that_are_wrong(tmp_path, line, words):
    path = small(tmp_path, SMALL.replace('detector = "haar"', f'detector = "haar"\n{line}'))
    if "none" in line:
        assert "none" in seqfer.open_study(path, progress=False).run()[0].problem
        return
    with pytest.raises(seqfer.SettingsError, match=words):
        seqfer.open_study(path)


def test_a_new_study_and_one_that_is_there(tmp_path):
    write_rated_video(tmp_path / "P01_comedy.webm", 0.2)
    path = seqfer.new_study(tmp_path)
    assert seqfer.open_study(path).file.recordings[0].name == "P01-comedy"
    with pytest.raises(seqfer.InputError, match="is there already"):
        seqfer.new_study(tmp_path)


def test_copies_for_browsers(tmp_path):
    source = write_rated_video(tmp_path / "a.avi", 0.4, codec="mpeg4")
    assert seqfer.transcode(source, progress=False) == [tmp_path / "a-h264.mp4"]
    made = (tmp_path / "a-h264.mp4").stat().st_mtime_ns
    assert seqfer.transcode([source], progress=False) == [tmp_path / "a-h264.mp4"]
    assert (tmp_path / "a-h264.mp4").stat().st_mtime_ns == made
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(seqfer.InputError, match=r"text\.mp4"):
        seqfer.transcode(tmp_path / "text.mp4", progress=False)
