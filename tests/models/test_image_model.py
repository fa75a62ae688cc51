"""A model of single faces: calibrated probabilities, mirror images, and faces that do not fit."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import softmax
from tiny_models import film_model, stills

from seqfer.core.errors import InputError, WeightsError
from seqfer.models import image_model
from seqfer.models.features import classify_images
from seqfer.models.image_model import ImageModel
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.models.opening import open_model


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> ImageModel:
    folder = tmp_path_factory.mktemp("model")
    film_model(folder)
    return open_model(folder / "encoder.safetensors", kind="image", device="cpu")


def test_probabilities_are_the_softmax_of_logits_over_the_temperature(model) -> None:
    faces = stills(4)
    logits = model.logits(faces)
    assert logits == pytest.approx(classify_images(model.encoder, faces).numpy(), abs=1e-6)
    assert model.temperature == 1.5
    assert model.predict(faces) == pytest.approx(softmax(logits.astype(float) / 1.5, axis=1), abs=1e-6)


def test_with_mirror_the_logits_are_the_mean_of_both_views(model) -> None:
    faces = stills(3)
    both = (model.logits(faces) + model.logits(faces[:, :, ::-1].copy())) / 2
    assert model.logits(faces, mirror=True) == pytest.approx(both, abs=1e-5)
    assert not model.mirrored


def test_no_face_and_faces_that_do_not_fit(model) -> None:
    assert model.logits(stills(0)).shape == (0, 7)
    for faces in (stills(2, size=32), stills(2).astype(np.float32), np.zeros((2, 24, 24, 3), np.uint8)):
        with pytest.raises(InputError, match=r"takes uint8 \(face, 24, 24\): resize them") as error:
            model.logits(faces)
        assert "\n" not in str(error.value)


def test_what_a_file_does_not_say_of_its_temperature_is_one(model) -> None:
    meta = {key: value for key, value in model.meta.items() if key != "temperature"}
    assert ImageModel("x", model.encoder, meta).temperature == 1.0


def test_weights_that_overflow_are_refused(model: ImageModel) -> None:
    broken = ImageModel("broken.safetensors", copy.deepcopy(model.encoder), model.meta)
    with torch.no_grad():
        next(broken.encoder.parameters()).fill_(3e38)
    with pytest.raises(WeightsError, match=r"broken\.safetensors: its weights give values that are not finite"):
        broken.predict(stills(2))


def test_the_copy_that_computes_is_made_once(model: ImageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(image_model, "fuse_conv_bn", lambda encoder: made.append(encoder) or fuse_conv_bn(encoder))
    opened = replace(model)
    for _ in range(2):
        assert opened.predict(stills(1)).shape == (1, 7)
        assert opened.embed(stills(1)) == pytest.approx(embedded(model.encoder, stills(1)), abs=1e-6)
    assert made == [model.encoder]


def embedded(encoder: FrameEncoder, faces: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return encoder.embed(torch.from_numpy(faces)[:, None] / 255).numpy()
