"""The tables of included weights: every file is there, with its checksum, and each belongs to an encoder that is included."""

from __future__ import annotations

import pytest

from seqfer.core.errors import SettingsError
from seqfer.core.files import file_checksum
from seqfer.models.included import (
    SHIPPED,
    SHIPPED_GRAPHS,
    SHIPPED_HEADS,
    SHIPPED_INT8,
    SHIPPED_VALENCE,
    TIERS,
    check_included_or_file,
    included_encoder,
    tiers_in_int8,
)

EVERY = [
    *SHIPPED.values(),
    *SHIPPED_GRAPHS.values(),
    *SHIPPED_INT8.values(),
    *SHIPPED_VALENCE.values(),
    *(weights for heads in SHIPPED_HEADS.values() for weights in heads.values()),
]


@pytest.mark.parametrize("weights", EVERY, ids=lambda weights: weights.file)
def test_the_file_has_its_checksum(weights) -> None:
    assert file_checksum(weights.path) == weights.sha256


def test_int8_graphs_are_of_encoders_that_have_one_in_fp32() -> None:
    assert set(SHIPPED_INT8) <= set(SHIPPED_GRAPHS)
    assert tiers_in_int8() == "compact"


def test_everything_belongs_to_an_included_encoder() -> None:
    assert {*SHIPPED_GRAPHS, *SHIPPED_VALENCE, *SHIPPED_HEADS, *TIERS.values()} == set(SHIPPED) == set(SHIPPED_GRAPHS)
    assert included_encoder("compact") is included_encoder(TIERS["compact"]) is SHIPPED[TIERS["compact"]]
    assert included_encoder("tiny") is None


def test_a_name_that_is_not_included_is_refused_with_those_that_are() -> None:
    for known in ("small", "compact", *SHIPPED, "lost.safetensors", "lost.onnx"):
        check_included_or_file(known)
    with pytest.raises(
        SettingsError,
        match=r"model is 'tiny'; allowed: small, compact, a \.safetensors file of `seqfer train`, or a \.onnx",
    ):
        check_included_or_file("tiny")
