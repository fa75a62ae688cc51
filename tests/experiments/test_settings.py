"""Settings of evaluations and of leaderboards that are out of range."""

import pytest

from seqfer.core.errors import SettingsError
from seqfer.experiments.settings import EvaluateSettings, EvaluateValenceSettings, LeaderboardSettings


@pytest.mark.parametrize(
    ("kind", "values", "word"),
    [
        (EvaluateSettings, {"prior": "uniform"}, "prior"),
        (EvaluateSettings, {"mirror": "yes"}, "mirror"),
        (EvaluateValenceSettings, {"min_votes": 0}, "min_votes"),
        (EvaluateValenceSettings, {"seed": -1}, "seed"),
    ],
)
def test_what_is_out_of_range_is_one_line(kind, values, word):
    with pytest.raises(SettingsError, match=word) as caught:
        kind("compact", "fer.jsonl", **values)
    assert "allowed" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_runs_are_ranked_by_a_known_measure():
    assert LeaderboardSettings(by="macro_f1").by == "macro_f1"
    with pytest.raises(SettingsError, match="by = 'accuracy'; allowed: error, macro_f1"):
        LeaderboardSettings(by="accuracy")
