"""Valence of stills: labels derived from votes, nine levels learned from them, scored beside two baselines."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer import cli, posed
from seqfer.core import registry
from seqfer.core.emotions import EMOTIONS, class_list
from seqfer.core.errors import InputError, SettingsError, WeightsError
from seqfer.core.rated_valence import (
    level_valence,
    valence_to_level_probabilities,
)
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, read_manifest, write_manifest
from seqfer.experiments.evaluate_valence import evaluate_valence
from seqfer.experiments.settings import EvaluateValenceSettings
from seqfer.models.film_files import add_valence
from seqfer.models.included import SHIPPED
from seqfer.models.opening import open_model
from seqfer.models.weights import save_encoder
from seqfer.training.settings import ImageTraining, ValenceSettings
from seqfer.training.train_valence import train_valence, votes_of

CLASSES = class_list("fer2013")


def votes_for(**counts):
    return [float(counts.get(name, 0)) for name in EMOTIONS]


def rated_stills(tmp_path, votes=True):
    """Sixty drawn faces of six people, glad or sad to some degree, and the votes that such faces get. One has none; a third is the Test split."""
    people = [posed.sample_person(seed) for seed in range(6)]
    looks = [
        (person, name, level)
        for person in people
        for name in ("happiness", "sadness")
        for level in np.linspace(0.2, 1, 5)
    ]
    pictures = np.full((len(looks), 48, 48, 3), 150, np.uint8)
    clips = []
    for i, (person, name, level) in enumerate(looks):
        posed.paint_head(pictures[i], person, posed.au_vector(name, level), centre_xy_px=(24, 19), unit_px=16)
        split = "Training" if person.seed < 4 else "Test"
        shown = round(10 * level)
        cast = tuple(votes_for(**{name: shown, "neutral": 10 - shown})) if votes and i else None
        clips.append(Clip(f"s{i}", f"p{i}", CLASSES[i % 7], (f"stills.npy#{i}",), "drawn", split=split, votes=cast))
    np.save(tmp_path / "stills.npy", pictures.mean(3).astype(np.uint8))
    write_manifest(Manifest("drawn", CLASSES, tuple(clips), tmp_path), tmp_path / "stills.jsonl")
    return str(tmp_path / "stills.jsonl")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))


@pytest.mark.usefixtures("cache")
def test_one_layer_on_the_shipped_features(tmp_path, capsys):
    data = rated_stills(tmp_path)
    settings = ValenceSettings(data=data, held_back=0.3)
    first = train_valence(settings, tmp_path / "a", quiet=True)
    again = train_valence(settings, tmp_path / "b", quiet=True)
    assert replace(first, seconds=0) == replace(again, seconds=0)
    assert (first.images, first.held_back) == (27, 12)
    path = str(tmp_path / "a" / "valence.safetensors")
    model = open_model(path, kind="valence")
    assert model.encoder_checksum == SHIPPED["mobilenet"].sha256
    report = evaluate_valence(EvaluateValenceSettings(str(path), str(data), split="Training", mean_of="Training"))
    scores = report.scores  # of people it was fitted on: that of 27 drawn faces says nothing about others
    assert (report.images, report.left_out) == (39, 1)
    assert scores["model"].rmse < 0.75 * scores["constant"].rmse
    assert scores["model"].ccc > max(0.7, scores["norms"].ccc)
    assert np.isnan(scores["constant"].pcc)
    # In a film the layer reads the features that are there anyway.
    film = add_valence(open_model("compact", kind="video"), path)
    assert film.valence.encoder is None
    seen = np.load(tmp_path / "stills.npy")[:5]
    assert film.encode(seen).shape == (5, film.input_dim)
    assert np.allclose(film.encode(seen)[:, -1], model.valence(seen), atol=1e-4)
    assert cli.main(["evaluate-valence", path, "--data", data, "--split", "Test", "--out", str(tmp_path / "e")]) == 0
    assert "constant mean" in capsys.readouterr().out
    assert json.loads((tmp_path / "e" / "evaluation.json").read_text())["scores"]["constant"]["pcc"] is None


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("target", ["votes", "rounded"])
def test_a_network_of_its_own(tmp_path, target):
    data = rated_stills(tmp_path)
    training = ImageTraining(epochs=2, batch_size=8, augment=0.0, cutout=0.0)
    settings = ValenceSettings(data=data, encoder="tiny", whole=True, target=target, held_back=0.3, training=training)
    train_valence(settings, tmp_path / "run", quiet=True)
    model = open_model(str(tmp_path / "run" / "valence.safetensors"), kind="valence")
    values = model.valence(np.load(tmp_path / "stills.npy")[:4])
    assert values.shape == (4,)
    assert np.abs(values).max() <= 1
    with pytest.raises(SettingsError, match="pixels"):
        add_valence(open_model("compact", kind="video"), str(tmp_path / "run" / "valence.safetensors"))


def rated_clips(tmp_path, unrated=()):
    """The drawn stills as twelve clips of five frames, each from little to much of one expression, with a value for every frame."""
    stills = read_manifest(Path(rated_stills(tmp_path, votes=False))).clips
    clips = []
    for number in range(len(stills) // 5):
        frames = tuple(clip.frames[0] for clip in stills[5 * number : 5 * number + 5])
        values = None if number in unrated else tuple((-1) ** number * np.linspace(0.2, 1, 5))
        clips.append(Clip(f"c{number}", f"p{number // 2}", None, frames, "drawn", valence=values))
    write_manifest(Manifest("drawn", (), tuple(clips), tmp_path), tmp_path / "clips.jsonl")
    return str(tmp_path / "clips.jsonl")


@pytest.mark.usefixtures("cache")
def test_a_network_learns_from_frames_that_carry_valence(tmp_path):
    training = ImageTraining(epochs=40, batch_size=10, optimizer="adamw", learning_rate=1e-2, augment=0.0, cutout=0.0)
    settings = ValenceSettings(
        data=rated_clips(tmp_path), encoder="tiny", whole=True, split="", held_back=0.2, training=training
    )
    first = train_valence(settings, tmp_path / "first", quiet=True)
    assert (first.images, first.held_back) == (50, 10)  # one of six people
    # What was learned is where the next training begins.
    begun = str(tmp_path / "first" / "valence.safetensors")
    training = replace(training, epochs=1, learning_rate=1e-6)
    train_valence(replace(settings, encoder=begun, training=training), tmp_path / "second", quiet=True)
    pictures = np.stack([cv2.resize(face, (24, 24)) for face in np.load(tmp_path / "stills.npy")])
    truth = np.concatenate([(-1) ** number * np.linspace(0.2, 1, 5) for number in range(12)])
    values = [
        open_model(str(tmp_path / run / "valence.safetensors"), kind="valence").valence(pictures)
        for run in ("first", "second")
    ]
    assert np.corrcoef(values[0], truth)[0, 1] > 0.7
    assert np.corrcoef(*values)[0, 1] > 0.95


def test_shares_of_a_value_keep_it():
    values = np.linspace(-1, 1, 41)
    shares = valence_to_level_probabilities(values)
    assert np.allclose(level_valence(shares), values, atol=1e-12)
    assert ((shares > 0).sum(1) <= 2).all()


@pytest.mark.usefixtures("cache")
def test_what_cannot_be_learned_is_said(tmp_path):
    bare = rated_stills(tmp_path, votes=False)
    with pytest.raises(InputError, match="no still has rater votes"):
        train_valence(ValenceSettings(data=bare), tmp_path / "run", quiet=True)
    with pytest.raises(InputError, match="several frames"):
        votes_of(read_manifest(Path(rated_clips(tmp_path, unrated=range(12)))))
    some = rated_clips(tmp_path, unrated=range(11))
    with pytest.raises(InputError, match="1 of 12 clips have valence"):
        train_valence(ValenceSettings(data=some, split=""), tmp_path / "run", quiet=True)
    with pytest.raises(SettingsError, match="target"):
        ValenceSettings(target="levels")
    encoder = registry.find("encoders", "tiny").build(classes=7)
    save_encoder(tmp_path / "emotions.safetensors", "tiny", encoder, CLASSES, {})
    with pytest.raises(WeightsError, match="no levels of valence"):
        open_model(str(tmp_path / "emotions.safetensors"), kind="valence")
    with pytest.raises(SettingsError, match="no valence weights are included"):
        open_model("vgg16", kind="valence")
    assert not (tmp_path / "run").exists()
