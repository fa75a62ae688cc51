"""`seqfer cv` from the inside: protocol, survival, repeatability, and what a run folder holds."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from cv_calls import QUICK, cv
from file_damage import DAMAGES
from mock_corpus import write_mock

from seqfer.cli import main
from seqfer.core.errors import InputError


def numbers(out):
    """The part of the report that must not depend on when and how it was made."""
    report = json.loads((out / "report.json").read_text())
    heads = {name: {k: v for k, v in head.items() if k != "seconds"} for name, head in report["heads"].items()}
    return heads, report["comparison"], report["comparisons"], report["protocol"]


def test_same_command_same_numbers(mock, finished, tmp_path):
    assert cv(mock, tmp_path / "again", "--repeats", "2", "--heads", "lstm,bilstm,linear_svm") == 0
    assert numbers(tmp_path / "again") == numbers(finished)
    assert (tmp_path / "again" / "predictions.csv").read_bytes() == (finished / "predictions.csv").read_bytes()


def test_saved_folds_give_the_same_run_and_jobs_do_not_matter(mock, finished, tmp_path):
    out = tmp_path / "folds"
    arguments = [
        "cv",
        "--data",
        str(mock),
        "--out",
        str(out),
        "--jobs",
        "2",
        *QUICK,
        "--repeats",
        "2",
        "--heads",
        "lstm,bilstm,linear_svm",
    ]
    assert main([*arguments, "--folds-file", str(finished / "folds.json")]) == 0
    assert numbers(out)[0] == numbers(finished)[0]


def test_resume_after_every_part_gives_the_same_numbers(mock, finished, tmp_path):
    import shutil

    out = tmp_path / "resumed"
    parts = sorted((finished / "parts").glob("*.json"))
    for kept in (0, 3, len(parts) - 1):
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(finished, out)
        for file in parts[kept:]:
            (out / "parts" / file.name).unlink()
        (out / "report.json").unlink()
        assert cv(mock, out, "--repeats", "2", "--heads", "lstm,bilstm,linear_svm", "--resume") == 0
        assert numbers(out) == numbers(finished)


def test_resume_with_other_contents_behind_the_same_settings_is_refused(mock, finished, tmp_path, capsys):
    folds = tmp_path / "folds.json"
    folds.write_text((finished / "folds.json").read_text())
    arguments = ("--repeats", "2", "--folds-file", str(folds))
    assert cv(mock, tmp_path / "run", *arguments) == 0
    turned = json.loads(folds.read_text())
    turned["repeats"].reverse()
    folds.write_text(json.dumps(turned))
    assert cv(mock, tmp_path / "run", *arguments, "--resume") == 2
    assert "folds_checksum" in capsys.readouterr().err


@pytest.mark.parametrize(
    "how", [*(how for how in DAMAGES if how != "without its last byte"), "of another fold", "of another run"]
)
def test_a_damaged_part_of_a_finished_run_is_made_again_and_said(mock, finished, tmp_path, capsys, how):
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    part = out / "parts" / "repeat0-fold1-mean.json"
    whole = json.loads(part.read_text())
    if how in DAMAGES:
        data = DAMAGES[how](part.read_bytes())
    elif how == "of another fold":
        data = (out / "parts" / "repeat0-fold0-mean.json").read_bytes()
    else:
        assert cv(mock, tmp_path / "other", "--seed", "5") == 0
        data = (tmp_path / "other" / "parts" / part.name).read_bytes()
    part.unlink()
    if data is not None:
        part.write_bytes(data)
    capsys.readouterr()
    assert cv(mock, out, "--resume") == 0
    said = f"{part}: damaged, or not of this run; computed again\n"
    assert capsys.readouterr().err == ("" if how == "deleted" else said)
    again = json.loads(part.read_text())
    for values in (whole, again):
        del values["seconds"], values["checksum"]
    assert again == whole
    assert (out / "predictions.csv").read_bytes() == (finished / "predictions.csv").read_bytes()


@pytest.mark.parametrize("how", [how for how in DAMAGES if how != "deleted"])
@pytest.mark.parametrize("name", ["settings.json", "versions.json"])
def test_what_a_run_was_started_with_is_never_taken_from_a_damaged_file(mock, finished, tmp_path, capsys, name, how):
    """Of these nothing can be made again: resumed with the command's own settings it is refused, in one line."""
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    (out / name).write_bytes(DAMAGES[how]((out / name).read_bytes()))
    before = (out / "predictions.csv").read_bytes()
    capsys.readouterr()
    code = main(["cv", "--out", str(out), "--resume", "--quiet", "--jobs", "1"])
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert (out / "predictions.csv").read_bytes() == before
    if name == "settings.json":
        assert code == 2
        assert said.count("\n") == 1


