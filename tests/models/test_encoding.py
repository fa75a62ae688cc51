"""The encoder of a cross-validation: from a file, from random weights, with other classes."""

from __future__ import annotations

import pytest
import torch
from tiny_models import CLASSES, film_model

from seqfer.core.errors import WeightsError
from seqfer.core.files import file_checksum
from seqfer.models.encoding import Encoding


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    return folder / "encoder.safetensors", film_model(folder)[2]


def test_random_weights_are_always_trained(file) -> None:
    assert Encoding("tiny", "none", False).trains
    assert not Encoding("tiny", str(file[0]), False).trains
    assert Encoding("tiny", str(file[0]), True).trains


def test_a_file_gives_its_weights_and_its_checksum(file) -> None:
    path, written = file
    encoder, checksum = Encoding("tiny", str(path), False).open(("anger", "fear"), "cpu")
    assert checksum == file_checksum(path)
    assert not encoder.training
    for name, value in written.state_dict().items():
        assert torch.equal(encoder.state_dict()[name], value), name


def test_to_be_trained_it_gets_the_classes_and_keeps_what_it_knows_of_them(file) -> None:
    path, written = file
    classes = ("sadness", "contempt", "anger")
    encoder, _ = Encoding("tiny", str(path), True).open(classes, "cpu")
    assert encoder.classifier.weight.shape[0] == 3
    for row, name in ((0, "sadness"), (2, "anger")):
        assert torch.equal(encoder.classifier.weight[row], written.classifier.weight[CLASSES.index(name)])


def test_random_weights_follow_the_seed_and_another_encoder_is_refused(file) -> None:
    torch.manual_seed(1)
    first, checksum = Encoding("tiny", "none", True).open(("anger", "fear"), "cpu")
    torch.manual_seed(1)
    second, _ = Encoding("tiny", "none", True).open(("anger", "fear"), "cpu")
    assert checksum == "none"
    assert first.classifier.weight.shape[0] == 2
    assert torch.equal(first.classifier.weight, second.classifier.weight)
    with pytest.raises(WeightsError, match="tiny") as error:
        Encoding("small", str(file[0]), False).open(("anger", "fear"), "cpu")
    assert "\n" not in str(error.value)
