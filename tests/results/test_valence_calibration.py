"""`seqfer.calibrate` gives what the command writes, as tables and a map; a calibration is read again and applied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_traces import wave, write_rater, write_run

import seqfer
from seqfer.cli import main
from seqfer.core.files import file_checksum
from seqfer.core.input_files import read_json
from seqfer.runs.kinds.calibrate_valence import CalibrateValenceReport
from seqfer.runs.records import read_record


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Three videos whose valence is predicted at half its size, and one without ratings; one rating of another video."""
    for k in range(4):
        write_run(tmp_path / "runs" / f"f{k}-seqfer", lambda t, k=k: 0.5 * wave(k)(t) + 0.1, film=f"f{k}.mp4")
    for k in (0, 1, 2, 7):
        write_rater(tmp_path / "ratings" / f"f{k}.csv", wave(k), hz=5)
    return tmp_path


def test_it_gives_what_the_command_writes(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs, ratings = study / "runs", study / "ratings"
    words = ["calibrate-valence", str(runs), str(ratings), "--smooth", "2", "--quiet", "--out", str(study / "r")]
    assert main(words) == 0
    said = capsys.readouterr().out
    made = seqfer.calibrate(runs, ratings, smooth=2, progress=False)
    assert said == f"{made}\nMap: {study / 'r' / 'calibration.json'}\n"
    written = read_record(CalibrateValenceReport, study / "r" / "calibration.json")
    assert (made.record.films, made.record.map, made.folder) == (written.films, written.map, None)
    assert made.unmatched == (ratings / "f7.csv",)
    assert "1 annotation files without a video" in str(made)
    table = made.table.set_index("video")
    expected = pd.read_csv(study / "r" / "films.csv").set_index("film")
    assert list(table.columns) == list(expected.columns)
    assert np.allclose(table.iloc[:-1].astype(float), expected, atol=1e-6)
    assert list(table.index) == ["f0", "f1", "f2", "mean of videos"]
    assert table.loc["mean of videos", "ccc_after"] == pytest.approx(table["ccc_after"].iloc[:-1].mean())
    assert "mean of videos" in made._repr_html_()


def test_the_map_maps_arrays_and_is_read_again_and_applied(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = seqfer.calibrate(study / "runs", study / "ratings", map="affine", out=study / "r", progress=False)
    assert made.folder == study / "r"
    assert made.map([0.1, 0.35, np.nan]) == pytest.approx([0.0, 0.5, np.nan], abs=0.01, nan_ok=True)
    read = seqfer.read_calibration(study / "r")
    assert (read.map, read.checksum) == (made.map, file_checksum(study / "r" / "calibration.json"))
    assert read.table.equals(made.table)
    assert repr(read).startswith(f"<ValenceCalibration in {study / 'r'}: 2.0")
    written = read.apply(study / "runs")
    assert [path.parent.name for path in written] == [f"f{k}-seqfer" for k in range(4)]
    by_python = [path.read_bytes() for path in written]
    about = read_json(written[0].with_suffix(".json"), "")
    assert about["calibration_checksum"] == read.checksum
    assert main(["calibrate-valence", "--apply", str(study / "r" / "calibration.json"), str(study / "runs")]) == 0
    assert [path.read_bytes() for path in written] == by_python
    assert capsys.readouterr().out.count("Calibrated: ") == 4
    assert made.apply(written[2].parent) == [written[2]]


def test_predictions_in_memory_give_the_same_map(study: Path) -> None:
    tables = {f"f{k}": pd.read_csv(study / "runs" / f"f{k}-seqfer" / "frames.csv") for k in range(3)}
    made = seqfer.calibrate(tables, study / "ratings")
    expected = seqfer.calibrate(study / "runs", study / "ratings", progress=False)
    assert made.record.map == expected.record.map
    assert made.record.films == expected.record.films


def test_videos_that_cannot_be_used_are_listed(study: Path) -> None:
    (study / "ratings" / "f1.csv").write_text("nothing of use\n")
    made = seqfer.calibrate(study / "runs", study / "ratings", progress=False)
    assert list(made.failed) == ["f1"]
    assert "f1.csv" in made.warnings[-1]
    assert "Note: f1: " in str(made)
    (study / "ratings" / "f2.csv").unlink()
    with pytest.raises(seqfer.InputError, match=r"1 video with both prediction and annotation; .*; f1: .*f1\.csv"):
        seqfer.calibrate(study / "runs", study / "ratings", progress=False)


def test_a_folder_without_valence_is_said_once_the_others_are_calibrated(study: Path) -> None:
    made = seqfer.calibrate(study / "runs", study / "ratings", progress=False)
    (study / "runs" / "f1-seqfer" / "valence_1hz.csv").unlink()
    with pytest.raises(seqfer.InputError, match=r"f1-seqfer: no valence_1hz\.csv; .*1 of 4 folders are not calibrated"):
        made.apply(study / "runs")
    assert len(list((study / "runs").glob("*/valence_1hz_calibrated.csv"))) == 3
    with pytest.raises(seqfer.InputError, match=r"no valence_1hz\.csv; annotate the video with --valence"):
        made.apply(study / "runs" / "f1-seqfer")


def test_bad_input_is_one_line(study: Path) -> None:
    runs, ratings = study / "runs", study / "ratings"
    made = seqfer.calibrate(runs, ratings, progress=False)
    (study / "other.json").write_text('{"tool": "other"}')
    for call, kind, said in (
        (
            lambda: seqfer.calibrate(runs, ratings, map="cubic"),
            seqfer.SettingsError,
            "map = 'cubic'; allowed: affine, mono",
        ),
        (lambda: seqfer.calibrate(runs / "f0-seqfer", ratings), seqfer.InputError, "2 or more are needed"),
        (lambda: seqfer.calibrate(study / "no", ratings), seqfer.InputError, "no: does not exist"),
        (lambda: seqfer.read_calibration(study), seqfer.InputError, r"calibration\.json: "),
        (lambda: seqfer.read_calibration(study / "other.json"), seqfer.InputError, r"other\.json: has no"),
        (lambda: made.apply(study / "ratings"), seqfer.InputError, "not a run folder of annotate-video"),
    ):
        with pytest.raises(kind, match=said) as error:
            call()
        assert "\n" not in str(error.value)
