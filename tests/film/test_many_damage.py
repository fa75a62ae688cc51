"""Finished folders whose files are damaged: `--resume` makes them again and says so, or refuses in one line; nothing wrong is taken for finished."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from drawn_film import write_drawn_film
from file_damage import DAMAGES

from seqfer.cli import main

FAST = ("--detector", "haar", "--head", "none", "--valence", "--valence-method", "norms", "--quiet")
EXTRA = ("--overlay", "--formats", "elan,webvtt")
TABLES = ("frames.csv", "frames.parquet", "tracks.csv", "valence_1hz.csv")
OTHERS = ("annotation.vtt", "annotation.eaf", "overlay.mp4", "report.html", "summary.json", "checksums.sha256")
EXTRA_FILES = ("annotation.vtt", "annotation.eaf", "overlay.mp4")
ORIGINS = ("settings.json", "versions.json")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A video, its finished folder, and the finished folder of another video."""
    place = tmp_path_factory.mktemp("runs")
    film, other = write_drawn_film(place / "a.mp4", there=5, gone=1), write_drawn_film(place / "b.mp4", there=3, gone=0)
    for path, out in ((film, "a"), (other, "b")):
        assert main(["annotate-video", str(path), "--out", str(place / out), *FAST, *EXTRA]) == 0
    return film, place / "a", place / "b"


def resumed(film: Path, out: Path) -> int:
    return main(["annotate-video", str(film), "--out", str(out), "--resume", *FAST])


@pytest.mark.parametrize("how", [*DAMAGES, "of another run"])
@pytest.mark.parametrize("name", [*TABLES, *OTHERS, *ORIGINS])
def test_a_damaged_file_is_made_again_or_refused(
    runs: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, how: str
) -> None:
    film, done, other = runs
    out = tmp_path / "a"
    shutil.copytree(done, out)
    whole = (out / name).read_bytes()
    data = (other / name).read_bytes() if how == "of another run" else DAMAGES[how](whole)
    (out / name).unlink()
    if data is not None:
        (out / name).write_bytes(data)
    if name == "checksums.sha256" and how == "without its last byte":
        return  # a newline: the checksums are whole
    capsys.readouterr()
    code, said = resumed(film, out), capsys.readouterr().err
    if name in ORIGINS:
        assert code == 2
        assert name in said
        assert said.count("\n") == 1
        return
    if name == "checksums.sha256" and code == 2:  # that of the settings is damaged
        assert said.count("\n") == 1
        assert "restore a copy of it, or give another --out" in said
        return
    assert code == 0
    if how == "deleted" and name in EXTRA_FILES:
        assert not (out / name).exists()  # removed by somebody, and not asked for
        return
    if name == "checksums.sha256":  # a bit in the name of a further file leaves all that is needed whole
        assert said.count("\n") <= 1
        assert (out / "frames.parquet").read_bytes() == (done / "frames.parquet").read_bytes()
        return
    assert said.count("\n") == 1
    assert "made again" in said or "annotated again" in said
    for table in TABLES:
        assert (out / table).read_bytes() == (done / table).read_bytes()
    assert json.loads((out / "summary.json").read_text())["film"]["name"] == "a.mp4"
    assert (out / name).stat().st_size > 0
    if name == "annotation.vtt":
        assert (out / name).read_bytes() == whole
    capsys.readouterr()
    assert resumed(film, out) == 0
    assert capsys.readouterr().err == ""


def test_a_folder_of_an_earlier_version_is_believed_once_its_tables_agree(
    runs: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film, done, _ = runs
    out = tmp_path / "a"
    shutil.copytree(done, out)
    (out / "checksums.sha256").unlink()
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    capsys.readouterr()
    assert resumed(film, out) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "it is taken as it is and gets checksums" in said
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.name in before} == before
    assert resumed(film, out) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", TABLES)
def test_a_folder_of_an_earlier_version_whose_tables_disagree_is_annotated_again(
    runs: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    film, done, other = runs
    out = tmp_path / "a"
    shutil.copytree(done, out)
    (out / "checksums.sha256").unlink()
    (out / name).write_bytes((other / name).read_bytes())
    capsys.readouterr()
    assert resumed(film, out) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "annotated again" in said
    assert (out / name).read_bytes() == (done / name).read_bytes()


def test_a_finished_folder_is_locked_before_it_is_read(runs: tuple[Path, Path, Path], tmp_path: Path) -> None:
    film, done, _ = runs
    out = tmp_path / "a"
    shutil.copytree(done, out)
    hold = "import sys, pathlib\nfrom seqfer.runs.lock import lock_folder\nlock_folder(pathlib.Path(sys.argv[1]))\nprint('held', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert resumed(film, out) == 2
        holder.communicate("\n")
    assert resumed(film, out) == 0
