"""Video models written and opened again; files that do not fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_models import film_model, stills

from seqfer.core import registry
from seqfer.core.emotions import class_list
from seqfer.core.errors import SettingsError, WeightsError
from seqfer.models.film_files import TrainedHead, save_film_model
from seqfer.models.included import SHIPPED, SHIPPED_HEADS, TIERS
from seqfer.models.opening import open_model
from seqfer.models.sequence import SequenceModel

CLASSES = class_list("fer2013")


def test_saved_and_opened_gives_the_same(tmp_path):
    path, model, encoder = film_model(tmp_path)
    opened = open_model(str(path), causal=True, kind="video")
    faces = stills(5)
    inputs = opened.encode(faces)
    assert inputs.shape == (5, 6)
    assert opened.causal
    assert opened.temperature == 2.0
    with torch.no_grad():
        pixels = torch.from_numpy(faces).float()[:, None] / 255
        assert np.allclose(inputs, model.project(encoder.embed(pixels)), atol=1e-6)
    alone = open_model(str(path), frames_alone=True, kind="video")
    assert alone.head is None
    assert alone.encode(faces).shape == (5, 7)
    assert alone.temperature == 1.5


def test_a_head_that_looks_ahead_is_not_causal(tmp_path):
    path, *_ = film_model(tmp_path, "bilstm")
    with pytest.raises(SettingsError, match="later frames"):
        open_model(str(path), causal=True, kind="video")


def test_an_encoder_alone_is_a_model_too(tmp_path):
    film_model(tmp_path)
    assert open_model(str(tmp_path / "encoder.safetensors"), kind="video").head is None


def test_a_head_on_other_shipped_weights_is_refused(tmp_path):
    path = tmp_path / "head.safetensors"
    encoder = registry.find("encoders", "mobilenet").build(classes=7)
    head = SequenceModel(8, "lstm", 7)
    meta = {"encoder": "mobilenet", "classes": CLASSES, "sha256": SHIPPED["mobilenet"].sha256}
    save_film_model(path, TrainedHead(head, "lstm", CLASSES, {"temperature": 1.0}), encoder, meta)
    text = path.read_bytes().replace(SHIPPED["mobilenet"].sha256.encode(), b"0" * 64)
    path.write_bytes(text)
    with pytest.raises(WeightsError, match="train the head again"):
        open_model(str(path), kind="video")


@pytest.mark.parametrize("tier", sorted(TIERS))
def test_shipped_heads_belong_to_the_shipped_encoder_and_have_a_card(tier):
    for name, shipped in SHIPPED_HEADS.get(TIERS[tier], {}).items():
        model = open_model(tier, causal=name == "lstm", kind="video")
        assert (model.head_name, model.checksums["head"]) == (name, shipped.sha256)
        assert model.checksums["encoder"] == SHIPPED[TIERS[tier]].sha256
        assert shipped.sha256 in shipped.path.with_suffix(".md").read_text()
