"""Faces from memory: types, shapes and sizes that are taken, and one-line errors for all others."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.corpus.face_arrays import face_stack


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_faces_of_the_size_and_type_stay_as_they_are() -> None:
    faces = noise(3, 24, 24)
    assert np.array_equal(face_stack(faces, 24), faces)
    assert np.array_equal(face_stack(list(faces), 24), faces)
    assert np.array_equal(face_stack(faces[0], 24), faces[:1])
    assert np.array_equal(face_stack(faces / 255, 24), faces)
    assert np.array_equal(face_stack((faces / 255).astype(np.float32), 24), faces)


def test_colour_becomes_grey_before_it_is_resized() -> None:
    face = noise(60, 50, 3)
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)
    expected = cv2.resize(grey, (24, 24), interpolation=cv2.INTER_AREA)
    assert np.array_equal(face_stack(face, 24), expected[None])
    assert np.array_equal(face_stack(np.stack([face, face]), 24)[1], expected)
    assert np.array_equal(face_stack([face, grey, face[::-1]], 24)[:2], [expected, expected])


def test_models_of_three_channels_get_colour() -> None:
    assert face_stack([noise(30, 30), noise(20, 40, 3)], 24, 3).shape == (2, 24, 24, 3)
    assert face_stack([], 24, 3).shape == (0, 24, 24, 3)
    assert face_stack(np.zeros((0, 24, 24), np.uint8), 24).shape == (0, 24, 24)


@pytest.mark.parametrize(
    ("faces", "said"),
    [
        (noise(2, 24, 24).astype(int), "values of type int64; allowed: uint8 from 0 to 255"),
        (noise(2, 24, 24).astype(float), r"floats from 0 to 255; allowed: 0 to 1 \(divide by 255\)"),
        (np.full((24, 24), -0.1), r"floats from -0\.1 to -0\.1"),
        (np.full((24, 24), np.nan), "floats from nan to nan"),
        (np.zeros((2, 24, 24), bool), "values of type bool"),
        (noise(24), r"shape \(24,\); allowed: \(face, height, width\)"),
        (noise(2, 24, 24, 4), r"shape \(2, 24, 24, 4\)"),
        ([noise(24, 24), noise(2, 24, 24)], r"face 1 of the list has the shape \(2, 24, 24\)"),
        ([noise(24, 24), noise(0, 24)], r"face 1 of the list has the shape \(0, 24\)"),
        ([noise(24, 24), "face.png"], "face 1 of the list: values of type <U8"),
        ([[[1, 2], [3]]], "face 0 of the list: a list that is not an array of numbers"),
        ("face.png", "values of type <U8"),
    ],
)
def test_other_types_ranges_and_shapes_are_one_line(faces: Any, said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        face_stack(faces, 24)
    assert "\n" not in str(error.value)
