"""McNemar's test against statsmodels and worked by hand; the bootstrap by person against one that draws people one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.metrics.paired import (
    accuracy_difference_by_person,
    mcnemar,
    valence_differences_by_person,
)
from seqfer.metrics.traces import ccc, rmse


def answers(only_first: int, only_second: int, both: int = 5) -> tuple[list[bool], list[bool]]:
    first = [True] * (only_first + both) + [False] * only_second
    second = [False] * only_first + [True] * (both + only_second)
    return first, second


def test_exact_by_hand() -> None:
    # 15 discordant clips: 2 (C(15,0) + C(15,1) + C(15,2) + C(15,3)) / 2^15 = 2 * 576 / 32768
    found = mcnemar(*answers(3, 12))
    assert (found.only_first, found.only_second, found.exact) == (3, 12, True)
    assert found.p_value == 2 * 576 / 32768
    assert math.isnan(found.statistic)


# statsmodels 0.15.0: mcnemar([[9, b], [c, 9]], exact=b + c < 25, correction=True), statistic and pvalue
@pytest.mark.parametrize(
    ("b", "c", "exact", "statistic", "p_value"),
    [
        (3, 12, True, None, 0.03515625),
        (11, 13, True, None, 0.8388197422027588),
        (5, 5, True, None, 1.0),
        (0, 0, True, None, 1.0),
        (14, 11, False, 0.16, 0.6891565167793516),
        (121, 59, False, 20.67222222222222, 5.450094825427117e-06),
    ],
)
def test_golden_values_of_statsmodels(b: int, c: int, exact: bool, statistic: float | None, p_value: float) -> None:
    found = mcnemar(*answers(b, c))
    assert found.exact == exact
    assert found.p_value == pytest.approx(p_value, rel=1e-12)
    assert statistic is None or found.statistic == pytest.approx(statistic, rel=1e-12)


def test_accuracy_by_hand_and_against_people_drawn_one_by_one() -> None:
    rng = np.random.default_rng(1)
    people = [f"p{k}" for k in rng.integers(0, 12, 150)]
    first, second = rng.random(150) < 0.6, rng.random(150) < 0.75
    found = accuracy_difference_by_person(first, second, people, samples=4000)
    assert found.first == pytest.approx(first.mean())
    assert found.difference == pytest.approx(second.mean() - first.mean())
    gained, drawn = second.astype(float) - first, []
    members = [np.flatnonzero(np.array(people) == name) for name in sorted(set(people))]
    for _ in range(4000):
        clips = np.concatenate([members[k] for k in rng.integers(0, len(members), len(members))])
        drawn.append(gained[clips].mean())
    assert [found.low, found.high] == pytest.approx(np.percentile(drawn, [2.5, 97.5]).tolist(), abs=0.012)


def test_the_interval_is_wider_by_person_than_by_clip_where_a_persons_clips_agree() -> None:
    first, second = np.zeros(100), np.repeat(np.arange(10) % 2, 10)
    by_person = accuracy_difference_by_person(first, second, [str(k // 10) for k in range(100)])
    by_clip = accuracy_difference_by_person(first, second, [str(k) for k in range(100)])
    assert by_person.high - by_person.low > 2 * (by_clip.high - by_clip.low)


def test_valence_values_are_those_of_the_traces_metrics_and_the_interval_that_of_people_drawn_one_by_one() -> None:
    rng = np.random.default_rng(2)
    truth = rng.uniform(-1, 1, 120)
    first, second = truth + rng.normal(0, 0.4, 120), 0.7 * truth + rng.normal(0.1, 0.2, 120)
    people = [f"p{k % 15}" for k in range(120)]
    found = valence_differences_by_person(first, second, truth, people, samples=3000)
    for name, measure in (("rmse", rmse), ("ccc", ccc)):
        assert found[name].first == pytest.approx(measure(first, truth))
        assert found[name].second == pytest.approx(measure(second, truth))
        assert found[name].difference == pytest.approx(measure(second, truth) - measure(first, truth))
        drawn = []
        for _ in range(3000):
            rows = np.concatenate([np.arange(k, 120, 15) for k in rng.integers(0, 15, 15)])
            drawn.append(measure(second[rows], truth[rows]) - measure(first[rows], truth[rows]))
        low, high = np.percentile(drawn, [2.5, 97.5])
        assert (found[name].low, found[name].high) == (pytest.approx(low, abs=0.015), pytest.approx(high, abs=0.015))


def test_what_is_undefined_is_nan() -> None:
    one = accuracy_difference_by_person([True, False], [True, True], ["p", "p"])
    assert one.difference == 0.5
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    flat = valence_differences_by_person([0.5, 0.5], [0.1, 0.2], [0.5, 0.5], ["p", "q"])["ccc"]
    assert math.isnan(flat.first)
    assert flat.second == 0


def test_arrays_of_different_clips_are_refused() -> None:
    with pytest.raises(InputError, match="give two of the same clips"):
        mcnemar([True], [True, False])
    with pytest.raises(InputError, match="give one person per row"):
        accuracy_difference_by_person([True], [False], [])
