"""From probabilities under corruptions to scores."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from seqfer.core.errors import SettingsError
from seqfer.core.records import Clip
from seqfer.experiments.stress.corruptions import choose
from seqfer.experiments.stress.scoring import by_group, members, scores, stressed, worst_first


def test_scores_of_a_small_example():
    clean = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    labels = np.array([0, 0, 1, 1])  # the last one is wrong
    flipped = clean[:, ::-1]
    row = stressed(choose(["mirror"])[0], clean, flipped[None], labels, ("anger", "fear"))
    assert [level.accuracy for level in row.levels] == [0.75, 0.25]
    assert row.mean_drop == 0.5
    assert row.mean_drop_se == pytest.approx(np.std([1, 1, 1, -1], ddof=1) / 2)
    none = stressed(choose(["mirror"])[0], clean[:0], flipped[None, :0], labels[:0], ("anger", "fear"))
    assert math.isnan(none.levels[0].accuracy)
    assert math.isnan(none.mean_drop)


NAMES = ("anger", "fear")
CLEAN = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
LABELS = np.array([0, 0, 1, 1])


def test_scores_with_wilsons_interval_by_hand():
    one = scores(CLEAN, LABELS, NAMES)
    z = 1.959963984540054
    middle, half = (0.75 + z * z / 8) / (1 + z * z / 4), z / (1 + z * z / 4) * math.sqrt(0.75 * 0.25 / 4 + z * z / 64)
    assert (one.accuracy, one.count) == (0.75, 4)
    assert (one.low, one.high) == pytest.approx((middle - half, middle + half))
    assert one.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2)


def test_the_mean_is_over_levels_with_equal_weights():
    shift = choose(["shift"])[0]
    levels = np.stack([CLEAN, CLEAN, CLEAN[:, ::-1], CLEAN[:, ::-1], CLEAN[:, ::-1]])
    row = stressed(shift, CLEAN, levels, LABELS, NAMES)
    assert row.mean_accuracy == pytest.approx((2 * 0.75 + 3 * 0.25) / 5)
    assert row.mean_drop == pytest.approx(0.75 - row.mean_accuracy)
    assert [level.level for level in row.levels] == [0, 1, 2, 3, 4, 5]
    assert row.levels[0].strength == shift.strength(0)


def test_the_largest_drop_comes_first_and_equal_ones_keep_their_order():
    one = stressed(choose(["mirror"])[0], CLEAN, CLEAN[None], LABELS, NAMES)
    drops = (("a", 0.1), ("b", 0.3), ("c", 0.1), ("d", -0.2))
    rows = [replace(one, name=name, mean_drop=drop) for name, drop in drops]
    assert [row.name for row in worst_first(rows)] == ["b", "a", "c", "d"]


def clip(name, **attributes):
    return Clip(name, name, None, ("a.png",), "own", attributes=attributes)


def test_groups_of_clips_by_an_attribute():
    clips = [clip("a", glasses="yes"), clip("b"), clip("c", glasses="no", hat="no"), clip("d", glasses="yes")]
    assert {value: index.tolist() for value, index in members(clips, "glasses").items()} == {"no": [2], "yes": [0, 3]}
    with pytest.raises(SettingsError, match="no clip has the attribute 'beard'; --groups may name: glasses, hat"):
        members(clips, "beard")
    many = [clip(str(k), number=str(k)) for k in range(13)]
    with pytest.raises(SettingsError, match="attribute 'number' has 13 values; allowed: up to 12"):
        members(many, "number")


def test_the_group_with_the_lowest_mean_comes_first():
    mirror = choose(["mirror"])[0]
    groups = {"first": np.array([0, 1]), "second": np.array([2, 3])}
    changed = np.stack([CLEAN])
    changed[0, :2] = CLEAN[:2, ::-1]  # only the first group is disturbed
    low, high = by_group(groups, [mirror], CLEAN, {"mirror": changed}, LABELS, NAMES)
    assert (low.group, low.clean.accuracy, low.mean_accuracy, low.mean_drop) == ("first", 1.0, 0.0, 1.0)
    assert (high.group, high.mean_accuracy, high.mean_drop) == ("second", 0.5, 0.0)
