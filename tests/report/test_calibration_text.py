"""The text of a calibration: rows, means, maps and what was not used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seqfer.raters.calibration import Film, calibration_report
from seqfer.raters.settings import CalibrateSettings
from seqfer.report.calibration_text import console, problems, warnings
from seqfer.runs.kinds.calibrate_valence import CalibrateValenceReport


@pytest.fixture(scope="module")
def report() -> CalibrateValenceReport:
    rng = np.random.default_rng(0)
    films = []
    for name in ("one", "another"):
        truth = rng.uniform(-0.5, 0.5, 50)
        films.append(Film(name, 0.5 * truth, truth, {}, warnings=("It is short.",), smoothed={2.0: 0.25 * truth}))
    return calibration_report(films, CalibrateSettings(smooth="2"))


def test_a_row_per_video_their_mean_and_the_maps(report: CalibrateValenceReport) -> None:
    lines = console(report).splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["video", "one", "another"]
    assert lines[3].startswith("mean of videos ")
    assert lines[1].split()[2:] == [
        "50",
        f"{report.films[0].before.rmse:.4f}",
        "0.0000",
        f"{report.films[0].before.ccc:.4f}",
        "1.0000",
    ]
    assert lines[4] == "Prediction smoothed:"
    assert lines[-2] == "Map of all videos (affine): 2.000 x +0.000"
    assert lines[-1] == "Map of smoothed predictions (SD 2 s): 4.000 x +0.000"


def test_what_was_not_used_is_counted(report: CalibrateValenceReport) -> None:
    part = replace(report, without_annotation=("a", "b"), failed=({"film": "c", "problem": "It is damaged."},))
    lines = console(part, [Path("z.csv")]).splitlines()
    assert lines[-2:] == ["2 without annotation: a, b", "1 annotation files without a video: z.csv"]
    assert problems(part) == ["c: It is damaged."]
    assert warnings(part) == ["2 of 2 videos (one, another): It is short."]
    assert problems(report) == []
