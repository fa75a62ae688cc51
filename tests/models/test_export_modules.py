"""The modules that are exported compute what the models compute."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tiny_models import film_model, stills
from torch import nn

from seqfer.core.errors import SettingsError
from seqfer.models.export_modules import FaceModule, TrackModule, _WithoutPadding
from seqfer.models.opening import open_model


def test_single_faces_in_two_views() -> None:
    model = open_model("small", kind="image", device="cpu")
    module, faces = FaceModule(model).eval(), stills(3, 48)
    with torch.no_grad():
        logits, probabilities = module(**module.inputs_of(faces))
    np.testing.assert_allclose(logits, model.logits(faces), atol=1e-4)
    np.testing.assert_allclose(probabilities, model.predict(faces), atol=1e-5)
    assert module.inputs == {"images": "float32 (face, 1, 48, 48), grey pixels divided by 255"}


@pytest.mark.parametrize("head", ["bilstm", "lstm"])
def test_a_track_without_padding(head: str, tmp_path) -> None:
    film = open_model(film_model(tmp_path, head)[0], kind="video", device="cpu")
    module, faces = TrackModule(film).eval(), stills(6)
    with torch.no_grad():
        _, probabilities = module(**module.inputs_of(faces))
    mask = np.ones((1, 6), dtype=bool)
    outputs = film.look(film.encode(faces)[None], mask, np.zeros((1, 6)))[0]
    np.testing.assert_allclose(probabilities, film.read(outputs)[0], atol=1e-5)


def test_an_average_alone_takes_its_recurrent_head_not_along() -> None:
    film = open_model("compact", kind="video", device="cpu")
    assert any(isinstance(layer, nn.RNNBase) for layer in TrackModule(film).modules())
    average = TrackModule(film.averaging())
    assert not any(isinstance(layer, nn.RNNBase) for layer in average.modules())
    assert list(average.inputs) == ["images", "times_s"]


def test_faces_in_colour() -> None:
    encoder = nn.Module()
    encoder.channels, encoder.input_size = 3, 8
    module = FaceModule.__new__(FaceModule)
    nn.Module.__init__(module)
    module.encoder = encoder
    assert module.random_faces(2).shape == (2, 8, 8, 3)
    assert module.example(2)["images"].shape == (2, 3, 8, 8)
    assert "RGB" in module.inputs["images"]


def test_a_head_without_step_or_whole_is_refused() -> None:
    model = SimpleNamespace(name="mine.safetensors", head_name="mylab.heads.wide")
    with pytest.raises(
        SettingsError, match=r"mine\.safetensors: head mylab\.heads\.wide has neither step\(\) nor whole"
    ):
        _WithoutPadding(nn.Linear(2, 2), model)
