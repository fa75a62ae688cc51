"""The tables of included weights: every file is there, with its checksum, and each belongs to an encoder that is included."""

from __future__ import annotations

import pytest

from seqfer.core.files import file_checksum
from seqfer.models.included import SHIPPED, SHIPPED_GRAPHS, SHIPPED_HEADS, SHIPPED_VALENCE, TIERS, included_encoder

EVERY = [
    *SHIPPED.values(),
    *SHIPPED_GRAPHS.values(),
    *SHIPPED_VALENCE.values(),
    *(weights for heads in SHIPPED_HEADS.values() for weights in heads.values()),
]


@pytest.mark.parametrize("weights", EVERY, ids=lambda weights: weights.file)
def test_the_file_has_its_checksum(weights) -> None:
    assert file_checksum(weights.path) == weights.sha256


def test_everything_belongs_to_an_included_encoder() -> None:
    assert {*SHIPPED_GRAPHS, *SHIPPED_VALENCE, *SHIPPED_HEADS, *TIERS.values()} == set(SHIPPED) == set(SHIPPED_GRAPHS)
    assert included_encoder("compact") is included_encoder(TIERS["compact"]) is SHIPPED[TIERS["compact"]]
    assert included_encoder("tiny") is None
