"""The command line as a whole: quick help, documented commands, one-line errors."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqfer.cli import command_modules, main
from seqfer.commands import datasets
from seqfer.core.errors import InputError
from seqfer.core.one_line import one_line

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
heavy = {HEAVY!r} + (("pydantic",) if len(sys.argv) == 2 else ())  # only a command's own help needs its settings
found = [name for name in heavy if name in sys.modules]
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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["conquer"], "seqfer: argument COMMAND: invalid choice: 'conquer'"),
        ([], "seqfer: the following arguments are required: COMMAND"),
        (["cv", "--flods", "3"], "seqfer: unrecognized arguments: --flods 3; `seqfer COMMAND --help` lists"),
        (["cv", "--jobs", "many"], "seqfer cv: argument --jobs: invalid int value: 'many'; `seqfer cv --help` lists"),
        (["prepare"], "seqfer prepare: the following arguments are required: NAME, -o/--out"),
    ],
)
def test_a_wrong_command_line_is_one_line(words, said, capsys):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert error.count("\n") == 1


def test_every_command_of_the_readme_exists():
    lines = (ROOT / "README.md").read_text().splitlines()
    used = {line.split()[1] for line in lines if line.startswith("seqfer ") and len(line.split()) > 1}
    assert used
    assert used <= set(command_modules())


def said(where: str, unbuffered: str = "") -> tuple[int, str]:
    """Exit code and stderr of `seqfer datasets` with its output sent `where`, as a shell says it."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m seqfer datasets {where}', sys.executable],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_one_line(unbuffered):
    full = "seqfer datasets: output cannot be written (No space left on device); free space, or redirect it to another place\n"
    assert said(">/dev/full", unbuffered) == (2, full)
    assert said(">/dev/full 2>&1", unbuffered) == (2, "")  # nowhere to say it


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="no shell on this system")
def test_a_closed_output_is_one_line():
    code, error = said(">&-")
    assert code == 2
    assert error.startswith("seqfer datasets: output cannot be written (Bad file descriptor)")
    assert error.count("\n") == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_is_quiet(unbuffered):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "seqfer", "datasets"],
        stdout=write,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_error_stays_on_one_line_whatever_a_files_name_holds(monkeypatch, capsys):
    def fails(args):
        raise InputError("a\nb\x1b\u2028\udcff é.mp4: no such file")

    monkeypatch.setattr(datasets, "run", fails)
    assert main(["datasets"]) == 2
    assert capsys.readouterr().err == "seqfer datasets: a\\nb\\x1b\\u2028\\udcff é.mp4: no such file\n"
    assert one_line("plain 中文 words") == "plain 中文 words"


def test_other_errors_of_the_system_are_not_hidden(monkeypatch):
    def fails(args):
        raise PermissionError(13, "no", "file")

    monkeypatch.setattr(datasets, "run", fails)
    with pytest.raises(PermissionError):
        main(["datasets"])
