"""Figures of a study: means over recordings, groups that differ where they were made to, and names that are not there."""

import numpy as np
import pytest
from study_files import DIFFERENCE, write_study

from seqfer.core.errors import SettingsError
from seqfer.study.analysis import alike, chosen_groups, mean_interval
from seqfer.study.series import StimulusSeries, stimulus_series
from seqfer.study.settings import StudyReportSettings
from seqfer.study.study_file import read_study


def test_groups_differ_where_they_were_made_to(tmp_path):
    study = read_study(write_study(tmp_path))
    settings = StudyReportSettings(axis="valence")
    comedy, drama = alike(study, stimulus_series(study, settings, None)[0], settings)
    for source in comedy.sources:
        test = source.groups
        assert (test.groups, test.participants, test.permutations, test.exact) == (("a", "b"), (3, 3), 20, True)
        best = [
            one for one in test.clusters if one.p == pytest.approx(0.1)
        ]  # the lowest that three against three can have
        assert best
        raised = [one for one in best if one.difference > 0]
        assert all(DIFFERENCE[0] <= one.start_s < one.end_s <= DIFFERENCE[1] for one in raised)
        assert sum(one.end_s - one.start_s for one in raised) > 5
        assert source.mean_correlation > 0.5
        assert source.mean_with_others > source.mean_correlation
    assert min(one.p for source in drama.sources for one in source.groups.clusters) > 0.1


def test_a_single_participant_has_a_line_and_no_correlation(tmp_path):
    study = read_study(write_study(tmp_path))
    one = StimulusSeries("comedy", "model", 1.0, ("P01",), np.arange(20.0)[None] / 20)
    ((source,),) = (stimulus.sources for stimulus in alike(study, [one], StudyReportSettings()))
    assert np.isnan(source.mean_correlation)
    assert np.isnan(source.mean_with_others)
    assert (source.moments, source.groups) == ((), None)


def test_groups_by_name(tmp_path):
    study = read_study(write_study(tmp_path / "with"))
    assert chosen_groups(study, ()) == ("a", "b")
    assert chosen_groups(study, ("b", "a")) == ("b", "a")
    with pytest.raises(SettingsError, match="'c' is no group of the study; allowed: a, b"):
        chosen_groups(study, ("a", "c"))
    without = read_study(write_study(tmp_path / "without", groups=False))
    assert chosen_groups(without, ()) is None
    with pytest.raises(SettingsError, match="give participants a `group"):
        chosen_groups(without, ("a", "b"))


def test_intervals_of_a_mean():
    low, high = mean_interval(0.9, 0.2, 3, 0.95, (-1, 1))
    assert low == pytest.approx(0.9 - 4.302653 * 0.2 / np.sqrt(3))
    assert high == 1
    assert np.isnan(mean_interval(0.9, float("nan"), 1, 0.95, (-1, 1))).all()
