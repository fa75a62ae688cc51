"""`seqfer study` on the command line: every action, and one line for what is wrong."""

import importlib.util
import re
import signal
import subprocess
import sys

import pytest
from rated_videos import write_rated_video
from rating_client import RatingClient
from study_files import write_study

from seqfer.cli import main


def test_status_and_report(tmp_path, capsys, monkeypatch):
    path = write_study(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["study", "status"]) == 0
    assert re.search(r"P06-drama +P06 +drama +b +done +done +done", capsys.readouterr().out)
    assert main(["study", "report", str(path), "--every-s", "2", "--groups", "b,a", "--quiet", "--out", "page"]) == 0
    said = capsys.readouterr().out
    assert "b (3) and a (3)" in said
    assert said.endswith("Report: page/report.html\n")
    assert main(["study", "run", str(path), "--quiet"]) == 0
    assert capsys.readouterr().out.startswith("0 recordings annotated, 12 were before")


def test_init_and_transcode(tmp_path, capsys):
    video = write_rated_video(tmp_path / "P01_comedy.avi", 0.4, codec="mpeg4")
    assert main(["study", "transcode", str(video), "--quiet"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'P01_comedy-h264.mp4'}\n"
    assert main(["study", "init", str(tmp_path)]) == 0
    assert "guessed" in capsys.readouterr().out
    assert 'video = "P01_comedy-h264.mp4"' in (tmp_path / "study.toml").read_text()


def test_rate_prints_a_link_for_each_rater_until_ctrl_c(tmp_path):
    write_rated_video(tmp_path / "P01_comedy.webm", 0.5)
    assert main(["study", "init", str(tmp_path)]) == 0
    command = [
        sys.executable,
        "-m",
        "seqfer",
        "study",
        "rate",
        str(tmp_path / "study.toml"),
        "--port",
        "0",
        "--no-browser",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [process.stdout.readline() for _ in range(4)]
    assert lines[0].startswith("Open http")
    assert [line.partition(":")[0] for line in lines[1:3]] == ["rater1", "rater2"]
    assert lines[3] == f"Ratings are written to {tmp_path / 'ratings'}. Ctrl-C ends.\n"
    client = RatingClient(re.search(r"http://\S+", lines[1])[0])
    assert client.session()["rater"] == "rater1"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20)[1] == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["status", "none.toml"], "none.toml: cannot be read"),
        (["status", "a.toml", "b.toml"], "2 paths are given; give one study file"),
        (["init"], "0 paths are given; give a folder"),
        (["init", "empty"], "has no videos"),
        (["transcode"], "no videos are given"),
        (["transcode", "none.avi"], "none.avi"),
        (["report", "study.toml", "--groups", "a,c"], "'c' is no group of the study; allowed: a, b"),
        (["report", "study.toml", "--groups", "a"], "give two different groups"),
        (["report", "study.toml", "--window-s", "1"], "fewer than 3 bins"),
        (["rate", "study.toml"], "P01-comedy.mp4"),
        (["go"], "invalid choice: 'go'"),
    ],
)
def test_bad_input_is_one_line(tmp_path, monkeypatch, capsys, arguments, words):
    write_study(tmp_path)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    try:
        code = main(["study", *arguments])
    except SystemExit as left:
        code = left.code
    said = capsys.readouterr().err
    assert code == 2
    assert words in said
    assert said.strip().count("\n") == 0


def test_rating_without_the_extra_says_so(tmp_path, monkeypatch, capsys):
    path = write_study(tmp_path)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "starlette" else find(name, *rest)
    )
    assert main(["study", "rate", str(path)]) == 2
    assert "install seqfer[web]" in capsys.readouterr().err
