"""The mock corpus, and two tiny encoders with random weights for its classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from mock_corpus import LABELS, write_mock

from seqfer.core import registry
from seqfer.models.weights import save_encoder
from seqfer.runs.records import as_json

OF_THE_CALL = {"command": "", "created": "", "seconds": 0.0}


@dataclass(frozen=True)
class TwoClassifiers:
    """The files: a manifest of 24 clips of 8 people, and two encoders."""

    data: Path
    first: Path
    second: Path


def write_two_classifiers(folder: Path) -> TwoClassifiers:
    """Write the corpus and both encoders into a folder."""
    made = TwoClassifiers(write_mock(folder), folder / "first.safetensors", folder / "second.safetensors")
    for seed, path in ((3, made.first), (4, made.second)):
        torch.manual_seed(seed)
        save_encoder(path, "tiny", registry.find("encoders", "tiny").build(classes=3), LABELS, {"temperature": 1.5})
    return made


def of_any_call(record: Any) -> dict[str, Any]:
    """A record as plain values, without what differs between two calls that compute the same."""
    return as_json(replace(record, **OF_THE_CALL))
