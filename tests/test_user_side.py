"""The type hints of the Python API, from the side of its user: mypy in strict mode accepts a right script and finds what is wrong in another."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seqfer import api

SCRIPT = Path(__file__).with_name("user_side.py")
# seqfer's own modules are silent, as installed packages are; large packages that the API's hints do not name are skipped, for speed.
CONFIG = """
[mypy]
strict = True
[mypy-seqfer.*]
follow_imports = silent
[mypy-pandas.*]
ignore_missing_imports = True
[mypy-torch.*,torchvision.*,scipy.*,PIL.*,pydantic.*,pydantic_core.*,cv2.*,jinja2.*]
follow_imports = skip
"""
WRONG = """
import seqfer

seqfer.read(3)
seqfer.evaluate("small")
seqfer.evaluates("small", "posed")
seqfer.leaderboard("runs/a").record.kind
seqfer.annotate("a.mp4").by_video
name: int = seqfer.read("film").summary.film.name
"""


def test_the_script_uses_every_name() -> None:
    used = set(re.findall(r"\bseqfer\.(\w+)", SCRIPT.read_text(encoding="utf-8")))
    assert sorted(set(api.__all__) - used) == [], "use these in tests/user_side.py"


@pytest.mark.timeout(600)
def test_mypy_accepts_the_script_and_finds_what_is_wrong_in_another(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "mypy.ini").write_text(CONFIG)
    (tmp_path / "wrong.py").write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--no-error-summary", str(SCRIPT), "wrong.py"]
    environment = {**os.environ, "MYPYPATH": str(SCRIPT.parent.parent)}  # mypy does not see an editable installation
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True).stdout
    errors = [line for line in said.splitlines() if ": error: " in line]
    assert [line.split(": error: ")[0] for line in errors] == [f"wrong.py:{line}" for line in range(4, 10)], said