def test_kill_and_resume(mock, finished, tmp_path):
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "seqfer", "cv", "--data", str(mock), "--out", str(out), "--jobs", "2", *QUICK]
    command += ["--repeats", "2", "--heads", "lstm,bilstm,linear_svm"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while not list(out.glob("parts/*.json")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)  # the parent only: its workers must notice and end by themselves
    process.wait()
    assert not (out / "report.json").exists()
    assert cv(mock, out, "--repeats", "2", "--heads", "lstm,bilstm,linear_svm", "--resume") == 0
    assert numbers(out)[:3] == numbers(finished)[:3]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "nowhere.jsonl"], "nowhere.jsonl"),
        (["--data", "atlantis"], "no manifest 'atlantis'"),
        (["--data", "ck48"], "seqfer prepare ck48"),
        (["--folds", "9"], "8 people"),
        (["--folds", "1"], "folds"),
        (["--heads", "transformer9"], "unknown head 'transformer9'; allowed: bilstm"),
        (["--encoder", "resnet9000"], "unknown encoder 'resnet9000'"),
        (["--encoder-weights", "shipped"], "no weights are included for encoder 'tiny'"),
        (["--classes", "five"], "classes"),
        (["--set", "head_training.epoch=3"], "'head_training.epoch'; allowed: head_training.batch_size"),
        (["--set", "head_training.learning_rate=-1"], "learning_rate"),
        (["--set", "head_training.noise=1e38"], "loss is nan at epoch 1, step 1"),
        (["--set", "head_training.label_smoothing=2"], "label_smoothing"),
        (["--seed", "-1"], "seed"),
        (["--set", "encoder_training.low_resolution_px=-4"], "low_resolution_px"),
        (["--heads", "no.such.head"], "cannot be imported"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(mock, tmp_path, capsys, arguments, said):
    assert cv(mock, tmp_path / "bad", *arguments) == 2
    message = capsys.readouterr().err.strip()
    assert said in message
    assert message.startswith("seqfer cv: ")
    assert "\n" not in message


def test_bad_folds_file(mock, finished, tmp_path, capsys):
    folds = json.loads((finished / "folds.json").read_text())
    fold = folds["repeats"][0][0]
    fold["train"].append(fold["test"][0])
    (tmp_path / "leaky.json").write_text(json.dumps(folds))
    assert cv(mock, tmp_path / "bad", "--repeats", "2", "--folds-file", str(tmp_path / "leaky.json")) == 2
    message = capsys.readouterr().err
    assert fold["test"][0] in message
    assert "leaky.json" in message
    assert cv(mock, tmp_path / "bad", "--folds-file", str(finished / "folds.json")) == 2
    assert "--repeats" in capsys.readouterr().err


def test_broken_manifest_and_image(mock, tmp_path, capsys):
    lines = mock.read_text().splitlines()
    (tmp_path / "broken.jsonl").write_text("\n".join([*lines[:3], lines[3][:40], *lines[4:]]))
    assert main(["cv", "--data", str(tmp_path / "broken.jsonl"), "--out", str(tmp_path / "o"), *QUICK]) == 2
    assert "broken.jsonl:4:" in capsys.readouterr().err
    (tmp_path / "lost.jsonl").write_text(mock.read_text())
    assert main(["cv", "--data", str(tmp_path / "lost.jsonl"), "--out", str(tmp_path / "o"), *QUICK]) == 2
    assert "mock.npy" in capsys.readouterr().err


def test_unwritable_out_and_run_that_is_there(mock, finished, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert cv(mock, tmp_path / "file" / "run") == 2
    assert "cannot be written" in capsys.readouterr().err
    assert cv(mock, finished) == 2
    assert "--resume" in capsys.readouterr().err


def test_no_clip_of_the_classes(tmp_path):
    from seqfer.corpus.manifest import read_manifest

    path = write_mock(tmp_path, people=3, labels=("neutral",))
    with pytest.raises(InputError, match="no clip of the classes"):
        read_manifest(path).only(("anger",))
