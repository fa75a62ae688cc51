"""A linear SVM trains, evaluates and is opened like any encoder: on a small drawn corpus, through the commands."""

import json

import numpy as np
import pytest
import torch
from mock_corpus import write_mock

from seqfer.cli import main
from seqfer.core.errors import InputError, SettingsError
from seqfer.models.svm import fit_linear
from seqfer.models.weights import read_encoder
from seqfer.training.settings import SvmTraining

FAST = ("--set", "held_back=0.3", "--set", "split=", "--set", "classes=six", "--set", "svm.passes=20", "--quiet")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_mock(tmp_path_factory.mktemp("mock"), people=12, size=48)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def train(data, out, *more, encoder="linear_svm"):
    return main(["train", "--data", str(data), "--out", str(out), "--set", f"encoder={encoder}", *FAST, *more])


@pytest.mark.parametrize("encoder", ["linear_svm", "linear_svm_hog"])
def test_train_evaluate_open(encoder, data, tmp_path, capsys):
    out = tmp_path / "run"
    assert train(data, out, encoder=encoder) == 0
    history, settings = (json.loads((out / f"{name}.json").read_text()) for name in ("history", "settings"))
    assert history["penalties"] == [0.003, 0.01, 0.03, 0.1, 0.3]
    best = min(history["validation_error"])
    assert history["penalty"] == history["penalties"][history["validation_error"].index(best)]  # of equals the smallest
    assert history["held_back_error"] < 0.34  # of three classes two thirds would be chance
    assert 0 <= history["held_back_ece"] <= 1
    assert 0 <= history["held_back_macro_f1"] <= 1
    assert "svm" in settings
    assert "training" not in settings  # what decides nothing is not asked for on resuming
    model, meta = read_encoder(str(out / "encoder.safetensors"))
    assert meta["encoder"] == encoder
    assert meta["temperature"] == history["temperature"]
    with torch.no_grad():
        logits = model.classify(torch.rand(2, 1, 48, 48))
    assert logits.shape == (2, 6)
    assert int(logits[0].argmax()) in (0, 3, 5)  # the classes that were there
    scored = tmp_path / "scored"
    assert main(["evaluate", str(out / "encoder.safetensors"), "--data", str(data), "--out", str(scored)]) == 0
    report = json.loads((scored / "evaluate.json").read_text())
    assert report["encoder"] == encoder
    assert report["corpus"] == "mock"
    assert report["as_given"]["accuracy"] > 0.7
    assert "linear" not in capsys.readouterr().err


def test_same_seed_same_file_and_resuming_repeats_no_fit(data, tmp_path, monkeypatch):
    assert train(data, tmp_path / "a") == 0
    assert train(data, tmp_path / "b") == 0
    whole = (tmp_path / "a" / "encoder.safetensors").read_bytes()
    assert (tmp_path / "b" / "encoder.safetensors").read_bytes() == whole

    from seqfer.training import train_encoder

    calls = []

    def killed(*args, **settings):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(settings["penalty"])
        return fit_linear(*args, **settings)

    monkeypatch.setattr(train_encoder, "fit_linear", killed)
    assert train(data, tmp_path / "c") == 130
    monkeypatch.setattr(train_encoder, "fit_linear", lambda *a, **s: calls.append(s["penalty"]) or fit_linear(*a, **s))
    assert main(["train", "--out", str(tmp_path / "c"), "--resume", "--quiet"]) == 0
    assert calls == [0.003, 0.01, 0.03, 0.1, 0.3]
    assert (tmp_path / "c" / "encoder.safetensors").read_bytes() == whole


def test_it_gives_features_to_the_heads_of_clips(data, tmp_path):
    assert train(data, tmp_path / "run") == 0
    weights = str(tmp_path / "run" / "encoder.safetensors")
    options = ["--encoder", "linear_svm", "--encoder-weights", weights, "--folds", "2", "--heads", "linear_svm_hog"]
    cv = ["cv", "--data", str(data), "--jobs", "1", "--quiet", "--out", str(tmp_path / "cv"), *options]
    assert main([*cv, "--set", "head_training.epochs=1"]) == 0
    heads = json.loads((tmp_path / "cv" / "report.json").read_text())["heads"]
    assert heads["linear_svm_hog"]["title"] == "Linear SVM on HOG"
    assert heads["mean"]["parameters_encoder"] == 6 * 2305


@pytest.mark.parametrize("depth", ["last:2", "last:0", "all"])
def test_there_is_nothing_to_transfer(depth, data, tmp_path, capsys):
    assert train(data, tmp_path / "run") == 0
    capsys.readouterr()
    weights = str(tmp_path / "run" / "encoder.safetensors")
    assert main(["transfer", weights, "--data", str(data), "--unfreeze", depth, "--out", str(tmp_path / "t")]) == 2
    assert "linear_svm has no layers to freeze or to retrain" in capsys.readouterr().err


def test_bad_input(data, tmp_path, capsys):
    with pytest.raises(InputError, match="at least two classes"):
        fit_linear(np.zeros((4, 2), np.float32), np.zeros(4, np.int64), 3, penalty=1.0)
    for bad, words in (
        ({"penalties": ()}, "at least one"),
        ({"penalties": (0.0,)}, "above 0"),
        ({"penalties": (float("nan"),)}, "above 0"),
        ({"penalties": (0.1, 0.1)}, "once"),
        ({"passes": -1}, "passes = -1"),
    ):
        with pytest.raises(SettingsError, match=words):
            SvmTraining(**bad)
    assert train(data, tmp_path / "x", "--set", "start=other.safetensors") == 2
    assert (
        "linear_svm is a baseline, which is fitted without start weights or teachers; omit both"
        in capsys.readouterr().err
    )
    assert train(data, tmp_path / "x", encoder="linear_svn") == 2
    assert "allowed" in capsys.readouterr().err


def test_not_under_torchrun(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert train(data, tmp_path / "x") == 2
    assert "start it without torchrun" in capsys.readouterr().err
