"""Ensembles from two small trained models to the table, and every way in which one could have seen its own test."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from mock_corpus import write_mock
from page_checks import Page, check_accessible, check_self_contained

from seqfer.cli import main
from seqfer.core import registry
from seqfer.corpus.manifest import read_manifest, write_manifest
from seqfer.corpus.stills import image_set
from seqfer.experiments.ensemble.fit import METHODS
from seqfer.models.weights import load_tensors, save_encoder, save_tensors
from seqfer.training.image_loop import fit_images
from seqfer.training.settings import ImageTraining

LABELS = ("anger", "happiness", "surprise")


def by_splits(folder: Path) -> Path:
    """24 drawn people in three splits: half for training, a quarter each for validation and test."""
    path = write_mock(folder, people=24)
    manifest = read_manifest(path)
    split = {p: ("Training", "Training", "Validation", "Test")[k % 4] for k, p in enumerate(manifest.people)}
    write_manifest(replace(manifest, clips=tuple(replace(c, split=split[c.person]) for c in manifest.clips)), path)
    return path


def model(path: Path, data: Path, start: int, classes: tuple[str, ...] = LABELS, **meta: object) -> str:
    """A tiny encoder that has seen one split of the data for two epochs: better than chance, and still wrong often."""
    torch.manual_seed(start)
    encoder = registry.find("encoders", "tiny").build(classes=len(classes))
    manifest = read_manifest(data)
    train = replace(manifest, clips=tuple(clip for clip in manifest.clips if clip.split == "Training"))
    settings = ImageTraining(epochs=2, batch_size=16, augment=0.1, cutout=0.0, precision="fp32", warmup_epochs=0)
    fit_images(encoder, image_set(train, classes, 24), settings, seed=start)
    save_encoder(path, "tiny", encoder, classes, {"temperature": 1.5, **meta})
    return str(path)


@pytest.fixture(scope="module", autouse=True)
def _cache(module_cache):
    """Every test of a file uses its cache."""


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return by_splits(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def models(data, tmp_path_factory) -> list[str]:
    folder = tmp_path_factory.mktemp("models")
    about = {"corpus": "mock", "split": "Training", "seed": 0}
    first = model(folder / "a.safetensors", data, 0, **about)
    return [first, model(folder / "b.safetensors", data, 1, ("surprise", "anger", "happiness"), **about)]


def ensemble(*arguments: object) -> int:
    return main(["ensemble", *map(str, arguments), "--quiet"])


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Runs what must end with code 2 and one line, and gives the line."""
    assert ensemble(*arguments) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    return line


