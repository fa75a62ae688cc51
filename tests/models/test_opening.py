"""Every trained model is opened by one function, which recognises what a file holds and puts it on a device."""

import numpy as np
import pytest
import torch

from seqfer import models
from seqfer.core.errors import InputError, SettingsError, WeightsError
from seqfer.models.film_model import FilmModel
from seqfer.models.image_model import ImageModel
from seqfer.models.included import SHIPPED, SHIPPED_HEADS, SHIPPED_VALENCE
from seqfer.models.valence_model import ValenceModel
from seqfer.models.weights import save_tensors


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("small", ImageModel),
        ("mobilenet", ImageModel),
        (str(SHIPPED["resezap_mirrored"].path), ImageModel),
        (SHIPPED_VALENCE["mobilenet"].path, ValenceModel),
        (SHIPPED_HEADS["mobilenet"]["lstm"].path, FilmModel),
    ],
)
def test_a_name_or_file_is_recognised(name, kind):
    model = models.open(name, device="cpu")
    assert type(model) is kind
    assert model.device == torch.device("cpu")
    assert model.has_valence is (kind is ValenceModel)
    assert model.temporal is (kind is FilmModel)


def test_a_model_of_faces_says_what_it_is_and_predicts():
    model = models.open("small", kind="image", device="cpu")
    assert (model.encoder_name, model.input_size, model.channels) == ("resezap_mirrored", 48, 1)
    assert model.checksum == SHIPPED["resezap_mirrored"].sha256
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    probabilities = model.predict(faces)
    assert probabilities.shape == (3, len(model.classes))
    np.testing.assert_allclose(probabilities.sum(1), 1)
    assert model.predict(faces[:0]).shape == (0, len(model.classes))
    with pytest.raises(InputError, match=r"small takes uint8 \(face, 48, 48\): resize them"):
        model.predict(faces[:, :40])


def test_what_is_no_model_is_one_line(tmp_path):
    save_tensors(tmp_path / "ensemble.safetensors", {"x": torch.zeros(1)}, {"seqfer_ensemble": 2})
    save_tensors(tmp_path / "other.safetensors", {"x": torch.zeros(1)}, {})
    for name, words in (
        ("nothing", "no weights are included"),
        (tmp_path / "ensemble.safetensors", "is an ensemble"),
        (tmp_path / "other.safetensors", "has no encoder with its classes"),
        (tmp_path / "absent.safetensors", "cannot be read"),
    ):
        with pytest.raises(WeightsError, match=words) as error:
            models.open(name, device="cpu")
        assert "\n" not in str(error.value)
    with pytest.raises(SettingsError, match="allowed: auto, image, valence, video"):
        models.open("small", kind="sound")


def test_the_device_is_asked_for_before_the_weights_are_read(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SettingsError, match="device 'cuda' is unavailable"):
        models.open("nothing", device="cuda")


def test_a_video_model_moves_what_reads_features_and_keeps_its_temporal_head_on_the_cpu(monkeypatch):
    model = models.open("compact", kind="video", device="cpu")
    moved = []
    monkeypatch.setattr(type(model.encoder), "to", lambda self, device: moved.append(("encoder", device)))
    monkeypatch.setattr(type(model.head), "to", lambda self, device: moved.append(("projection", device)))
    model.to(torch.device("meta"))
    assert moved == [("encoder", torch.device("meta")), ("projection", torch.device("meta"))]
    assert all(parameter.device.type == "cpu" for parameter in model.head.head.parameters())
