"""`seqfer.load_model`."""

from __future__ import annotations

import numpy as np

import seqfer


def test_load_model_predicts_probabilities() -> None:
    model = seqfer.load_model("small")
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    assert np.allclose(model.predict(faces).sum(1), 1)
    assert model.predict(faces).shape == (3, len(model.classes))
