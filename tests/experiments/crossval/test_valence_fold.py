"""`seqfer cv --task valence`: the loss, the protocol, what is told where nothing can be told, and the page."""

import csv
import json
import os

import numpy as np
import pytest
from mock_corpus import write_mock
from page_checks import Page, check_accessible, check_self_contained
from typed import on_values

from seqfer.cli import main
from seqfer.core.errors import InputError, SettingsError
from seqfer.experiments.crossval.settings import CvSettings
from seqfer.metrics.traces import trace_scores
from seqfer.report import valence_report as pages
from seqfer.report import valence_text
from seqfer.runs.kinds.cv_valence import CvValenceReport

console_table = on_values(valence_text.console_table, CvValenceReport)
summary = on_values(valence_text.summary, CvValenceReport)
write_valence_report = on_values(pages.write_valence_report, CvValenceReport)
HEADS = ("lstm", "bilstm", "mean", "constant")
QUICK = [
    *("--task", "valence", "--folds", "2", "--encoder", "tiny", "--encoder-weights", "none", "--quiet", "--jobs", "1"),
    *("--set", "encoder_training.epochs=1", "--set", "encoder_training.precision=fp32"),
    *("--set", "head_training.epochs=3"),
]


def rated(manifest, keep=lambda number: True, label=lambda row: row["label"]):
    """Give the mock's clips traces: up for happiness, down for anger, none of either for surprise."""
    ends = {"anger": -0.8, "happiness": 0.9, "surprise": 0.0}
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    for number, row in enumerate(rows[1:]):
        if keep(number):
            row["valence"] = [round(float(v), 3) for v in np.linspace(0, ends[row["label"]], len(row["frames"]))]
        row["label"] = label(row)
    return rows


def write_rows(path, rows):
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


@pytest.fixture(scope="module")
def mock(tmp_path_factory):
    folder = tmp_path_factory.mktemp("valence")
    os.environ["SEQFER_CACHE"] = str(folder / "cache")
    path = write_mock(folder)
    yield write_rows(folder / "rated.jsonl", rated(path))
    del os.environ["SEQFER_CACHE"]


