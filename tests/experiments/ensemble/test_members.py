"""Members of an ensemble: different models, common classes, features and logits of all frames."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mock_corpus import write_mock
from scipy.special import softmax

from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError
from seqfer.corpus.manifest import read_manifest
from seqfer.experiments.ensemble.members import agreed_classes, member_outputs, open_members
from seqfer.models.features import classify_images
from seqfer.models.image_model import ImageModel
from seqfer.models.weights import save_encoder


def written(path, seed: int, classes=("anger", "happiness", "surprise"), **meta) -> str:
    torch.manual_seed(seed)
    encoder = registry.find("encoders", "tiny").build(classes=len(classes)).eval()
    save_encoder(path, "tiny", encoder, classes, {"temperature": 1.5, **meta})
    return str(path)


@pytest.fixture
def manifest(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    return read_manifest(write_mock(tmp_path / "data", people=2))


def test_members_are_two_or_more_and_different(tmp_path) -> None:
    one, two = written(tmp_path / "1.safetensors", 1), written(tmp_path / "2.safetensors", 2)
    assert [m.name for m in open_members([one, two])] == [one, two]
    with pytest.raises(SettingsError, match="1 model given; an ensemble needs two or more"):
        open_members([one])
    with pytest.raises(SettingsError, match="are the same weights; an ensemble needs different models"):
        open_members([one, two, one])


def member(*classes: str) -> ImageModel:
    return ImageModel("+".join(classes), None, {"classes": list(classes)})  # type: ignore[arg-type]


def test_classes_are_those_in_the_data_in_the_first_members_order(manifest) -> None:
    both = [member("surprise", "anger", "happiness", "fear"), member("fear", "anger", "happiness", "surprise")]
    assert agreed_classes(both, manifest, "", False) == ("surprise", "anger", "happiness")
    less = [both[0], member("anger", "surprise", "sadness")]
    with pytest.raises(SettingsError, match="add --common-classes to use those that all have"):
        agreed_classes(less, manifest, "", False)
    assert agreed_classes(less, manifest, "", True) == ("surprise", "anger")
    with pytest.raises(SettingsError, match="not all members have happiness, surprise; they have anger, fear"):
        agreed_classes([member("anger", "fear"), member("fear", "anger")], manifest, "", False)
    with pytest.raises(InputError, match=r"share 1 classes \(anger\); two or more are needed"):
        agreed_classes([member("anger", "fear"), member("anger", "sadness")], manifest, "", True)


def test_outputs_are_those_of_each_member_side_by_side(manifest, tmp_path) -> None:
    classes = ("happiness", "anger", "surprise")
    members = open_members([written(tmp_path / "1.safetensors", 1), written(tmp_path / "2.safetensors", 2, classes)])
    out = member_outputs(members, manifest, ("anger", "surprise"))
    faces = np.load(manifest.root / "mock.npy")
    assert np.array_equal(out.faces, faces)
    assert out.lengths.tolist() == [len(clip.frames) for clip in manifest.clips]
    assert out.features.shape == (len(faces), 2 * members[0].encoder.feature_dim)
    for k, columns in ((0, [0, 2]), (1, [1, 2])):
        expected = classify_images(members[k].encoder, faces).numpy()[:, columns]
        assert out.logits[k] == pytest.approx(expected, abs=1e-4)
    assert out.temperatures == (1.5, 1.5)
    assert out.member_probabilities()[0] == pytest.approx(softmax(out.logits[0] / 1.5, 1))


def test_with_a_mirror_both_views_are_averaged(manifest, tmp_path) -> None:
    members = open_members([written(tmp_path / "1.safetensors", 1), written(tmp_path / "2.safetensors", 2)])
    out = member_outputs(members, manifest, ("anger", "surprise"), mirror=True)
    faces = np.load(manifest.root / "mock.npy")
    expected = classify_images(members[0].encoder, faces, mirror=True).numpy()[:, [0, 2]]
    assert out.logits[0] == pytest.approx(expected, abs=1e-4)
