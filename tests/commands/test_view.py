"""`seqfer view` on the command line."""

import re
import signal
import subprocess
import sys

from rating_client import RatingClient
from viewed_runs import write_viewed_run

from seqfer.cli import main


def test_it_serves_until_ctrl_c(tmp_path):
    run = write_viewed_run(tmp_path)
    command = [sys.executable, "-m", "seqfer", "view", str(run), "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    link = re.search(r"http://\S+", process.stdout.readline())[0]
    assert process.stdout.readline() == "Ctrl-C ends.\n"
    assert RatingClient(link).get("/api/runs")[0] == 200
    process.send_signal(signal.SIGINT)
    _, problems = process.communicate(timeout=20)
    assert (process.returncode, problems) == (0, "")


def test_bad_input_is_one_line(tmp_path, capsys):
    assert main(["view", str(tmp_path / "none"), "--no-browser"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
