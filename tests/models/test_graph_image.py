"""Included models on ONNX Runtime alone: torch's probabilities, features and valence within a stated tolerance."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_models import stills

from seqfer.core import registry
from seqfer.models.graph_image import open_graph_image, open_graph_valence
from seqfer.models.included import SHIPPED, TIERS, TWO_VIEWS
from seqfer.models.opening import open_model

NEAR = 1e-4  # of a probability


@pytest.mark.parametrize("tier", TIERS)
def test_it_is_the_model_of_torch(tier: str) -> None:
    graph, model = open_graph_image(tier), open_model(tier, kind="image", device="cpu")
    assert graph is not None
    for what in ("name", "encoder_name", "classes", "temperature", "checksum", "input_size", "channels", "mirrored"):
        assert getattr(graph, what) == getattr(model, what)
    assert (graph.feature_dim, graph.parameters, graph.meta) == (model.feature_dim, model.parameters, model.meta)
    faces = stills(9, size=graph.input_size)
    assert graph.predict(faces) == pytest.approx(model.predict(faces), abs=NEAR)
    assert graph.predict(faces, mirror=True) == pytest.approx(model.predict(faces, mirror=True), abs=NEAR)
    assert graph.logits(faces, one_view=True) == pytest.approx(model.logits(faces, one_view=True), abs=1e-3)
    assert np.allclose(graph.embed(faces), model.embed(faces), atol=1e-3)
    assert graph.runtime.startswith("onnxruntime ")


def test_valence_is_that_of_torch() -> None:
    graph, model = open_graph_valence("compact"), open_model("compact", kind="valence", device="cpu")
    assert graph is not None
    assert (graph.checksum, graph.encoder_name) == (model.checksum, model.encoder_name)
    assert (graph.input_size, graph.channels) == (model.input_size, model.channels)
    faces = stills(5, size=graph.input_size)
    for mirror in (False, True):
        assert graph.valence(faces, mirror=mirror) == pytest.approx(model.valence(faces, mirror=mirror), abs=NEAR)


def test_what_is_not_included() -> None:
    assert open_graph_image("gated") is open_graph_valence("gated") is open_graph_valence("small") is None


@pytest.mark.parametrize("encoder", SHIPPED)
def test_encoders_of_two_views(encoder: str) -> None:
    assert (encoder in TWO_VIEWS) == registry.find("encoders", encoder).build().two_views


def test_the_key_of_cached_features_tells_the_runtimes_apart() -> None:
    graph, model = open_graph_image("small"), open_model("small", kind="image", device="cpu")
    assert graph is not None
    assert graph.features_key != model.features_key
    compact = open_graph_image("compact")
    assert compact is not None
    assert compact.features_key != graph.features_key
