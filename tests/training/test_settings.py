"""Settings of trainings: what is out of range, and what does not fit together."""

import pytest

from seqfer.core.errors import SettingsError
from seqfer.training.settings import (
    HeadSettings,
    HeadTraining,
    ImageTraining,
    SvmTraining,
    TrainSettings,
    ValenceHeadSettings,
    ValenceSettings,
    need_data,
)


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (ImageTraining, {"epochs": 0}, "epochs"),
        (ImageTraining, {"batch_size": 1}, "batch_size"),
        (ImageTraining, {"learning_rate": 11.0}, "learning_rate"),
        (ImageTraining, {"learning_rate": float("nan")}, "learning_rate"),
        (ImageTraining, {"layer_decay": 0.0}, "layer_decay"),
        (ImageTraining, {"optimizer": "adam"}, "optimizer"),
        (HeadTraining, {"dropout": 1.0}, "dropout"),
        (HeadTraining, {"noise": -0.1}, "noise"),
        (SvmTraining, {"penalties": ()}, "penalties"),
        (SvmTraining, {"penalties": (0.1, -1.0)}, "penalties"),
        (SvmTraining, {"penalties": (0.1, 0.1)}, "name each value once"),
        (TrainSettings, {"held_back": 0.0}, "held_back"),
        (TrainSettings, {"classes": "five"}, "six, seven"),
        (TrainSettings, {"pretrained": True, "start": "a.safetensors"}, "choose one to start from"),
        (TrainSettings, {"training": ImageTraining(distillation=0.5)}, "needs teachers"),
        (TrainSettings, {"encoder": "linear_svm", "teachers": ("compact",)}, "linear_svm is a baseline"),
        (HeadSettings, {"length": 7}, "length"),
        (HeadSettings, {"held_back": 0.6}, "held_back"),
        (ValenceSettings, {"target": "levels"}, "target"),
        (ValenceHeadSettings, {"held_back": 0.0}, "held_back"),
    ],
)
def test_what_cannot_be_is_one_line(kind, values, words):
    with pytest.raises(SettingsError, match=words) as caught:
        kind(**values)
    assert "\n" not in str(caught.value)


def test_no_share_held_back_means_that_of_the_encoders_own_training():
    assert HeadSettings(held_back=0).held_back == 0
    assert ValenceSettings(held_back=0).held_back == 0


def test_a_training_runs_on_the_commands_device_unless_it_names_one():
    assert ImageTraining().on("cuda:1").device == "cuda:1"
    assert ImageTraining(device="cpu").on("cuda:1").device == "cpu"


def test_a_run_folder_states_the_settings_that_its_model_uses():
    net, svm = TrainSettings(encoder="tiny").result_settings, TrainSettings(encoder="linear_svm").result_settings
    assert ("training" in net, "svm" in net) == (True, False)
    assert ("training" in svm, "svm" in svm) == (False, True)
    assert net["training"]["epochs"] == ImageTraining().epochs


def test_data_must_be_named() -> None:
    need_data("ck.jsonl", "ck48")
    with pytest.raises(SettingsError, match=r"no data; .*seqfer prepare ck48 ROOT -o ck48\.jsonl"):
        need_data("", "ck48")
    with pytest.raises(SettingsError, match="make one with `seqfer prepare-films`"):
        need_data("", "films", "seqfer prepare-films")


def test_a_new_run_is_named_after_what_is_trained_and_its_seed():
    assert TrainSettings(encoder="tiny", seed=3).run_name == "train-tiny-seed3"
    assert HeadSettings(head="gru").run_name == "head-gru-seed0"
    assert ValenceSettings(encoder="small").run_name == "valence-small-seed0"
    assert ValenceHeadSettings(head="lstm", seed=1).run_name == "valence-head-lstm-seed1"
