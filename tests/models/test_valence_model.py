"""Valence models of still faces, from a file or included."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seqfer.core.emotions import EMOTIONS, VALENCE_NORMS
from seqfer.core.rated_valence import (
    LEVEL_NAMES,
    level_valence,
    nearest_level,
)
from seqfer.models.included import SHIPPED, SHIPPED_VALENCE, TIERS
from seqfer.models.layers import expected_valence
from seqfer.models.opening import open_model


def test_levels_agree_with_the_networks_expectation():
    logits = torch.randn(20, 9, dtype=torch.float64)
    assert np.allclose(level_valence(logits.softmax(1).numpy()), expected_valence(logits).numpy(), atol=1e-12)
    assert nearest_level(np.array([-1, -0.51, 0, 0.12, 0.13, 0.81, 1])).tolist() == [0, 2, 4, 4, 5, 7, 8]


@pytest.mark.parametrize("encoder", sorted(SHIPPED_VALENCE))
def test_shipped_valence_belongs_to_the_shipped_encoder_and_has_a_card(encoder):
    model = open_model(encoder, kind="valence")
    assert model.encoder_checksum == SHIPPED[encoder].sha256
    card = SHIPPED_VALENCE[encoder].path.with_suffix(".md").read_text()
    assert SHIPPED_VALENCE[encoder].sha256 in card
    assert "derived" in card.lower()
    assert encoder in TIERS.values()
    assert tuple(model.meta["classes"]) == LEVEL_NAMES
    assert set(VALENCE_NORMS) == set(EMOTIONS)
