import json
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import InputError, WeightsError
from seqfer.core.files import file_checksum
from seqfer.geometry import blendshapes
from seqfer.geometry.blendshapes import BLENDSHAPES, PATH, POINTS, SHA256, blendshape_scores, upright

# The mean shapes of faces that have most of some score, and the scores of MediaPipe's network for them; written by tools/train_blendshapes.py.
GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "blendshapes.json").read_text())
NAMES = [one["name"] for one in GOLDEN]


def meshes(points_xy):
    """Meshes (face, 478, 3) in pixels, a face 200 wide, whose points that do not count are far away."""
    points = np.asarray(points_xy)
    mesh = np.full((len(points), 478, 3), 1e6, np.float32)
    mesh[:, POINTS, :2] = 300 + 100 * points
    return mesh


GIVEN = meshes([one["points"] for one in GOLDEN])
TEACHER = np.array([one["scores"] for one in GOLDEN])


def test_scores_are_near_those_of_mediapipes_network():
    scores = blendshape_scores(GIVEN)
    assert scores.dtype == np.float32
    assert np.abs(scores - TEACHER).mean() < 0.015
    assert np.abs(scores - TEACHER).max() < 0.2
    assert np.corrcoef(scores.ravel(), TEACHER.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_shape_has_most_of_the_score_it_was_chosen_for(name):
    column = blendshape_scores(GIVEN)[:, BLENDSHAPES.index(name)]
    assert NAMES[int(np.argmax(column))] == name
    assert column.max() > column[NAMES.index("mean")] + 0.08


def test_place_size_and_tilt_do_not_matter():
    angle = np.radians(35)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = GIVEN.copy()
    moved[:, POINTS, :2] = (GIVEN[:, POINTS, :2] @ turn.T) * 3.7 - 50
    np.testing.assert_allclose(blendshape_scores(moved), blendshape_scores(GIVEN), atol=2e-3)


def test_the_order_of_faces_and_their_number_do_not_matter():
    whole = blendshape_scores(GIVEN)
    np.testing.assert_allclose(blendshape_scores(GIVEN[3:4]), whole[3:4], atol=1e-5)
    assert blendshape_scores(GIVEN[:0]).shape == (0, 52)


def test_missing_points_and_faces_without_size_make_missing_scores():
    given = GIVEN[:3].copy()
    given[1, POINTS[0], 0] = np.nan
    given[2] = 7
    scores = blendshape_scores(given)
    assert not np.isnan(scores[0]).any()
    assert np.isnan(scores[1:]).all()


def test_a_shape_is_turned_upright():
    shape = upright(GIVEN[:, POINTS, :2], np.asarray(GOLDEN[0]["points"], np.float32))
    np.testing.assert_allclose(shape.mean(1), 0, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(shape, axis=2).mean(1), 1, atol=1e-4)


def test_names_and_points_are_those_of_the_network():
    assert len(set(BLENDSHAPES)) == 52
    assert len(set(POINTS)) == 146
    assert list(POINTS) == sorted(POINTS)
    assert max(POINTS) == 477


def test_other_shapes_are_refused():
    with pytest.raises(InputError, match=r"landmarks of shape \(478, 3\); give \(face, 478, 3\)"):
        blendshape_scores(np.zeros((478, 3)))


def test_a_damaged_file_is_refused(tmp_path, monkeypatch):
    assert file_checksum(PATH) == SHA256
    damaged = tmp_path / "blendshapes.safetensors"
    damaged.write_bytes(PATH.read_bytes()[:-1] + b"x")
    blendshapes._weights.cache_clear()
    monkeypatch.setattr(blendshapes, "PATH", damaged)
    with pytest.raises(WeightsError, match="checksum"):
        blendshape_scores(GIVEN)
