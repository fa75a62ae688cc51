"""`seqfer annotate-video` on films of real people: one face that stays one, a trace that follows it, nothing after it has gone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from seqfer.cli import main

pytestmark = pytest.mark.data


def annotated(shared_data: Path, film: str, out: Path, *more: str) -> tuple[list[dict[str, str]], dict]:
    """Rows of frames.csv, and the summary."""
    path = shared_data / "video" / film
    if not path.is_file():
        pytest.skip(f"needs {film}")
    words = ["annotate-video", str(path), "--valence", "--out", str(out), "--quiet", "--no-faces", *more]
    assert main(words) == 0
    with (out / "frames.csv").open(newline="") as file:
        return list(csv.DictReader(file)), json.loads((out / "summary.json").read_text())


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize("rate", [(), ("--fps", "5")])
def test_a_woman_sad_first_and_laughing_later(shared_data: Path, tmp_path: Path, rate: tuple[str, ...]) -> None:
    rows, summary = annotated(shared_data, "WolfgangLanger_Pexels.mp4", tmp_path / "a", *rate)
    assert summary["analysed"] == (472 if not rate else len(rows))
    seen = [row for row in rows if row["face"]]
    assert len(seen) >= 0.99 * summary["analysed"]
    assert {row["face"] for row in seen} == {"1"}
    end_s = float(rows[-1]["time_s"])
    # single frames of her first second read +0.05, those of the next two -0.29 and -0.40
    first = [float(row["valence"]) for row in seen if 1 <= float(row["time_s"]) < 3]
    last = [float(row["valence"]) for row in seen if float(row["time_s"]) > end_s - 1]
    assert mean(first) < 0 < mean(last)


def test_no_rows_with_faces_after_the_face_has_gone(shared_data: Path, tmp_path: Path) -> None:
    """It is there up to frame 71, 72 is black, and then the room is empty."""
    rows, summary = annotated(shared_data, "face_noface.mov", tmp_path / "a")
    assert len(rows) == summary["analysed"] == summary["decoded"]
    assert [int(row["frame"]) for row in rows if row["face"]] == list(range(72))
    assert len(rows) > 100
    assert all(row["valence"] == row["x1"] == "" for row in rows[72:])
