"""A folder of results read back as data frames: column types, missing values, and folders that are refused in one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_film import write_drawn_film

from seqfer.cli import main
from seqfer.core.errors import InputError
from seqfer.results.annotation import read_annotation


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("annotation")
    video = write_drawn_film(place / "drawn.mp4", there=12, gone=4)
    assert (
        main(["annotate-video", str(video), "--valence", "--detector", "haar", "--quiet", "--out", str(place / "r")])
        == 0
    )
    return place / "r"


def test_frames_without_a_face_have_missing_values_and_numbers_stay_numbers(folder: Path) -> None:
    frames = read_annotation(folder).frames
    assert frames["face"].dtype == pd.Int64Dtype()
    assert frames["frame"].tolist() == list(range(16))
    gone = frames[frames["face"].isna()]
    assert len(gone) >= 3
    assert gone[["x1", "score", "happiness", "valence"]].isna().to_numpy().all()
    assert np.diff(frames["time_s"]) == pytest.approx(np.full(15, 0.04))


def test_a_folder_that_will_not_last_is_not_named(folder: Path) -> None:
    assert read_annotation(folder).folder == folder
    assert read_annotation(folder, in_memory=True).folder is None
    assert str(folder) not in repr(read_annotation(folder, in_memory=True))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("summary.json", "{", "cannot be read"),
        ("tracks.csv", None, "cannot be read"),
        ("frames.parquet", "words", "cannot be read as rows"),
    ],
)
def test_a_damaged_folder_is_refused_in_one_line(
    folder: Path, tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    copy = tmp_path / "r"
    shutil.copytree(folder, copy)
    (copy / name).unlink()
    if content is not None:
        (copy / name).write_text(content)
    with pytest.raises(InputError, match=said) as error:
        read_annotation(copy)
    assert "\n" not in str(error.value)
