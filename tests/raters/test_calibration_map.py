"""Maps from predicted to rated valence, against values computed by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.raters.calibration_map import AffineMap, MonotoneMap, fit_map, map_as_dict, map_from_dict


def test_the_line_of_least_squares_by_hand():
    line = fit_map("affine", [0, 1, 2], [0, 0.5, 0.4])
    assert (line.slope, line.intercept) == pytest.approx((0.2, 0.1))
    np.testing.assert_allclose(line([0, 2, 100, math.nan]), [0.1, 0.5, 1.0, math.nan])


def test_the_line_never_falls():
    line = fit_map("affine", [0, 1, 2], [0.4, 0.2, 0.0])
    assert (line.slope, line.intercept) == pytest.approx((0.0, 0.2))


def test_weights_and_gaps_count():
    line = fit_map("affine", [0, 1, 1, math.nan], [0, 0.2, 0.8, 0.5], [1, 3, 1, 1])
    assert line(1.0) == pytest.approx(0.35)


def test_the_curve_by_hand():
    # 0.4 and 0.2 fall, so they are pooled to 0.3
    curve = fit_map("monotone", [0.0, 0.1, 0.2, 0.3], [0.0, 0.4, 0.2, 0.6])
    np.testing.assert_allclose(curve([-1, 0.1, 0.15, 0.2, 0.25, 1]), [0.0, 0.3, 0.3, 0.3, 0.45, 0.6], atol=1e-12)
    assert math.isnan(curve(math.nan))


@pytest.mark.parametrize("kind", ["affine", "monotone"])
def test_a_map_comes_back_from_json(kind):
    rng = np.random.default_rng(0)
    fitted = fit_map(kind, rng.uniform(-1, 1, 50), rng.uniform(-1, 1, 50))
    assert map_from_dict(json.loads(json.dumps(map_as_dict(fitted)))) == fitted


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"kind": "cubic"},
        {"kind": "affine", "slope": -1, "intercept": 0},
        {"kind": "affine", "slope": "x", "intercept": 0},
        {"kind": "monotone", "x": [0, 0], "y": [0, 1]},
        {"kind": "monotone", "x": [0, 1], "y": [1, 0]},
        {"kind": "monotone", "x": [0, 1], "y": [0, 2]},
        {"kind": "monotone", "x": [], "y": []},
        {"kind": "monotone", "x": [0], "y": [0, 1]},
    ],
)
def test_what_is_no_map_is_refused(value):
    with pytest.raises(InputError, match="here: "):
        map_from_dict(value, "here")


def test_nothing_to_fit_on():
    with pytest.raises(InputError, match="the same at all 2 seconds"):
        fit_map("affine", [0.5, 0.5, math.nan], [0, 1, 1])
    with pytest.raises(SettingsError, match="--map is 'cubic'"):
        fit_map("cubic", [0, 1], [0, 1])
    with pytest.raises(InputError):
        AffineMap(math.nan, 0)
    with pytest.raises(InputError):
        MonotoneMap((1.0, 0.0), (0.0, 1.0))


def test_the_curve_is_level_beyond_its_knots_and_linear_between_them():
    curve = MonotoneMap((-0.5, 0.0, 0.5), (-1.0, 0.0, 0.2))
    np.testing.assert_allclose(curve([-9, -0.5, -0.25, 0.25, 9]), [-1, -1, -0.5, 0.1, 0.2])


def test_maps_in_words():
    assert AffineMap(0.5, -0.25).in_words() == "0.500 x -0.250"
    assert AffineMap(2, 0).in_words() == "2.000 x +0.000"
    assert MonotoneMap((-0.5, 0.5), (-1, 0.2)).in_words() == "2 knots from (-0.50, -1.00) to (0.50, 0.20)"


def test_what_a_weight_of_zero_says_does_not_count():
    line = fit_map("affine", [0, 1, 2], [0, 0.5, -1], [1, 1, 0])
    assert (line.slope, line.intercept) == pytest.approx((0.5, 0.0))
