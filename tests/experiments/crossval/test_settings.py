"""Settings of a cross-validation: what fits together."""

from __future__ import annotations

import pytest

from seqfer.core.errors import SettingsError
from seqfer.experiments.crossval.settings import CvSettings, part_of


def test_settings_refuse_nonsense():

    with pytest.raises(SettingsError, match="once"):
        CvSettings(heads=("lstm", "lstm"))
    with pytest.raises(SettingsError, match="name it among the heads"):
        CvSettings(encoder="linear_svm")
    with pytest.raises(SettingsError, match="validation_share"):
        CvSettings(validation_share=0.9)


def test_classes_follow_the_task():
    assert CvSettings().classes == "six"
    assert CvSettings(task="valence").classes == "any"
    assert CvSettings(task="valence", classes="seven").classes == "seven"
    with pytest.raises(SettingsError, match="classes = 'any'; allowed: six, seven"):
        CvSettings(classes="any")


def test_the_mean_and_for_valence_the_constant_always_run():
    assert CvSettings(heads=("gru",)).all_heads == ("gru", "mean")
    assert CvSettings(heads=("mean", "gru")).all_heads == ("mean", "gru")
    assert CvSettings(heads=("gru",), task="valence").all_heads == ("gru", "mean", "constant")


def test_baselines_are_heads_of_emotion_only():
    assert part_of("linear_svm")[0] == "baselines"
    assert part_of("lstm")[0] == "heads"
    with pytest.raises(SettingsError, match="'linear_svm' classifies still images; heads for the task valence: bilstm"):
        CvSettings(task="valence", heads=("linear_svm",))
    with pytest.raises(
        SettingsError, match=r"unknown head 'lstmm'; allowed: bilstm.* or a dotted path of your own module"
    ):
        part_of("lstmm")


def test_a_fitted_baseline_may_give_the_features():
    assert (
        CvSettings(encoder="linear_svm", encoder_weights="runs/svm/encoder.safetensors").encoding.encoder
        == "linear_svm"
    )


def test_an_included_model_is_named_as_everywhere_else():
    assert CvSettings(encoder="small") == CvSettings(encoder="resezap_mirrored")
    assert CvSettings(encoder="compact") == CvSettings()
    assert CvSettings(encoder="small").encoding.open(("anger", "fear"), "cpu")[0].feature_dim == 96
