"""The promises of SECURITY.md through the command line: no network, no code from data files, only ordinary files, no terminal escapes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mock_corpus import write_mock

from seqfer.cli import command_names, main

ROOT = Path(__file__).resolve().parent.parent
# Imported by every Python process that has its folder on PYTHONPATH, workers too.
REFUSING = """
import socket, os
def refuse(*a, **k):
    open(os.environ["MARK"], "a").write(repr(a)[:300] + "\\n")
    raise OSError("no network in this test")
class Socket(socket.socket):
    def connect(self, address):
        return super().connect(address) if self.family == socket.AF_UNIX else refuse("connect", address)
    def connect_ex(self, address):
        return super().connect_ex(address) if self.family == socket.AF_UNIX else refuse("connect", address)
    def sendto(self, *a):
        return super().sendto(*a) if self.family == socket.AF_UNIX else refuse("sendto", a)
socket.socket = Socket
socket.getaddrinfo = socket.gethostbyname = refuse
"""


def _isolated() -> list[str]:
    """The command that takes the network away from a process, where the system has one that may be used."""
    tool = shutil.which("unshare")
    if tool and subprocess.run([tool, "-rn", "true"], capture_output=True, check=False).returncode == 0:
        return [tool, "-rn"]
    return []


SERVERS = {"rate", "view"}  # they answer on loopback until they are ended; tests/web


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_command_connects_to_a_network(tmp_path: Path) -> None:
    """Every command on drawn content, with workers, in a process whose sockets refuse, without a network where `unshare` works."""
    (tmp_path / "site").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(REFUSING)
    path = os.pathsep.join(map(str, (tmp_path / "site", ROOT, ROOT / "tests")))
    places = {"MARK": str(tmp_path / "mark"), "PYTHONPATH": path, "SEQFER_CACHE": str(tmp_path / "cache")}
    env = {**os.environ, **places, "SEQFER_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    script = [*_isolated(), sys.executable, "-W", "ignore", str(ROOT / "tests" / "no_network_calls.py")]
    done = subprocess.run(script, cwd=tmp_path / "work", env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    codes = json.loads(done.stdout.splitlines()[-1])
    assert {call.split()[0] for call, _ in codes} == set(command_names()) - SERVERS
    assert [call for call, code in codes if code] == [], done.stderr[-2000:]
    assert not (tmp_path / "mark").exists(), (tmp_path / "mark").read_text()


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mark that the import of `trap_lab.net` leaves; the module can be imported from the working folder."""
    (tmp_path / "trap_lab").mkdir()
    for name in ("__init__", "net"):
        (tmp_path / "trap_lab" / f"{name}.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w').close()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "mark"


def _refused(capsys: pytest.CaptureFixture[str], words: str) -> str:
    out, err = capsys.readouterr()
    assert words in err
    assert len(err.splitlines()) == 1
    assert (out + err).replace("\n", "").isprintable()
    return err


@pytest.mark.parametrize("run", ["evaluate", "cv", "transfer", "train"])
def test_a_run_folder_that_names_a_module_imports_nothing(trap: Path, run: str, tmp_path: Path, capsys) -> None:
    shutil.copytree(ROOT / "tests" / "runs" / "before" / run, tmp_path / run)
    for file in (tmp_path / run).glob("*.json"):
        values = json.loads(file.read_text())
        for inside in (values, values.get("protocol", {})):
            if "encoder" in inside:
                inside["encoder"] = "trap_lab.net"
        file.write_text(json.dumps(values))
    assert main(["leaderboard", run, "--quiet"]) == 2
    _refused(capsys, "'trap_lab.net' is named by a file")
    assert not trap.exists()


def test_settings_files_that_name_a_module_import_nothing(trap: Path, tmp_path: Path, capsys) -> None:
    write_mock(tmp_path / "mock")
    (tmp_path / "a.toml").write_text('data = "mock/mock.jsonl"\nencoder = "trap_lab.net"\n')
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "settings.json").write_text(json.dumps({"heads": ["trap_lab.net"]}))
    for words in (
        ["cv", "--config", "a.toml", "--out", "new", "--quiet"],
        ["train", "--config", "a.toml", "--out", "new"],
        ["cv", "--resume", "--out", "run", "--quiet"],
    ):
        assert main(words) == 2
        _refused(capsys, "a module of your own is named on the command line")
    assert not trap.exists()


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_refused_at_once(kind: str, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    write_mock(tmp_path / "mock")
    make = {"pipe": os.mkfifo, "device": lambda name: os.symlink("/dev/zero", name), "folder": os.mkdir}[kind]
    for name in ("x.safetensors", "x.jsonl", "x.toml", "x.png"):
        make(name)
    lines = (tmp_path / "mock" / "mock.jsonl").read_text().replace("mock.npy#0", f"{tmp_path}/x.png").split("\n")
    (tmp_path / "pictures.jsonl").write_text("\n".join(lines))
    for words in (
        ["evaluate", "x.safetensors", "--data", "mock/mock.jsonl"],
        ["evaluate", "compact", "--data", "x.jsonl"],
        ["evaluate", "compact", "--data", "pictures.jsonl"],
        ["cv", "--config", "x.toml", "--out", "new", "--quiet"],
    ):
        assert main(words) == 2, words
        _refused(capsys, "not an ordinary file")


def test_names_and_files_of_others_cannot_drive_the_terminal(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    bad = "a\x1b[2J\x07\u202e\nb"
    shutil.copytree(ROOT / "tests" / "runs" / "before" / "evaluate", tmp_path / bad)
    file = tmp_path / bad / "evaluate.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "corpus": bad, "encoder": bad, "split": bad}))
    main(["leaderboard", bad, "--quiet"])
    Path(f"{bad}.mp4").write_bytes(b"no video")
    main(["annotate-video", f"{bad}.mp4", "--out", "film", "--detector", "haar"])
    Path(f"{bad}.jsonl").write_text("{")
    main(["evaluate", "compact", "--data", f"{bad}.jsonl"])
    out, err = capsys.readouterr()
    assert r"\x1b[2J" in err
    for text in (out, err):
        assert not set(text) & set("\x1b\x07\u202e\r")