@pytest.fixture(scope="module")
def fitted(data, models, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("run")
    assert ensemble(*models, "--data", data, "--split", "Test", "--fit-split", "Validation", "--out", out) == 0
    return out


def test_members_and_combinations_stand_in_the_leaderboard_beside_an_evaluation(fitted, models, data, tmp_path, capsys):
    assert main(["evaluate", models[0], "--data", str(data), "--split", "Test", "--out", str(tmp_path / "e")]) == 0
    capsys.readouterr()
    assert main(["leaderboard", str(fitted), str(tmp_path / "e"), "--json", "--quiet"]) == 0
    (group,) = json.loads(capsys.readouterr().out)["groups"]  # the same test set
    report = json.loads((fitted / "ensemble.json").read_text())
    own = [row for row in group["rows"] if row["run"] == str(fitted)]
    assert sorted(row["error"] for row in own) == sorted(1 - row["accuracy"] for row in report["rows"])
    single = next(row for row in group["rows"] if row["run"] != str(fitted))
    together = next(row for row in own if "average" in row["model"])
    assert together["multiplications"] == 2 * single["multiplications"]
    assert together["parameters"] == 2 * single["parameters"]


def test_the_table_has_members_and_combinations(fitted, models):
    report = json.loads((fitted / "ensemble.json").read_text())
    assert [row["name"] for row in report["rows"]] == [*models, *METHODS]
    assert report["features"] == 128
    assert report["images"] == 18
    assert report["fitted_on"]["people"] == report["people"] == 6
    for row in report["rows"]:
        low, high = row["intervals"]["accuracy"]
        assert low <= row["accuracy"] <= high
        assert sum(map(sum, row["confusion"])) == 18
        assert 0 <= row["ece"] <= 1
    scores = {row["name"]: row["accuracy"] for row in report["rows"]}
    assert max(scores["one_vs_rest"], scores["multinomial"]) >= max(scores[name] for name in models)
    assert scores["one_vs_rest"] > 0.7
    text = (fitted / "ensemble.html").read_text()
    check_self_contained(text)
    check_accessible(text)
    assert "one logistic regression per emotion" in Page(text).text


def test_a_saved_ensemble_says_the_same_again(fitted, data, models, tmp_path, capsys):
    file = fitted / "ensemble.safetensors"
    assert load_tensors(file)[1]["members"][0]["name"] == models[0]
    assert ensemble("--load", file, "--data", data, "--split", "Test", "--out", tmp_path, "--json") == 0
    again, before = json.loads(capsys.readouterr().out), json.loads((fitted / "ensemble.json").read_text())
    for row, was in zip(again["rows"], before["rows"], strict=True):
        assert row["confusion"] == was["confusion"]
        assert row["ece"] == pytest.approx(was["ece"], abs=1e-6)


def test_features_are_made_once(fitted, data, models, tmp_path, monkeypatch):
    from seqfer.models import image_model

    monkeypatch.setattr(image_model, "run_frames", lambda *_a, **_k: pytest.fail("features were made again"))
    arguments = [*models, "--data", data, "--split", "Test", "--fit-split", "Validation", "--out", tmp_path]
    assert ensemble(*arguments) == 0
    ours, theirs = ((folder / "ensemble.safetensors").read_bytes() for folder in (tmp_path, fitted))
    assert ours == theirs


def test_people_kept_back_are_those_that_training_keeps_back(data, models, tmp_path):
    from seqfer.corpus.stills import of_split, split_off
    from seqfer.experiments.ensemble.division import divide
    from seqfer.experiments.ensemble.members import open_members
    from seqfer.experiments.ensemble.settings import FitSplit

    manifest, members = read_manifest(data), open_members(models)
    parts_found = divide(manifest, members, FitSplit(fit_share=0.3), "Test")
    training = of_split(manifest, "Training")
    people = [clip.person for clip in training.clips for _ in clip.frames]
    _, kept = split_off(image_set(training, LABELS, 24), people, 0.3, seed=0)
    assert sum(len(clip.frames) for clip in parts_found.fit.clips) == len(kept)
    assert {clip.split for clip in parts_found.fit.clips} == {"Training"}
    smaller = divide(manifest, members, FitSplit(fit_share=0.15), "Test")
    assert {c.clip for c in smaller.fit.clips} < {c.clip for c in parts_found.fit.clips}
    assert ensemble(*models, "--data", data, "--split", "Test", "--fit-share", 0.4, "--mirror", "--out", tmp_path) == 0
    kept_back = [replace(m, meta={**m.meta, "held_back": share}) for m, share in zip(members, (0.3, 0.15), strict=True)]
    assert divide(manifest, kept_back, FitSplit(), "Test").fit == smaller.fit  # of what all members kept back


def test_a_corpus_without_splits_is_scored_on_everybody_else(models, tmp_path, capsys):
    path = write_mock(tmp_path, people=10, seed=3)
    arguments = ["--data", path, "--fit-share", 0.4, "--fit-split", ""]
    strangers = [shutil.copy(m, tmp_path / f"{k}.safetensors") for k, m in enumerate(models)]
    for stranger in strangers:  # trained on all of this corpus
        tensors, meta = load_tensors(Path(stranger))
        save_tensors(Path(stranger), tensors, {**meta, "split": ""})
    assert ensemble(*strangers, *arguments, "--out", tmp_path / "o") == 2  # they have seen everybody
    assert "was trained on all of mock" in capsys.readouterr().err
    for stranger in strangers:
        tensors, meta = load_tensors(Path(stranger))
        save_tensors(Path(stranger), tensors, {**meta, "corpus": "other"})
    assert ensemble(*strangers, *arguments, "--out", tmp_path / "o") == 0
    report = json.loads((tmp_path / "o" / "ensemble.json").read_text())
    assert report["people"] + report["fitted_on"]["people"] == 10


def test_an_ensemble_never_sees_its_own_test(data, models, fitted, tmp_path, capsys):
    begin = [*models, "--data", data, "--out", tmp_path / "o"]
    assert "its own test set" in refused(capsys, *begin, "--split", "Test", "--fit-split", "Test")
    assert "its own test set" in refused(capsys, *begin, "--fit-split", "Test")
    assert "its own test set" in refused(capsys, *begin, "--split", "Training")
    assert "increase --fit-share" in refused(capsys, *begin, "--split", "Test")
    assert "was trained on Training" in refused(capsys, *begin, "--split", "Test", "--fit-split", "Training")
    trained = refused(capsys, *begin, "--split", "Training", "--fit-split", "Validation")
    assert "was trained on Training of mock" in trained
    draws = ["--split", "Test", "--fit-share", "0.4"]
    assert "give --seed 0 or" in refused(capsys, *begin, *draws, "--seed", "1")
    tensors, meta = load_tensors(Path(models[0]))
    for more, said in (
        ({"held_back": 0.05}, "held out 5%, less than the 40%"),
        ({"data_checksum": "?"}, "another version"),
    ):
        save_tensors(tmp_path / "other.safetensors", tensors, {**meta, **more})
        assert said in refused(capsys, tmp_path / "other.safetensors", *begin[1:], *draws)
    load = ["--load", fitted / "ensemble.safetensors", "--out", tmp_path / "o", "--data"]
    assert "was fitted on 18 of the clips" in refused(capsys, *load, data, "--split", "Validation")
    other_names = tmp_path / "renamed.jsonl"
    manifest = read_manifest(data)
    clips = tuple(
        replace(c, clip=f"new {c.clip}", person=f"new {c.person}", frames=tuple(str(data.parent / f) for f in c.frames))
        for c in manifest.clips
    )
    write_manifest(replace(manifest, clips=clips), other_names)
    assert "the same pictures" in refused(capsys, *load, other_names, "--split", "Validation")


def test_people_in_both_parts_are_refused(models, tmp_path, capsys):
    path = write_mock(tmp_path, people=6)
    manifest = read_manifest(path)
    clips = tuple(replace(c, split="A" if k % 2 else "B") for k, c in enumerate(manifest.clips))
    write_manifest(replace(manifest, clips=clips), path)
    line = refused(capsys, *models, "--data", path, "--fit-split", "A", "--split", "B", "--out", tmp_path / "o")
    assert "6 people are fitted on and tested on (first: p0)" in line


def test_other_class_lists(data, models, tmp_path, capsys):
    two = model(tmp_path / "two.safetensors", _of_two(data, tmp_path), 2, ("anger", "happiness"))
    begin = [models[0], two, "--data", data, "--split", "Test", "--fit-split", "Validation", "--out", tmp_path / "o"]
    assert "add --common-classes" in refused(capsys, *begin)
    assert ensemble(*begin, "--common-classes") == 0
    report = json.loads((tmp_path / "o" / "ensemble.json").read_text())
    assert report["classes"] == ["anger", "happiness"]
    assert report["notes"] == ["Scored without surprise: not every member has them."]
    assert "not all members have disgust" in refused(capsys, *models, *begin[2:], "--classes", "six")


def _of_two(data: Path, folder: Path) -> Path:
    manifest = read_manifest(data)
    clips = tuple(
        replace(c, frames=tuple(str(data.parent / f) for f in c.frames))
        for c in manifest.clips
        if c.label != "surprise"
    )
    write_manifest(replace(manifest, clips=clips), folder / "two.jsonl")
    return folder / "two.jsonl"


def test_bad_input_is_one_line(data, models, fitted, tmp_path, capsys):
    test = ["--data", data, "--split", "Test", "--out", tmp_path / "o"]
    assert "two or more" in refused(capsys, models[0], *test)
    assert "are the same weights" in refused(capsys, models[0], models[0], *test)
    assert "has no split 'Dev'" in refused(capsys, *models, *test, "--fit-split", "Dev")
    assert "fit_share = 2; allowed: 0 (what the models' files say), or 0.01 to 0.9" in refused(
        capsys, *models, *test, "--fit-share", "2"
    )
    assert "no person can be held out" in refused(capsys, *models, *test, "--fit-share", "0.01")
    assert "has no fitted ensemble" in refused(capsys, "--load", models[0], *test)
    load = ["--load", fitted / "ensemble.safetensors", *test]
    assert "--load fits nothing" in refused(capsys, *load, "--fit-split", "Validation")
    assert "fitted with" in refused(capsys, *reversed(models), *load)
    assert "2 members, 3 given" in refused(capsys, *models, models[0], *load)
    few = tmp_path / "few.jsonl"
    manifest = read_manifest(data)
    kept = (c for c in manifest.clips if c.split != "Validation" or c.label != "surprise")
    clips = tuple(replace(c, frames=tuple(str(data.parent / f) for f in c.frames)) for c in kept)
    write_manifest(replace(manifest, clips=clips), few)
    line = refused(capsys, *models, "--data", few, *test[2:], "--fit-split", "Validation")
    assert "has no surprise" in line


def test_copies_of_scored_pictures_are_not_fitted_on(data, models, tmp_path):
    manifest = read_manifest(data)
    source = next(c for c in manifest.clips if c.split == "Test")
    clips = tuple(replace(c, frames=tuple(str(data.parent / f) for f in c.frames)) for c in manifest.clips)
    copied = next(c for c in clips if c.split == "Validation" and c.label == source.label)
    frames = tuple(str(data.parent / f) for f in source.frames)
    write_manifest(
        replace(manifest, clips=tuple(replace(c, frames=frames) if c == copied else c for c in clips)),
        tmp_path / "c.jsonl",
    )
    run = [*models, "--data", tmp_path / "c.jsonl", "--split", "Test", "--fit-split", "Validation", "--out", tmp_path]
    assert ensemble(*run) == 0
    assert json.loads((tmp_path / "ensemble.json").read_text())["fitted_on"]["left_out_copies"] == 1
