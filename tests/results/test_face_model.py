"""`seqfer.load_model`: probabilities by name, features, videos, and one-line errors."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from drawn_film import write_drawn_film
from tiny_models import film_model

import seqfer
from seqfer.core.rated_valence import LEVEL_NAMES
from seqfer.models.image_choice import open_image_model
from seqfer.models.opening import open_model
from seqfer.models.weights import save_encoder


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    film_model(folder)
    return folder


@pytest.fixture(scope="module")
def small() -> seqfer.api.FaceModel:
    return seqfer.load_model("small", device="cpu")


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_probabilities_are_those_of_the_model_with_their_names(small: seqfer.api.FaceModel) -> None:
    faces = noise(3, 48, 48)
    table = small.predict(faces)
    assert tuple(table.columns) == small.classes
    assert np.array_equal(np.asarray(table), open_image_model("small", device="cpu").predict(faces))
    torchs = seqfer.load_model("small", device="cpu", runtime="torch")
    assert np.allclose(table, torchs.predict(faces), atol=1e-4, rtol=0)
    assert torchs.model.runtime == "torch"
    assert np.allclose(table.sum(axis=1), 1)
    pd.testing.assert_frame_equal(small.predict(faces / 255), table)
    pd.testing.assert_frame_equal(small.predict(faces[0]), table.head(1))
    assert small.predict([noise(90, 70), noise(20, 20, 3)]).shape == (2, 7)
    assert small.predict([]).shape == (0, 7)


@pytest.mark.parametrize("name", ["small", "encoder.safetensors"])
def test_features_are_what_the_classifier_reads(files: Path, name: str) -> None:
    model = seqfer.load_model(name if name == "small" else files / name, device="cpu")
    faces = noise(3, model.input_size, model.input_size)
    features = model.embed(faces)
    assert features.dtype == np.float32
    with torch.no_grad():
        where = name if name == "small" else files / name
        logits = open_model(where, kind="image", device="cpu").encoder.classifier(torch.from_numpy(features))
    assert np.allclose(logits.numpy(), model.model.logits(faces), atol=1e-5)
    assert model.embed([]).shape == (0, features.shape[1])


def test_it_says_what_it_is(small: seqfer.api.FaceModel) -> None:
    assert (small.input_size, small.device, small.classes[0]) == (48, "cpu", "anger")
    assert repr(small).startswith("<FaceModel small on cpu: faces of 48 x 48 grey pixels to anger, disgust")


def test_a_video_is_annotated_with_the_model(files: Path, tmp_path: Path) -> None:
    video = write_drawn_film(tmp_path / "drawn.mp4", there=10, gone=2)
    model = seqfer.load_model(files / "encoder.safetensors", device="cpu")
    options: dict[str, Any] = {"detector": "haar", "progress": False}
    made = model.predict_video(video, **options)
    direct = seqfer.annotate(video, model=str(files / "encoder.safetensors"), **options)
    pd.testing.assert_frame_equal(made.frames, direct.frames)
    assert made.summary.model.name == "encoder.safetensors"
    with pytest.raises(seqfer.SettingsError, match="model is 'small', but this is the model"):
        model.predict_video(video, model="small")
    with pytest.raises(seqfer.SettingsError, match="2 videos are given where one is taken"):
        model.predict_video([video, video])  # type: ignore[arg-type]


def test_names_and_files_that_are_no_model_of_faces(files: Path, tmp_path: Path) -> None:
    model = open_model(files / "encoder.safetensors", kind="image")
    levels = type(model.encoder)(len(LEVEL_NAMES))
    save_encoder(tmp_path / "levels.safetensors", "tiny", levels, LEVEL_NAMES, {})
    for name, kind, said in (
        ("large", seqfer.SettingsError, "model is 'large'; allowed: small, compact, a .safetensors file"),
        (files / "lstm.safetensors", seqfer.WeightsError, "use it as seqfer.annotate(video, model="),
        (tmp_path / "levels.safetensors", seqfer.WeightsError, "use it as seqfer.annotate(video, valence_model="),
        (tmp_path / "no.safetensors", seqfer.WeightsError, "no.safetensors"),
    ):
        with pytest.raises(kind) as error:
            seqfer.load_model(name)
        assert said in str(error.value)
        assert "\n" not in str(error.value)


def test_faces_that_do_not_fit_are_one_line(small: seqfer.api.FaceModel) -> None:
    for call in (small.predict, small.embed):
        with pytest.raises(seqfer.InputError, match="allowed: 0 to 1") as error:
            call(noise(2, 48, 48).astype(float))
        assert "\n" not in str(error.value)


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    methods = {name for name, one in vars(seqfer.api.FaceModel).items() if inspect.isfunction(one) and name[0] != "_"}
    found = doctest.DocTestFinder().find(seqfer.api.FaceModel, "FaceModel", globs={})
    assert {test.name for test in found if test.examples} == {f"FaceModel.{name}" for name in methods}
    for test in found:
        assert doctest.DocTestRunner().run(test).failed == 0