@pytest.fixture(scope="module")
def finished(mock, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "whole"
    assert main(["cv", "--data", str(mock), "--out", str(out), *QUICK]) == 0
    return out


@pytest.fixture
def report(finished):
    return json.loads((finished / "report.json").read_text())


def test_report_holds_what_is_promised(report, finished):
    protocol = report["protocol"]
    assert (protocol["task"], protocol["folds"], protocol["clips"], protocol["people"]) == ("valence", 2, 24, 8)
    assert protocol["person_disjoint"] is True
    assert report["settings"]["classes"] == "any"
    assert tuple(report["heads"]) == HEADS
    for head in report["heads"].values():
        assert np.sum(head["density"]) == protocol["frames"]
        for score in head["scores"].values():
            assert np.shape(score["folds"]) == (1, 2)
    constant = report["heads"]["constant"]["scores"]
    assert constant["ccc"]["mean"] == 0
    assert (constant["pcc"]["mean"], constant["pcc"]["undefined"]) == (None, 2)
    assert report["comparison"]["ccc"]["heads"] == ["bilstm", "lstm"]
    assert report["comparison"]["rmse"]["df"] == 1
    against = [("lstm", "mean"), ("bilstm", "mean"), *((name, "constant") for name in HEADS[:3])]
    for measure in ("ccc", "rmse"):
        assert [tuple(c["heads"]) for c in report["comparisons"][measure]] == against
    assert [one["rank"] for one in report["examples"]] == sorted({1, 6, 10, 15, 19, 24})
    assert report["settings"]["task"] == json.loads((finished / "settings.json").read_text())["task"] == "valence"


def test_predictions_are_the_report_and_people_are_kept_apart(report, finished, mock):
    rows = list(csv.DictReader((finished / "predictions.csv").read_text().splitlines()))
    assert list(rows[0]) == ["clip", "person", "frame", "fold", "repeat", "head", "predicted", "truth"]
    assert len(rows) == len(HEADS) * report["protocol"]["frames"]
    for name in HEADS:
        folds = []
        for fold in "01":
            mine = [row for row in rows if row["head"] == name and row["fold"] == fold]
            folds.append(trace_scores(*([float(row[side]) for row in mine] for side in ("predicted", "truth"))))
        for measure in ("rmse", "ccc", "sagr"):
            told = report["heads"][name]["scores"][measure]
            assert told["folds"][0] == pytest.approx([getattr(one, measure) for one in folds], abs=2e-6)
            assert told["mean"] == pytest.approx(np.mean(told["folds"]))
    truth = {row["clip"]: row["valence"] for row in map(json.loads, mock.read_text().splitlines()[1:])}
    folds = json.loads((finished / "folds.json").read_text())["repeats"][0]
    for row in rows:
        assert float(row["truth"]) == truth[row["clip"]][int(row["frame"])]
        fold = folds[int(row["fold"])]
        assert row["person"] in fold["test"]
        assert row["person"] not in fold["train"] + fold["validation"]


def test_the_constant_is_the_mean_of_the_training_people_only(finished, mock):
    clips = [json.loads(line) for line in mock.read_text().splitlines()[1:]]
    for number, fold in enumerate(json.loads((finished / "folds.json").read_text())["repeats"][0]):
        part = json.loads((finished / "parts" / f"repeat0-fold{number}-constant.json").read_text())
        fitted = [v for clip in clips if clip["person"] in fold["train"] for v in clip["valence"]]
        assert {round(v, 9) for trace in part["valence"] for v in trace} == {round(float(np.mean(fitted)), 9)}


def test_resume_gives_the_same_numbers_and_other_tasks_do_not_mix(report, finished, mock, tmp_path, capsys):
    import shutil

    out = tmp_path / "resumed"
    shutil.copytree(finished, out)
    for lost in ("report.json", "parts/repeat0-fold1-bilstm.json", "parts/repeat0-fold1-constant.json"):
        (out / lost).unlink()
    assert main(["cv", "--out", str(out), "--resume", "--quiet", "--jobs", "1"]) == 0
    again = json.loads((out / "report.json").read_text())
    for name in HEADS:
        assert again["heads"][name]["scores"] == report["heads"][name]["scores"]
    assert (out / "predictions.csv").read_bytes() == (finished / "predictions.csv").read_bytes()
    assert main(["cv", "--out", str(out), "--resume", "--quiet", "--task", "emotion", "--classes", "six"]) == 2
    assert "was started with classes = 'any'" in capsys.readouterr().err


def test_a_run_from_before_there_were_tasks_goes_on(mock, tmp_path, capsys):
    """A setting that came later counts as its default, and as nothing else."""
    out = tmp_path / "emotion"
    arguments = [word for word in QUICK if word not in ("--task", "valence")]
    assert main(["cv", "--data", str(mock), "--out", str(out), *arguments, "--heads", "mean"]) == 0
    written = json.loads((out / "settings.json").read_text())
    assert (written.pop("task"), written["classes"]) == ("emotion", "six")
    del written["encoder_training"]["patience"]
    written["encoder_training"]["calm_share"] = written["encoder_training"].pop("reduced_augmentation_share")
    (out / "settings.json").write_text(json.dumps(written))
    versions = json.loads((out / "versions.json").read_text())
    del versions["settings_checksum"]  # nor were there checksums
    (out / "versions.json").write_text(json.dumps(versions))
    assert main(["cv", "--out", str(out), "--resume", "--quiet", "--jobs", "1"]) == 0
    assert main(["cv", "--out", str(out), "--resume", "--quiet", "--set", "encoder_training.patience=3"]) == 2
    assert "was started with encoder_training" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--task", "arousal"], "task = 'arousal'; allowed: emotion, valence"),
        (["--heads", "linear_svm"], "'linear_svm' classifies still images; heads for the task valence: bilstm"),
        (["--heads", "constant"], "unknown head 'constant'"),
        (["--classes", "five"], "allowed: six, seven, all, fer2013, any"),
        (["--task", "emotion", "--classes", "any"], "classes = 'any'; allowed: six"),
        (["--set", "head_training.noise=1e38"], "loss is nan at epoch 1, step 1"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(mock, tmp_path, capsys, arguments, said):
    assert main(["cv", "--data", str(mock), "--out", str(tmp_path / "bad"), *QUICK, *arguments]) == 2
    message = capsys.readouterr().err.strip()
    assert said in message
    assert "\n" not in message


def test_clips_without_traces_or_labels(mock, tmp_path, capsys):
    source = mock.parent / "mock.jsonl"
    some = write_rows(mock.parent / "some.jsonl", rated(source, keep=lambda number: number % 2))
    bad = ["--out", str(tmp_path / "bad"), *QUICK]
    assert main(["cv", "--data", str(some), *bad]) == 2
    assert "mock: clips without valence: 12 of 24 (first: p0_anger)" in capsys.readouterr().err
    bare = write_rows(mock.parent / "bare.jsonl", rated(source, label=lambda row: None))
    assert main(["cv", "--data", str(bare), *bad]) == 2
    assert "clips without a label: 24 of 24" in capsys.readouterr().err
    assert not (tmp_path / "bad").exists()


def test_settings_know_the_task():
    assert CvSettings().classes == "six"
    assert CvSettings(task="valence").classes == "any"
    assert CvSettings(task="valence").all_heads == HEADS
    assert CvSettings().all_heads == HEADS[:3]
    with pytest.raises(SettingsError, match="once"):
        CvSettings(task="valence", heads=("lstm", "lstm"))


def test_page_shows_the_numbers_and_stands_alone(report, finished):
    text = (finished / "report.html").read_text()
    check_self_contained(text)
    check_accessible(text)
    shown = Page(text).text
    for head in report["heads"].values():
        assert (
            f"{head['scores']['rmse']['mean']:.3f} ± {head['scores']['rmse']['sem']:.3f}".replace("-", "\u2212")
            in shown
        )
        marked = f"{head['title']}, repeat 1, fold 2: RMSE {head['scores']['rmse']['folds'][0][1]:.3f}" in text
        assert marked == (head["title"] != "Constant"), "the constant would press the heads together"
    assert "PCC undefined" in shown
    assert "corrected resampled t-test" in shown
    assert "nan" not in shown.lower()
    assert "a true valence of exactly 0" in shown
    for one in report["examples"]:
        assert one["clip"] in shown


def test_sentence_and_table(report):
    report["comparison"]["ccc"] |= {"difference": 0.0104, "p_value": 0.013, "df": 24}
    report["comparison"]["rmse"] |= {"difference": -0.004, "p_value": 0.31, "df": 24}
    for name, value in (("lstm", 0.94), ("bilstm", 0.95)):
        report["heads"][name]["scores"]["ccc"] |= {"mean": value, "sem": 0.004}
        report["heads"][name]["scores"]["rmse"] |= {"mean": 1 - value, "sem": None, "undefined": 1}
    assert summary(report).replace("\u00a0", " ") == (
        "The BiLSTM predicts valence with CCC 0.950 ± 0.004 and RMSE 0.050 (SEM undefined) (1 undefined), the LSTM with CCC 0.940 ± 0.004 and "
        "RMSE 0.060 (SEM undefined) (1 undefined); the difference in CCC is significant at 5 %, that in RMSE is not significant at 5 % "
        "(CCC p = 0.013, RMSE p = 0.31; corrected resampled t-test, df 24)."
    )
    report["comparison"]["ccc"]["p_value"] = 0.2
    assert "; neither difference is significant" in summary(report)
    report["comparison"]["ccc"]["p_value"] = report["comparison"]["rmse"]["p_value"] = 1e-5
    assert "; both differences are significant" in summary(report)
    table = console_table(report)
    assert table.isascii()
    assert table.splitlines()[0].split() == ["head", "parameters", "RMSE", "CCC", "PCC", "SAGR"]
    assert "BiLSTM against LSTM, CCC: 0.010 higher (better)" in table
    assert "BiLSTM against LSTM, RMSE: 0.004 lower (better)" in table
    assert "Mean of frames against Constant, CCC:" in table


def test_undefined_is_named_and_one_head_alone_has_a_page(report, tmp_path):
    report["comparison"]["ccc"] |= dict.fromkeys(("difference", "standard_error", "t", "p_value"))
    assert "the test of the difference in CCC is undefined" in summary(report)
    assert "BiLSTM against LSTM, CCC: undefined" in console_table(report)
    write_valence_report(report, tmp_path / "undefined.html")
    assert "nan" not in Page((tmp_path / "undefined.html").read_text()).text.lower()
    report |= {"heads": {"mean": report["heads"]["mean"]}, "comparison": None, "comparisons": {"ccc": [], "rmse": []}}
    report["examples"] = []
    write_valence_report(report, tmp_path / "alone.html")
    assert "Comparisons" not in Page((tmp_path / "alone.html").read_text()).text
    report["heads"] = {}
    with pytest.raises(InputError, match="no heads"):
        write_valence_report(report, tmp_path / "none.html")
