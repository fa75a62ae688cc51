"""`seqfer.train` and its kin write what the commands write, and give the figures of the record as tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_stills import write_stills

import seqfer
from seqfer.cli import main
from seqfer.results.training import Training
from seqfer.runs.kinds.train import TrainHistory
from seqfer.runs.kinds.train_head import TrainHeadHistory
from seqfer.runs.kinds.train_valence import TrainValenceHistory
from seqfer.runs.kinds.train_valence_head import TrainValenceHeadHistory
from seqfer.runs.records import read_record
from seqfer.runs.results import TraceMeasures

SHORT = {"encoder": "tiny", "held_back": 0.2, "threads": 1, "training": {"epochs": 2, "precision": "fp32"}}
CURVES = {"train_loss": (2.0, 1.0), "validation_loss": (2.5, 1.5), "validation_error": (0.5, 0.25)}
HELD_BACK = {"held_back": 50, "sha256": "ab", "seconds": 61.4}


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stills(tmp_path_factory.mktemp("stills"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))


def test_it_trains_what_the_command_trains(stills: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sets = ("encoder=tiny", "held_back=0.2", "training.epochs=2", "training.precision=fp32")
    options = [word for one in sets for word in ("--set", one)]
    out = tmp_path / "command"
    assert main(["train", "--data", str(stills), "--threads", "1", *options, "--out", str(out), "--quiet"]) == 0
    said = capsys.readouterr().out
    written = read_record(TrainHistory, out / "history.json")
    made = seqfer.train(stills, out=tmp_path / "r", progress=False, **SHORT)
    assert made.record.sha256 == written.sha256
    assert made.weights.read_bytes() == (out / "encoder.safetensors").read_bytes()
    assert read_record(TrainHistory, tmp_path / "r" / "history.json") == made.record
    scores = str(made).partition(": ")[2].rpartition(",")[0]  # without the seconds
    assert said.startswith(f"{out / 'encoder.safetensors'}: {scores}, ")
    assert made.history["epoch"].tolist() == [1, 2]
    assert tuple(made.history["train_loss"]) == written.train_loss
    assert seqfer.load_model(made.weights).input_size == 24


def test_without_out_the_folder_is_the_commands_and_resume_takes_its_settings(
    stills: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = seqfer.train(stills, progress=False, seed=3, **SHORT)
    assert first.folder == Path("runs/train-tiny-seed3")
    assert first.weights == first.folder / "encoder.safetensors"
    again = seqfer.train(resume=True, progress=False, seed=3, encoder="tiny")
    assert again.folder == first.folder
    assert again.record.sha256 == first.record.sha256
    with pytest.raises(seqfer.InputError, match="already holds a run"):
        seqfer.train(stills, out=first.folder, progress=False, seed=3, **SHORT)


def test_each_kind_gives_its_history_and_its_line() -> None:
    trained = TrainHistory(
        **CURVES,
        **HELD_BACK,
        corpus="fer",
        images=9,
        held_back_error=0.1234,
        held_back_macro_f1=0.8,
        held_back_ece=0.1,
        temperature=1.3,
    )
    head = TrainHeadHistory(
        **CURVES,
        frames=40,
        temperature=1.0,
        error=0.25,
        calibration_error=0.02,
        encoder_temperature=1.0,
        encoder_error=0.31,
        encoder_calibration_error=0.03,
        sha256="ab",
    )
    valence = TrainValenceHistory(images=9, held_back_rmse=0.2, held_back_ccc=np.nan, **HELD_BACK)
    scores = TraceMeasures(n=900, rmse=0.21, ccc=0.64, pcc=0.65, sagr=0.7, mae=0.2)
    valence_head = TrainValenceHeadHistory(**CURVES, clips=9, scores=scores, **HELD_BACK)
    said = {
        trained: "w: error 12.3% on 50 held-out images, temperature 1.30, 61 s",
        head: "w: error 25.0% on 40 held-out frames (the encoder alone: 31.0%), calibration error 2.0%",
        valence: "w: RMSE 0.200, CCC nan on 50 held-out images, 61 s",
        valence_head: "w: RMSE 0.210, CCC 0.640 on 900 frames of people held back",
    }
    expected = pd.DataFrame({"epoch": [1, 2], **{name: list(values) for name, values in CURVES.items()}})
    for record, line in said.items():
        training = Training(record, Path("r"), Path("w"))
        assert str(training) == line
        if record is valence:
            assert training.history.empty
        else:
            pd.testing.assert_frame_equal(training.history, expected)
            assert "<td>0.2500</td>" in training._repr_html_()


def test_a_baseline_has_a_row_per_penalty() -> None:
    record = TrainHistory(
        penalties=(0.1, 1.0),
        penalty=0.1,
        validation_error=(0.2, 0.3),
        corpus="fer",
        images=9,
        held_back_error=0.2,
        held_back_macro_f1=0.8,
        held_back_ece=0.1,
        temperature=1.3,
        **HELD_BACK,
    )
    history = Training(record, Path("r"), Path("w")).history
    assert history.to_dict("list") == {"penalty": [0.1, 1.0], "validation_error": [0.2, 0.3]}


@pytest.mark.parametrize(
    ("function", "settings", "kind", "said"),
    [
        (seqfer.train, {}, seqfer.SettingsError, "no data; .*seqfer prepare fer2013"),
        (seqfer.train_head, {}, seqfer.SettingsError, "no data; .*seqfer prepare fer2013"),
        (seqfer.train_valence, {}, seqfer.SettingsError, "no data"),
        (seqfer.train_valence_head, {}, seqfer.SettingsError, "no data; .*seqfer prepare-films"),
        (seqfer.train, {"data": "no.jsonl"}, seqfer.InputError, "no.jsonl"),
        (seqfer.train, {"epochs": 3}, seqfer.SettingsError, "unknown key 'epochs'"),
        (seqfer.train, {"data": "a.jsonl", "training": {"epochs": 0}}, seqfer.SettingsError, "training.epochs = 0"),
        (seqfer.train_head, {"out": "no", "resume": True}, seqfer.SettingsError, "no has no run to resume"),
    ],
)
def test_bad_input_is_one_line_and_starts_no_run(
    function: type,
    settings: dict[str, object],
    kind: type[Exception],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind, match=said) as error:
        function(progress=False, **settings)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "runs").exists()
