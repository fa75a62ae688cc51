"""The chart of all participants: a line each, mean and deviation, and bars where moments and clusters are."""

import re

import numpy as np
import pytest

from seqfer.report.study_chart import mean_and_spread, participants
from seqfer.runs.kinds.study import StudyCluster, StudyGroups, StudyMoment, StudySource
from seqfer.study.series import StimulusSeries

PEOPLE = ("P1", "P2", "P3", "P4")


def chart(p, groups=True):
    series = StimulusSeries("film", "model", 1.0, PEOPLE, np.random.default_rng(0).uniform(-1, 1, (4, 50)))
    clusters = (StudyCluster(start_s=10, end_s=20, mass=30, p=p, difference=0.4),)
    compared = StudyGroups(
        groups=("a", "b"), participants=(2, 2), threshold=4.3, permutations=6, exact=True, clusters=clusters
    )
    source = StudySource(
        source="model",
        participants=PEOPLE,
        correlations=((0.0,) * 4,) * 4,
        with_others=(0.0,) * 4,
        mean_correlation=0.0,
        mean_with_others=0.0,
        moments=(StudyMoment(start_s=25, end_s=35, correlation=0.8, mean=0.1),),
        groups=compared if groups else None,
    )
    members = {"a": PEOPLE[:2], "b": PEOPLE[2:]} if groups else {}
    return participants(series, source, members, 0.95, "all <participants>")


def test_lines_bars_and_label():
    text = chart(0.01)
    assert text.count('class="person l0"') == text.count('class="person l1"') == 2
    assert text.count('class="trace l0"') == text.count('class="trace l1"') == 1
    assert 'aria-label="all &lt;participants&gt;"' in text
    moment = re.search(
        r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*class="s2"><title>moment 1: mean correlation 0.80', text
    )
    assert (float(moment[1]), float(moment[2])) == (pytest.approx(46 + 500), pytest.approx(200))
    assert 'class="ink"><title>groups differ' in text


def test_only_significant_clusters_are_marked_and_without_groups_there_is_one_mean():
    assert "groups differ" not in chart(0.2)
    text = chart(0.01, groups=False)
    assert text.count('class="person l0"') == 4
    assert text.count('class="meanline"') == 1


def test_mean_and_deviation_leave_out_missing_values():
    mean, spread = mean_and_spread(np.array([[0.0, 1.0, np.nan], [1.0, np.nan, np.nan]]))
    np.testing.assert_allclose(mean, [0.5, 1.0, np.nan])
    np.testing.assert_allclose(spread, [np.sqrt(0.5), np.nan, np.nan])
