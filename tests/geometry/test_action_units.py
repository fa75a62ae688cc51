import re

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.geometry.action_units import ACTION_UNITS, COLUMNS, action_unit_estimates, column_of, number_of
from seqfer.geometry.blendshapes import BLENDSHAPES


def estimate(column, **scores):
    given = np.zeros((1, len(BLENDSHAPES)), np.float32)
    for name, score in scores.items():
        given[0, BLENDSHAPES.index(name)] = score
    return float(action_unit_estimates(given)[0, COLUMNS.index(column)])


def test_every_unit_is_one_of_facs_and_reads_known_scores():
    numbers = [unit.number for unit in ACTION_UNITS]
    assert numbers == sorted(set(numbers))
    assert max(numbers) <= 64
    assert all(name in BLENDSHAPES for unit in ACTION_UNITS for name in unit.blendshapes)
    read = [name for unit in ACTION_UNITS for name in unit.blendshapes]
    assert len(read) == len(set(read)), "a blendshape has one nearest action unit"


def test_sides_are_averaged():
    assert estimate("AU12_estimate", mouthSmileLeft=0.8, mouthSmileRight=0.4) == pytest.approx(0.6)
    assert estimate("AU01_estimate", browInnerUp=0.7) == pytest.approx(0.7)


def test_a_wink_is_no_blink_and_the_jaw_goes_to_one_side():
    assert estimate("AU45_estimate", eyeBlinkLeft=0.9) == 0
    assert estimate("AU45_estimate", eyeBlinkLeft=0.9, eyeBlinkRight=0.8) == pytest.approx(0.8)
    assert estimate("AU30_estimate", jawLeft=0.1, jawRight=0.6) == pytest.approx(0.6)


def test_gaze_to_the_left_turns_the_left_eye_out_and_the_right_eye_in():
    assert estimate("AU61_estimate", eyeLookOutLeft=1, eyeLookInRight=1) == 1
    assert estimate("AU62_estimate", eyeLookOutLeft=1, eyeLookInRight=1) == 0


def test_missing_scores_make_missing_estimates():
    scores = np.zeros((2, len(BLENDSHAPES)))
    scores[1] = np.nan
    found = action_unit_estimates(scores)
    assert not np.isnan(found[0]).any()
    assert np.isnan(found[1]).all()
    assert action_unit_estimates(np.zeros((0, len(BLENDSHAPES)))).shape == (0, len(ACTION_UNITS))


def test_columns_are_named_as_estimates():
    assert all(re.fullmatch(r"AU\d\d_estimate", column) for column in COLUMNS)
    assert column_of(1) == "AU01_estimate"
    assert number_of("AU01_estimate") == 1
    assert number_of("AU1_estimate") is None
    assert number_of("AU12") is None


def test_another_shape_is_refused():
    with pytest.raises(InputError, match=r"shape \(51,\); give \(face, 52\)"):
        action_unit_estimates(np.zeros(51))
