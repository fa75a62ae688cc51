"""Where results go: folders whose names are not UTF-8, `~` in options and settings, and a home folder that holds something else of the same name."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from coded_videos import intensities, write_disfa, write_results
from drawn_film import write_drawn_film
from mock_corpus import write_mock

from seqfer.cli import main

ODD = os.fsdecode(b"r\xe9s")  # Latin-1, as on old shares
HAAR = ("--detector", "haar", "--quiet")
TINY = ("--quiet", "--set", "encoder=tiny", "--set", "classes=all", "--set", "split=", "--set", "held_back=0.3")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names that are no text are of Linux' file systems")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    write_mock(folder / "mock")
    coded = intensities()
    write_disfa(folder / "labels", coded)
    write_results(folder / "results", coded)
    write_drawn_film(folder / "a.mp4", there=12, gone=2)
    write_drawn_film(folder / "b.mp4", there=4, gone=9)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, with a home folder beside it."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "here"


def test_every_command_writes_into_a_folder_whose_name_is_no_text(inputs: Path, here: Path) -> None:
    mock, net = str(inputs / "mock" / "mock.jsonl"), f"{ODD}/train/encoder.safetensors"
    calls = (
        f"annotate-video {inputs}/a.mp4 --valence --overlay --formats elan,webvtt --out {ODD}/film {' '.join(HAAR)}",
        f"annotate-video {inputs}/a.mp4 --valence --overlay --formats elan,webvtt --out {ODD}/film --resume {' '.join(HAAR)}",
        f"evaluate-trace {ODD}/film {ODD}/film/valence_1hz.csv --out {ODD}/traces",
        f"evaluate-aus {inputs}/results {inputs}/labels --samples 10 --out {ODD}/action_units",
        f"train --data {mock} --out {ODD}/train --set training.epochs=1 {' '.join(TINY)}",
        f"cv --data {mock} --folds 2 --encoder tiny --encoder-weights {net} --set head_training.epochs=1 --jobs 1 --quiet --out {ODD}/cv",
        f"cv --resume --out {ODD}/cv --quiet",
        f"evaluate {net} --data {mock} --out {ODD}/one",
        f"evaluate {net} --data {mock} --out {ODD}/two",
        f"compare {ODD}/one {ODD}/two --out {ODD}/compared",
        f"stress {net} --data {mock} --only mirror --out {ODD}/stress --quiet",
        f"leaderboard {ODD}/one {ODD}/cv --groups --out {ODD}/board --quiet",
        f"prepare posed -o {ODD}/new/posed.jsonl",
    )
    for call in calls:
        assert main(call.split(" ")) == 0, call
    for name in ("film", "train", "cv", "stress"):
        json.loads((here / ODD / name / "settings.json").read_text(encoding="utf-8"))
    pages = [page.read_text(encoding="utf-8") for page in (here / ODD).rglob("*.html")]
    assert len(pages) >= 5
    assert not list((here / ODD).rglob("*.part"))


@pytest.mark.parametrize("out", ["--out=~/res", "--out=./~/res"])
def test_the_tables_are_those_of_this_video_whatever_the_home_folder_holds(inputs: Path, here: Path, out: str) -> None:
    """A leading `~` is the home folder, once; a folder that is named `~` itself is that folder, for every library."""
    decoy = Path(os.environ["HOME"], "res" if "./" in out else "other")
    assert main(["annotate-video", str(inputs / "b.mp4"), f"--out={decoy}", "--formats", "webvtt", *HAAR]) == 0
    before = {file.name: file.read_bytes() for file in decoy.iterdir()}
    assert main(["annotate-video", str(inputs / "a.mp4"), "--formats", "webvtt", out, *HAAR]) == 0
    made = here / "~" / "res" if "./" in out else Path(os.environ["HOME"], "res")
    assert json.loads((made / "summary.json").read_text())["film"]["name"] == "a.mp4"
    assert (
        "00:00:00.480" in (made / "annotation.vtt").read_text()
    )  # twelve frames of 25 Hz with a face; four in the other
    assert {file.name: file.read_bytes() for file in decoy.iterdir()} == before
    assert (here / "~").exists() == ("./" in out)


def test_a_tilde_in_settings_and_list_files_is_the_home_folder(inputs: Path, here: Path) -> None:
    home = Path(os.environ["HOME"])
    home.mkdir()
    os.symlink(inputs / "mock", home / "mock")
    os.symlink(inputs / "a.mp4", home / "a.mp4")
    (here / "cv.toml").write_text('data = "~/mock/mock.jsonl"\nfolds = 2\nencoder = "tiny"\nencoder_weights = "none"\n')
    (here / "list.txt").write_text("~/a.mp4\n")
    quick = ("--set", "head_training.epochs=1", "--set", "encoder_training.epochs=1", "--jobs", "1", "--quiet")
    assert main(["cv", "--config", "cv.toml", "--out", "~/cv", *quick]) == 0
    assert json.loads((home / "cv" / "settings.json").read_text())["data"] == f"{home}/mock/mock.jsonl"
    assert main(["annotate-video", "--list", "list.txt", "--out=~/videos", *HAAR]) == 0
    assert (home / "videos" / "a" / "summary.json").is_file()
    assert not (here / "~").exists()
