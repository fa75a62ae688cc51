"""Coded videos for tests: labels of action units in the forms of DISFA, BP4D and a CSV, and run folders with estimates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CLASSES = ["happiness", "neutral"]


def intensities(people: int = 5, frames: int = 60, seed: int = 0) -> dict[str, dict[int, np.ndarray]]:
    """Person (SN001, ...) -> action unit (1, 12) -> intensities (frame,) from 0 to 5."""
    random = np.random.default_rng(seed)
    return {
        f"SN{number:03d}": {unit: random.integers(0, 6, frames).astype(float) for unit in (1, 12)}
        for number in range(1, people + 1)
    }


def write_disfa(folder: Path, coded: Mapping[str, Mapping[int, np.ndarray]]) -> Path:
    """ActionUnit_Labels/SN001/SN001_au12.txt with lines `frame,intensity`, frames from 1 on."""
    for person, units in coded.items():
        (folder / person).mkdir(parents=True)
        for unit, values in units.items():
            lines = [f"{frame},{value:g}\n" for frame, value in enumerate(values, 1)]
            (folder / person / f"{person}_au{unit}.txt").write_text("".join(lines))
    return folder


def write_bp4d(folder: Path, coded: Mapping[str, Mapping[int, np.ndarray]], first: int = 0) -> Path:
    """AU_OCC/F001_T1.csv: the numbers of the action units in the first row, then 0, 1 and 9 (NaN here) of each frame."""
    folder.mkdir(parents=True)
    for video, units in coded.items():
        rows = np.nan_to_num(np.stack(list(units.values()), 1), nan=9).astype(int).tolist()
        table = [[0, *units], *([frame, *row] for frame, row in enumerate(rows, first))]
        (folder / f"{video}.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in table))
    return folder


def write_run(folder: Path, video: str, columns: Mapping[str, Any], faces: Sequence[int | None] | None = None) -> Path:
    """A run folder of a video with the columns of estimates, a row per frame, and `frame` where it is not 0, 1, ...; face 0 where `faces` is None."""
    folder.mkdir(parents=True)
    count = len(next(iter(columns.values())))
    number = columns.get("frame", np.arange(count))
    table = pa.table(
        {
            "frame": pa.array(number, pa.int64()),
            "time_s": pa.array(np.asarray(number) / 25),
            "face": pa.array([0] * count if faces is None else faces, pa.int64()),
            **{name: pa.array(values) for name, values in columns.items() if name != "frame"},
        },
        metadata={"seqfer_classes": json.dumps(CLASSES)},
    )
    pq.write_table(table, folder / "frames.parquet")
    (folder / "summary.json").write_text(json.dumps({"film": {"name": video}}))
    return folder


def estimated(values: np.ndarray, noise: float, seed: int = 0) -> np.ndarray:
    """Estimates from 0 to 1 that follow intensities with noise."""
    random = np.random.default_rng(seed)
    return np.clip(values / 5 + random.normal(0, noise, len(values)), 0, 1)


def write_results(folder: Path, coded: Mapping[str, Mapping[int, np.ndarray]], noise: float = 0.1) -> Path:
    """A run folder per video, `LeftVideoSN001_comp-seqfer` with the video of that name, whose estimates follow the labels."""
    for seed, (video, units) in enumerate(coded.items()):
        columns = {f"AU{unit:02d}_estimate": estimated(values, noise, seed) for unit, values in units.items()}
        write_run(folder / f"LeftVideo{video}_comp-seqfer", f"LeftVideo{video}_comp.avi", columns)
    return folder
