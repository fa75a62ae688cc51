"""The settings of a rating session and the rules between them."""

import pytest

from seqfer.core.errors import SettingsError
from seqfer.study.settings import RatingSettings, StudyReportSettings


def test_labels_are_those_of_valence_and_of_other_axes():
    assert RatingSettings().labels == (("very negative", "very positive"),)
    two = RatingSettings(axes=("valence", "arousal"), high_labels=("good", "excited"))
    assert two.labels == (("very negative", "good"), ("very low", "excited"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"axes": ()}, "give one axis"),
        ({"axes": ("a", "b", "c")}, "a, b, c; give one axis, or two"),
        ({"axes": ("valence", "valence")}, "two different ones"),
        ({"axes": ("time_s",)}, "axes"),
        ({"axes": ("<b>",)}, "axes"),
        ({"low_labels": ("bad", "worse")}, "2 texts for 1 axes"),
        ({"sample_hz": 5.0}, "10 to 60"),
        ({"mode": "free"}, "bounded, unbounded"),
        ({"countdown_s": 11}, "0 to 10"),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_one_line(given, words):
    with pytest.raises(SettingsError) as error:
        RatingSettings(**given)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_settings_of_a_report():
    assert StudyReportSettings().groups == ()
    with pytest.raises(SettingsError, match="groups: a, a; give two different groups"):
        StudyReportSettings(groups=("a", "a"))
    with pytest.raises(SettingsError, match="2 s are fewer than 3 bins at 1 Hz"):
        StudyReportSettings(window_s=2.0)
    assert StudyReportSettings(window_s=2.0, rate_hz=2.0).window_s == 2
