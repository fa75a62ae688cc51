"""Bytes of exported models keep their description; what a format cannot hold is refused before it is converted."""

from __future__ import annotations

import io
import json

import numpy as np
import onnxruntime
import pytest
import torch
from tiny_models import film_model

from seqfer.core.errors import SettingsError
from seqfer.models.export_formats import FORMATS, check_torch
from seqfer.models.export_modules import FaceModule, TrackModule
from seqfer.models.opening import open_model
from seqfer.models.settings import SUFFIXES

ABOUT = {"head": "none", "classes": ("fear", "joy"), "temperature": 1.5, "crop": {"margin": 0.0}}


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> FaceModule:
    folder = tmp_path_factory.mktemp("tiny")
    film_model(folder)
    return FaceModule(open_model(folder / "encoder.safetensors", kind="image", device="cpu")).eval()


def test_every_format_has_a_suffix() -> None:
    assert FORMATS.keys() == SUFFIXES.keys()


@pytest.mark.parametrize("name", FORMATS)
def test_the_numbers_of_the_module_for_any_number_of_faces(name: str, module: FaceModule) -> None:
    form = FORMATS[name]
    form.check(module)
    with torch.no_grad():
        converted = form.convert(module)
        for count in (1, 4):
            inputs = module.example(count)
            np.testing.assert_allclose(form.run(converted, inputs), module(**inputs)[1], atol=1e-6)


def test_descriptions_are_texts_or_json(module: FaceModule) -> None:
    with torch.no_grad():
        files = {name: form.pack(form.convert(module), ABOUT) for name, form in FORMATS.items()}
    about = onnxruntime.InferenceSession(files["onnx"]).get_modelmeta().custom_metadata_map
    assert about == {"head": "none", "classes": '["fear", "joy"]', "temperature": "1.5", "crop": '{"margin": 0.0}'}
    extra = {"seqfer.json": ""}
    torch.export.load(io.BytesIO(files["torch"]), extra_files=extra)
    assert json.loads(extra["seqfer.json"]) == json.loads(json.dumps(ABOUT))


def test_a_recurrent_head_is_refused_by_torch(tmp_path) -> None:
    recurrent = TrackModule(open_model(film_model(tmp_path, "gru")[0], kind="video", device="cpu"))
    with pytest.raises(SettingsError, match="holds no recurrent head"):
        check_torch(recurrent)
    check_torch(TrackModule(open_model(film_model(tmp_path, "mean")[0], kind="video", device="cpu")))
