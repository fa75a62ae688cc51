"""The same command gives the same bytes on one core and on two, and a resumed run those of an unbroken one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mock_corpus import write_mock

from seqfer.cli import main
from tests.drawn_film import write_drawn_film

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
two_cores = pytest.mark.skipif(len(CORES) < 2, reason="needs a system that keeps a process to one of its two cores")
NOT_COMPARED = {
    "summary.json",
    "versions.json",
    "report.html",
    "report.json",
    "history.json",
    ".lock",
    "checksums.sha256",
}
CV = ["--folds", "2", "--encoder", "tiny", "--heads", "lstm,linear_svm", "--set", "head_training.epochs=2"]
CV += ["--encoder-weights", "none", "--set", "encoder_training.epochs=1", "--jobs", "1"]
TRAIN = ["--set", "encoder=tiny", "--set", "split=", "--set", "held_back=0.3", "--set", "training.batch_size=10"]


def on_cores(count: int, out: Path, *commands: list[str]) -> dict[str, bytes]:
    """The files that commands write into `out` on so many cores, begun with one thread of torch on one core, and with four on two."""
    program = (
        f"import os; os.sched_setaffinity(0, {set(CORES[:count])})\n"
        f"import torch; torch.set_num_threads({1 if count == 1 else 4})\n"
        f"from seqfer.cli import main; import sys; sys.exit(max(map(main, {[*commands]})))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.endswith("NUM_THREADS")}
    environment["SEQFER_CACHE"] = str(out.parent / f"cache of {out.name}")
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, stdout=subprocess.DEVNULL)
    files = (path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): path.read_bytes() for path in files if path.name not in NOT_COMPARED}


@two_cores
def test_annotations(tmp_path: Path) -> None:
    film = write_drawn_film(tmp_path / "film.mp4", there=6, gone=1)
    words = ["annotate-video", str(film), "--valence", "--detector", "haar", "--quiet"]
    made = []
    for count in (1, 2):
        out = tmp_path / f"on {count}"
        commands = [[*words, "--precision", name, "--out", str(out / name)] for name in ("fp32", "auto")]
        made.append(on_cores(count, out, *commands))
    assert made[0] == made[1]
    for name in ("fp32", "auto"):
        assert json.loads(made[0][f"{name}/settings.json"])["threads"] == 1
        assert f"{name}/frames.csv" in made[0]


@two_cores
def test_cross_validations(tmp_path: Path) -> None:
    words = ["cv", "--data", str(write_mock(tmp_path)), "--quiet", *CV]
    outs = {count: tmp_path / f"on {count}" for count in (1, 2)}
    made = [on_cores(count, out, [*words, "--out", str(out)]) for count, out in outs.items()]
    timeless = [{name: without_seconds(content) for name, content in files.items()} for files in made]
    assert timeless[0] == timeless[1]
    assert json.loads(made[0]["settings.json"])["threads"] == 1


def without_seconds(content: bytes) -> object:
    """A file's content; of a part of a run without how long it took and the checksum of that."""
    try:
        values = json.loads(content)
    except ValueError:
        return content
    return {k: v for k, v in values.items() if k not in ("seconds", "checksum")} if isinstance(values, dict) else values


KILLED_AFTER_TWO_EPOCHS = """
import os, signal
from seqfer.cli import main
from seqfer.training.image_state import TrainingState
save = TrainingState.save
def stop(self, path, epoch, seed):
    save(self, path, epoch, seed)
    if epoch == 2:
        os.kill(os.getpid(), signal.SIGKILL)
TrainingState.save = stop
"""


def train(out: Path, data: Path, *more: str) -> list[str]:
    return ["train", "--data", str(data), "--out", str(out), "--quiet", *TRAIN, *more]


@two_cores
def test_trainings(tmp_path: Path) -> None:
    data, outs = write_mock(tmp_path), [tmp_path / f"on {count}" for count in (1, 2)]
    made = [on_cores(k, out, train(out, data, "--set", "training.epochs=2")) for k, out in enumerate(outs, 1)]
    assert made[0]["encoder.safetensors"] == made[1]["encoder.safetensors"]
    assert json.loads(made[0]["settings.json"]) == json.loads(made[1]["settings.json"])
    assert json.loads(made[0]["settings.json"])["threads"] == 2


@two_cores
def test_a_training_of_one_thread_goes_on_with_one(tmp_path: Path) -> None:
    data, words = write_mock(tmp_path), ["--set", "training.epochs=4"]
    whole = on_cores(2, tmp_path / "whole", train(tmp_path / "whole", data, *words, "--threads", "1"))
    stop = train(tmp_path / "broken", data, *words, "--threads", "1")
    ended = subprocess.run([sys.executable, "-c", f"{KILLED_AFTER_TWO_EPOCHS}\nmain({stop})"], check=False)
    assert ended.returncode == -signal.SIGKILL
    resumed = on_cores(2, tmp_path / "broken", train(tmp_path / "broken", data, "--resume"))
    assert resumed["encoder.safetensors"] == whole["encoder.safetensors"]
    assert json.loads(resumed["settings.json"])["threads"] == 1


@two_cores
def test_other_threads_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = write_mock(tmp_path), tmp_path / "run"
    assert main(train(out, data, "--set", "training.epochs=1", "--threads", "1")) == 0
    assert main(train(out, data, "--resume", "--threads", "2")) == 2
    assert "was started with threads = 1, now 2; use the same settings or another --out" in capsys.readouterr().err
