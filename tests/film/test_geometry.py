"""`--geometry` end to end: files, resuming, quality, and what is imported without it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import seqfer
from seqfer.core.errors import SettingsError
from seqfer.film.many import annotate_all
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.geometry.blendshapes import BLENDSHAPES
from seqfer.geometry.mesh import FaceMesh
from seqfer.posed import PosedFilm, write_posed_film

SETTINGS = AnnotateSettings(valence=True, geometry=True)
TABLES = ("frames.csv", "frames.parquet", "tracks.csv", "valence_1hz.csv", "landmarks.parquet", "blinks.csv")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_posed_film(path, PosedFilm(seconds=6, people=(3,)))
    return path


@pytest.fixture(scope="module")
def folder(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "film"
    annotate_all([(film, out)], SETTINGS, OutputOptions(), quiet=True)
    return out


def sums(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


def test_the_folder_and_what_python_reads_from_it(folder: Path) -> None:
    read = seqfer.read(folder)
    rows = read.frames[read.frames["face"].notna()]
    assert rows["pose_yaw_deg"].notna().mean() > 0.95
    assert rows["pose_roll_deg"].abs().max() < 6
    assert rows["quality"].between(0, 1).all()
    assert read.landmarks.shape == (len(read.frames), 478, 3)
    row = int(rows.index[10])
    eyes = read.landmarks[row, [33, 263]]
    box = rows.loc[row]
    assert box["x1"] < eyes[0, 0] < eyes[1, 0] < box["x2"]
    assert list(read.blendshapes.columns) == ["frame", "time_s", "face", *BLENDSHAPES]
    known = read.blendshapes.loc[rows.index]
    smile = (known["mouthSmileLeft"] + known["mouthSmileRight"]) / 2
    assert (smile - rows["AU12_estimate"]).abs().max() < 0.01
    assert rows["AU45_estimate"].notna().mean() > 0.95
    assert list(read.blinks.columns) == ["face", "onset_s", "peak_s", "offset_s", "duration_s", "drop"]
    assert read.summary.geometry.blinks == len(read.blinks)
    assert {"landmarks.parquet", "blinks.csv"} <= set(read.summary.files)
    assert "Geometry of the faces" in read.report_html


def test_in_memory_and_streamed_rows_are_the_same(film: Path, folder: Path) -> None:
    read = seqfer.read(folder)
    made = seqfer.annotate(film, geometry=True, valence=True, progress=False)
    assert np.array_equal(made.landmarks, read.landmarks, equal_nan=True)
    with seqfer.stream(film, geometry=True, end_s=1.0) as rows:
        first = next(row for row in rows if row.face is not None)
    there = read.frames[(read.frames["frame"] == first.frame) & (read.frames["face"] == first.face)]
    assert first.geometry["pose_yaw_deg"] == pytest.approx(there["pose_yaw_deg"].item(), abs=0.02)
    assert np.abs(first.landmarks - read.landmarks[there.index[0]]).max() < 0.1


def test_a_run_that_was_killed_resumes_to_the_same_tables(
    film: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed, read = [], FaceMesh.read

    def until_the_second_block(self: FaceMesh, crops: list) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
        computed.append(len(crops))
        if len(computed) == 2:
            raise KeyboardInterrupt
        return read(self, crops)

    monkeypatch.setattr(FaceMesh, "read", until_the_second_block)
    with pytest.raises(KeyboardInterrupt):
        annotate_all([(film, tmp_path / "film")], SETTINGS, OutputOptions(), quiet=True)
    annotate_all([(film, tmp_path / "film")], SETTINGS, OutputOptions(), resume=True, quiet=True)
    assert sums(tmp_path / "film") == sums(folder)
    assert 2 < len(computed) < 6  # the first block was not computed again


def test_without_geometry_nothing_of_it_is_there(film: Path, tmp_path: Path) -> None:
    code = (
        "import sys, seqfer; made = seqfer.annotate(sys.argv[1], out=sys.argv[2], valence=True, end_s=1, progress=False);"
        "assert made.landmarks is None and made.blendshapes is None and made.blinks is None and made.summary.geometry is None;"
        "assert not [name for name in sys.modules if name.startswith('seqfer.geometry')]"
    )
    subprocess.run([sys.executable, "-c", code, str(film), str(tmp_path / "out")], check=True)
    assert not {"landmarks.parquet", "blinks.csv"} & {file.name for file in (tmp_path / "out").iterdir()}


def test_min_quality_is_said_in_the_summary(tmp_path: Path) -> None:
    write_posed_film(tmp_path / "small.mp4", PosedFilm(seconds=1, people=(3,), size=(160, 90)))
    settings = AnnotateSettings(valence=True, geometry=True, min_quality=0.99)
    (result,) = annotate_all([(tmp_path / "small.mp4", tmp_path / "film")], settings, OutputOptions(), quiet=True)
    summary = result.summary
    assert summary is not None
    assert summary.geometry is not None
    poor = summary.geometry.poor_rows
    assert poor > 0
    assert (
        f"{poor} of {summary.face_rows} rows with a face have a quality below 0.99 and are in no mean at 1 Hz."
        in summary.notes
    )
    with pytest.raises(SettingsError, match=r"min_quality is 0\.5, but quality is not computed; add --geometry"):
        AnnotateSettings(min_quality=0.5)


def test_a_finished_folder_is_checked_with_its_geometry(film: Path, folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(folder, tmp_path / "film"))
    (result,) = annotate_all([(film, copy)], SETTINGS, OutputOptions(), resume=True, quiet=True)
    assert result.summary is not None
    (copy / "landmarks.parquet").write_bytes(b"damaged")
    annotate_all([(film, copy)], SETTINGS, OutputOptions(), resume=True, quiet=True)
    assert sums(copy) == sums(folder)


def test_every_frame_of_stills_is_read(film: Path, tmp_path: Path) -> None:
    import cv2

    video = cv2.VideoCapture(str(film))
    (tmp_path / "stills").mkdir()
    for number in range(3):
        cv2.imwrite(str(tmp_path / "stills" / f"{number}.png"), video.read()[1])
    made = seqfer.annotate(tmp_path / "stills", geometry=True, progress=False)
    assert made.frames["pose_yaw_deg"].notna().all()
