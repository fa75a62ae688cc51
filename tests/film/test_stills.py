"""A folder of pictures without a rate: each picture gives what it gives alone, under its own name."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import cv2
import pytest

from seqfer.cli import main
from tests.drawn_film import looks

QUICK = ("--detector", "haar", "--quiet", "--valence")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stills") / "people"
    folder.mkdir()
    for number, picture in enumerate(looks()[:3]):
        cv2.imwrite(str(folder / f"{number}_look.png"), picture)
    return folder


def annotated(folder: Path, out: Path, *more: str) -> list[dict[str, str]]:
    assert main(["annotate-video", str(folder), "--out", str(out), *QUICK, *more]) == 0
    with (out / "frames.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("more", [(), ("--causal",), ("--head", "none")])
def test_each_still_gives_what_it_gives_alone(pictures: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    together = annotated(pictures, tmp_path / "all", *more)
    assert [row["picture"] for row in together] == ["0_look.png", "1_look.png", "2_look.png"]
    assert [row["face"] for row in together] == ["1", "2", "3"]  # nothing says that they are one person
    assert len({row["valence"] for row in together}) == 3
    for row in together:
        (tmp_path / row["frame"]).mkdir()
        shutil.copy(pictures / row["picture"], tmp_path / row["frame"])
        alone = annotated(tmp_path / row["frame"], tmp_path / f"out{row['frame']}", *more)[0]
        numbers = {name: value for name, value in row.items() if name not in ("frame", "time_s", "shot", "face")}
        assert numbers == {name: alone[name] for name in numbers}
    summary = json.loads((tmp_path / "all" / "summary.json").read_text())
    assert (summary["film"]["kind"], summary["model"]["head"]) == ("stills", "none")
    assert "3 still pictures" in (tmp_path / "all" / "report.html").read_text()


def test_a_rate_makes_them_a_video(pictures: Path, tmp_path: Path) -> None:
    rows = annotated(pictures, tmp_path / "video", "--folder-fps", "10")
    assert [row["time_s"] for row in rows] == ["0.000000", "0.100000", "0.200000"]
    assert [row["picture"] for row in rows] == ["0_look.png", "1_look.png", "2_look.png"]


def test_small_faces_are_found_in_a_larger_picture(pictures: Path, tmp_path: Path) -> None:
    face = cv2.imread(str(pictures / "0_look.png"))
    row = annotated(pictures, tmp_path / "large")[0]
    scale = 90 / (float(row["x2"]) - float(row["x1"]))  # a face of 90 pixels in HD
    small = cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    margins = (400, 1080 - 400 - height, 700, 1920 - 700 - width)
    (tmp_path / "hd").mkdir()
    cv2.imwrite(str(tmp_path / "hd" / "1.png"), cv2.copyMakeBorder(small, *margins, cv2.BORDER_REPLICATE))
    assert annotated(tmp_path / "hd", tmp_path / "own")[0]["face"] == ""
    row = annotated(tmp_path / "hd", tmp_path / "more", "--detect-px", "1280")[0]
    assert float(row["x2"]) - float(row["x1"]) == pytest.approx(90, abs=12)
    assert annotated(tmp_path / "hd", tmp_path / "none", "--detect-px", "1280", "--min-face-px", "120")[0]["face"] == ""


@pytest.mark.parametrize("option", ["--fps", "--start-s", "--end-s"])
def test_stills_have_no_times(pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert main(["annotate-video", str(pictures), "--out", str(tmp_path / "a"), *QUICK, option, "2"]) == 2
    error = capsys.readouterr().err
    assert "a folder of stills has no times; give --folder-fps" in error
    assert error.count("\n") == 1
