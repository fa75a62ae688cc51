"""Settings of a transfer that are out of range."""

import pytest

from seqfer.core.errors import SettingsError
from seqfer.experiments.transfer.settings import TransferSettings
from seqfer.training.settings import ImageTraining


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"folds": 1}, "folds"),
        ({"folds": -2}, "folds"),
        ({"protocols": ("random",)}, "protocols"),
        ({"protocols": ()}, "protocols"),
        ({"protocols": ("plain", "plain")}, "name each protocol once"),
        ({"seed": -1}, "seed"),
        ({"classes": "five"}, "six, seven"),
        ({"training": ImageTraining(freeze=1)}, "training.freeze is determined by unfreeze and stages"),
        ({"scratch_training": ImageTraining(freeze=2)}, "scratch_training.freeze is determined"),
    ],
)
def test_what_cannot_be_is_one_line(values, words):
    with pytest.raises(SettingsError, match=words) as caught:
        TransferSettings(**values)
    assert "\n" not in str(caught.value)


def test_rates_fall_towards_the_input_by_default_and_the_head_trains_alone_first():
    settings = TransferSettings()
    assert settings.training.layer_decay < 1
    assert settings.head_training.learning_rate > settings.training.learning_rate
