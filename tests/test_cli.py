"""The command line as a whole: quick help, documented commands, one-line errors."""

import subprocess
import sys
from pathlib import Path

import pytest

from seqfer.cli import command_modules, main

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "numpy", "cv2", "av", "sklearn", "scipy")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in command_modules())])
def test_help_imports_nothing_heavy(arguments):
    code = f"""
import sys, runpy
sys.argv = ['seqfer', *{arguments!r}]
try:
    runpy.run_module('seqfer', run_name='__main__')
except SystemExit as end:
    assert not end.code, end.code
found = [name for name in {HEAVY!r} if name in sys.modules]
assert not found, found
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "seqfer" in done.stdout


@pytest.mark.parametrize("name", sorted(command_modules()))
def test_every_command_is_documented_with_an_example(name):
    module = command_modules()[name]
    text = module.__doc__ or ""
    assert len(text.strip().splitlines()[0]) <= 100
    assert "Example:\n" in text
    assert f"seqfer {name}" in text.split("Example:\n")[1]
    assert callable(module.add_arguments)
    assert callable(module.run)


def test_command_page_is_up_to_date():
    done = subprocess.run([sys.executable, "tools/make_command_docs.py", "--check"], cwd=ROOT)
    assert done.returncode == 0, "run `make docs`"


def test_unknown_command_and_missing_command_exit_with_2(capsys):
    for arguments in (["conquer"], []):
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_every_command_of_the_readme_exists():
    lines = (ROOT / "README.md").read_text().splitlines()
    used = {line.split()[1] for line in lines if line.startswith("seqfer ") and len(line.split()) > 1}
    assert used
    assert used <= set(command_modules())
