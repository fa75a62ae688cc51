"""Valence over the time of a stimulus: offsets and delays are removed, raters fused, participants without values left out."""

import numpy as np
import pytest
from study_files import OFFSET_S, PEOPLE, SECONDS, valence, write_study

from seqfer.study.series import is_annotated, rating_files, stimulus_series
from seqfer.study.settings import StudyReportSettings
from seqfer.study.study_file import read_study


def series(path, **settings):
    return stimulus_series(read_study(path), StudyReportSettings(axis="valence", **settings), None)


def test_the_time_is_that_of_the_stimulus(tmp_path):
    found, problems = series(write_study(tmp_path))
    assert problems == []
    assert [(one.stimulus, one.source) for one in found] == [
        (stimulus, source) for stimulus in ("comedy", "drama") for source in ("model", "raters")
    ]
    seconds = np.arange(SECONDS)
    for one in found:
        assert one.participants == PEOPLE
        true = np.stack([valence(k, one.stimulus, np.arange(SECONDS + OFFSET_S) - OFFSET_S)[2:] for k in range(6)])
        expected = np.clip(0.8 * true + 0.05, -1, 1) if one.source == "model" else true
        np.testing.assert_allclose(one.values[:, :SECONDS], expected, atol=1e-6 if one.source == "model" else 0.15)
        np.testing.assert_array_equal(one.start_s[:SECONDS], seconds)


def test_participants_without_annotation_and_raters_who_are_not_of_the_study(tmp_path):
    path = write_study(tmp_path, annotated=2)
    path.write_text(path.read_text().replace("['ann', 'ben']", "['ann']"))
    study = read_study(path)
    assert [is_annotated(study, one) for one in study.recordings[:3]] == [True, True, False]
    assert [file.name for file in rating_files(study, study.recordings[0])] == ["ann.csv"]
    found, _ = series(path)
    assert [(one.source, len(one.participants)) for one in found] == [("model", 2), ("raters", 6), ("raters", 6)]


def test_a_damaged_file_is_a_problem_of_its_recording(tmp_path):
    path = write_study(tmp_path)
    (tmp_path / "ratings/ratings/P01-comedy/ann.csv").write_text("time_s,valence\n0,7\n")
    found, problems = series(path)
    assert len(problems) == 1
    assert problems[0].startswith("P01-comedy: ")
    assert "P01" not in next(one for one in found if one.source == "raters").participants


@pytest.mark.parametrize("offset", [-1.0, 2.5])
def test_offsets_of_any_size(tmp_path, offset):
    path = write_study(tmp_path)
    path.write_text(path.read_text().replace(f"offset_s = {OFFSET_S}", f"offset_s = {offset}", 1))
    model = series(path)[0][0]
    at = valence(0, "comedy", np.arange(SECONDS + OFFSET_S) - OFFSET_S) * 0.8 + 0.05
    if offset < 0:
        assert np.isnan(model.values[0, 0])
        np.testing.assert_allclose(model.values[0, 1:10], at[:9], atol=1e-6)
    else:
        np.testing.assert_allclose(model.values[0, :9], (at[2:11] + at[3:12]) / 2, atol=1e-6)
