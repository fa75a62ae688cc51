"""What models of single faces share: two views, one view on request, and faces that do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from seqfer.core.errors import InputError, WeightsError
from seqfer.models.single_face import SingleFaceModel


class Brightness(SingleFaceModel):
    """Features: the brightness of the left and of the right half; logits: these plus `more`."""

    runtime, input_size, channels, feature_dim, parameters, device = "NumPy", 4, 1, 2, 0, "cpu"
    features_key: Mapping[str, Any] = {}

    def __init__(self, mirrored: bool, more: float = 0.0) -> None:
        self.name, self.meta, self._mirrored, self.more = "halves", {"classes": ("left", "right")}, mirrored, more

    @property
    def mirrored(self) -> bool:
        return self._mirrored

    def read(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        halves = np.stack([faces[:, :, :2].mean((1, 2)), faces[:, :, 2:].mean((1, 2))], 1).astype(np.float32)
        return halves, halves + np.float32(self.more)


FACE = np.array([[[4, 4, 0, 0]] * 4], np.uint8)


def test_views() -> None:
    one, two = Brightness(mirrored=False), Brightness(mirrored=True)
    assert one.logits(FACE).tolist() == [[4, 0]]
    assert one.logits(FACE, mirror=True).tolist() == two.logits(FACE).tolist() == [[2, 2]]
    assert two.logits(FACE, one_view=True).tolist() == [[4, 0]]
    assert two.logits(FACE, one_view=True, mirror=True).tolist() == [[2, 2]]
    assert (one.embed(FACE).tolist(), two.embed(FACE).tolist()) == ([[4, 0]], [[2, 2]])


def test_probabilities_use_the_temperature() -> None:
    model = Brightness(mirrored=False)
    assert model.predict(FACE)[0, 0] == pytest.approx(1 / (1 + np.exp(-4)))
    model.meta = {**model.meta, "temperature": 4.0}
    assert model.predict(FACE)[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))


def test_no_face_and_faces_that_do_not_fit() -> None:
    model = Brightness(mirrored=True)
    assert model.logits(FACE[:0]).shape == model.embed(FACE[:0]).shape == (0, 2)
    with pytest.raises(
        InputError, match=r"faces are uint8 \(1, 4, 3\); halves takes uint8 \(face, 4, 4\): resize them"
    ):
        model.logits(FACE[:, :, :3])


def test_weights_that_overflow_are_refused() -> None:
    with pytest.raises(WeightsError, match="halves: its weights give values that are not finite numbers"):
        Brightness(mirrored=False, more=float("inf")).logits(FACE)
