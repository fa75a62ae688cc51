"""`seqfer rate` on the command line."""

import re
import signal
import subprocess
import sys

import pytest
from rated_videos import write_rated_video
from rating_client import RatingClient

from seqfer.cli import main


def test_it_serves_until_ctrl_c(tmp_path):
    video = write_rated_video(tmp_path / "clip.webm", 1.0)
    command = [
        sys.executable,
        "-m",
        "seqfer",
        "rate",
        str(video),
        "--out",
        str(tmp_path / "out"),
        "--port",
        "0",
        "--no-browser",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    link = re.search(r"http://\S+", process.stdout.readline())[0]
    assert RatingClient(link).session()["video_count"] == 1
    assert process.stdout.readline() == f"Ratings are written to {tmp_path / 'out'}. Ctrl-C ends.\n"
    process.send_signal(signal.SIGINT)
    _, problems = process.communicate(timeout=20)
    assert (process.returncode, problems) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.mp4"], "none.mp4: cannot be read"),
        (["a.avi"], "browsers cannot play the container avi"),
        (["a.webm", "--axes", "a,b,c"], "give one axis, or two"),
        (["a.webm", "--sample-hz", "100"], "10 to 60"),
        (["a.webm", "--host", "0.0.0.0"], "--allow-network"),
        (["a.webm", "--language", "xx"], "'xx' is unknown; allowed: de, en"),
        (["a.webm", "--practice", "none.mp4"], "none.mp4: cannot be read"),
    ],
)
def test_bad_input_is_one_line(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    write_rated_video(tmp_path / "a.webm", 0.2)
    write_rated_video(tmp_path / "a.avi", 0.2, codec="mpeg4")
    assert main(["rate", *arguments, "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
