"""The whole way of a valence trace, from drawn films to raters: minutes of work, so it runs with `-m slow` only."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAM = Path(__file__).resolve().parents[2] / "tools" / "exam_valence.py"


@pytest.mark.slow
def test_a_head_trained_on_other_people_follows_two_late_raters(tmp_path):
    run = subprocess.run(
        [sys.executable, EXAM, "--out", tmp_path / "exam"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    assert run.stdout.count("met     ") == 3
