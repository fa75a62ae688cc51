"""`seqfer stress` end to end on drawn clips: level 0 is the evaluation, runs repeat and resume, groups, the page, bad input."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from mock_corpus import LABELS, write_mock
from page_checks import Page, check_accessible
from typed import typed

from seqfer.cli import main
from seqfer.core import registry
from seqfer.corpus.manifest import read_manifest, write_manifest
from seqfer.experiments.evaluate import evaluate_encoder
from seqfer.experiments.prediction_files import read_predictions
from seqfer.experiments.settings import EvaluateSettings
from seqfer.experiments.stress import run
from seqfer.models.classify import clip_class_probabilities, frame_logits
from seqfer.models.opening import open_model
from seqfer.models.weights import save_encoder
from seqfer.report.stress_report import console_table, csv_table, summary, write_stress_report
from seqfer.runs.kinds.stress import StressReport
from seqfer.runs.records import as_json

ONLY = "shift,noise_gaussian,mirror"
NAMES = ("shift", "noise_gaussian", "mirror")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with 24 clips of several frames, half of the people with glasses and one that does not say, and a net of random weights."""
    folder = tmp_path_factory.mktemp("stress")
    manifest = read_manifest(write_mock(folder))
    words = {f"p{k}": {"glasses": "yes" if k % 2 else "no", "name": f"n{k}"} for k in range(7)}
    clips = tuple(
        replace(clip, attributes={**words.get(clip.person, {}), "number": str(k)})
        for k, clip in enumerate(manifest.clips)
    )
    write_manifest(replace(manifest, clips=clips), folder / "mock.jsonl")
    torch.manual_seed(3)
    encoder = registry.find("encoders", "tiny").build(classes=len(LABELS))
    save_encoder(folder / "net.safetensors", "tiny", encoder, LABELS, {"temperature": 1.5})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQFER_CACHE", str(folder / "cache"))
        yield folder


def stress(place, out, *more, only=ONLY):
    model, data = str(place / "net.safetensors"), str(place / "mock.jsonl")
    return main(["stress", model, "--data", data, "--out", str(out), "--quiet", "--only", only, *more])


def report_of(out):
    return json.loads((out / "stress.json").read_text())


def record_of(report) -> StressReport:
    return typed(StressReport, report)


@pytest.fixture(scope="module")
def done(place, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "done"
    assert stress(place, out, "--groups", "glasses") == 0
    return out


def refused(capsys, *pieces):
    """The one line on stderr, which must hold these."""
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1, said
    assert all(piece in said[0] for piece in pieces), said


def test_level_0_is_the_evaluation(place, done):
    model, data = str(place / "net.safetensors"), str(place / "mock.jsonl")
    given, report = as_json(evaluate_encoder(EvaluateSettings(model, data)).as_given), report_of(done)
    opened, manifest = open_model(model, kind="image"), read_manifest(place / "mock.jsonl")
    seen = frame_logits(opened, manifest, manifest.checksum(), LABELS)
    assert np.array_equal(np.load(done / "shares" / "level0.npy"), clip_class_probabilities(*seen, opened.temperature))
    for first in (report["clean"], *(row["levels"][0] for row in report["corruptions"])):
        assert {k: first[k] for k in ("accuracy", "macro_f1", "ece", "count")} == {
            k: given[k] for k in ("accuracy", "macro_f1", "ece", "count")
        }
        assert first["low"] < first["accuracy"] < first["high"]


def test_the_report(done):
    report = report_of(done)
    assert {row["name"]: len(row["levels"]) for row in report["corruptions"]} == {
        "shift": 6,
        "noise_gaussian": 6,
        "mirror": 2,
    }
    drops = [row["mean_drop"] for row in report["corruptions"]]
    assert drops == sorted(drops, reverse=True)
    for row in report["corruptions"]:
        later = [level["accuracy"] for level in row["levels"][1:]]
        assert row["mean_drop"] == pytest.approx(report["clean"]["accuracy"] - np.mean(later))
    assert report["images"] == 24
    assert report["input_size_px"] > 0
    rows = list(csv.DictReader((done / "stress.csv").read_text().splitlines()))
    assert len(rows) == 3 * (6 + 6 + 2)  # all clips and two groups
    assert {row["group"] for row in rows} == {"", "yes", "no"}


def test_groups_worst_first(done):
    report = report_of(done)
    groups = report["groups"]
    assert {group["group"]: group["clean"]["count"] for group in groups} == {"no": 12, "yes": 9}
    assert report["in_no_group"] == 3
    assert groups[0]["mean_accuracy"] <= groups[1]["mean_accuracy"]
    for k, level in enumerate(report["corruptions"][0]["levels"]):
        inside = [
            next(r for r in g["corruptions"] if r["name"] == report["corruptions"][0]["name"])["levels"][k]
            for g in groups
        ]
        right = sum(one["accuracy"] * one["count"] for one in inside)
        assert right <= level["accuracy"] * 24 + 1e-9 <= right + 3 + 1e-9


def test_the_same_seed_the_same_bytes_another_seed_others(place, done, tmp_path):
    assert stress(place, tmp_path / "again") == 0
    assert stress(place, tmp_path / "other", "--seed", "1") == 0
    for name in NAMES:
        first, again, other = (
            np.load(out / "shares" / f"{name}.npy") for out in (done, tmp_path / "again", tmp_path / "other")
        )
        assert np.array_equal(first, again)
        assert np.array_equal(first, other) == (name == "mirror")


def test_fewer_images_are_some_of_the_same(place, done, tmp_path):
    assert stress(place, tmp_path / "few", "--images", "9", "--groups", "glasses") == 0
    assert report_of(tmp_path / "few")["images"] == 9
    drawn = run.drawn_clips(24, 9, 0)
    for name in NAMES:
        few, all_of_them = (np.load(out / "shares" / f"{name}.npy") for out in (tmp_path / "few", done))
        np.testing.assert_allclose(few, all_of_them[:, drawn], rtol=0, atol=1e-6)  # other neighbours in the batch
    assert len(run.drawn_clips(24, 30, 0)) == 24


def test_what_was_killed_goes_on(place, done, tmp_path, monkeypatch):
    real, asked = run.ModelUnderTest.shares, []

    def dies(self, corruption, level, seed):
        asked.append((corruption and corruption.name, level))
        if len(asked) == 9:
            raise KeyboardInterrupt
        return real(self, corruption, level, seed)

    monkeypatch.setattr(run.ModelUnderTest, "shares", dies)
    assert stress(place, tmp_path / "run", "--groups", "glasses") == 130
    assert sorted(file.stem for file in (tmp_path / "run" / "shares").iterdir()) == ["level0", "mirror", "shift"]
    before = len(asked)
    assert stress(place, tmp_path / "run", "--groups", "glasses", "--resume") == 0
    assert asked[before:] == [("noise_gaussian", level) for level in range(1, 6)]
    first, second = report_of(done), report_of(tmp_path / "run")
    assert first["corruptions"] == second["corruptions"]
    assert first["groups"] == second["groups"]


def test_a_run_goes_on_only_with_the_same_settings(place, done, capsys):
    before = (done / "stress.json").read_bytes()
    assert stress(place, done) == 2
    refused(capsys, "already holds a run", "--resume")
    assert stress(place, done, "--resume", "--seed", "4") == 2
    refused(capsys, "seed = 0, now 4")
    assert (done / "stress.json").read_bytes() == before


def test_a_damaged_part_is_computed_again_and_said(place, tmp_path, capsys):
    out = tmp_path / "run"
    assert stress(place, out, only="mirror") == 0
    whole, before = (out / "shares" / "mirror.npy").read_bytes(), (out / "stress.csv").read_bytes()
    for damaged in (b"", b"no array", whole[:-40], bytes(len(whole))):
        (out / "shares" / "mirror.npy").write_bytes(damaged)
        capsys.readouterr()
        assert stress(place, out, "--resume", only="mirror") == 0
        assert "mirror.npy: damaged, or not of this run; computed again\n" in capsys.readouterr().err
        assert (out / "shares" / "mirror.npy").read_bytes() == whole
        assert (out / "stress.csv").read_bytes() == before
    np.save(out / "shares" / "mirror.npy", np.zeros((1, 2, 3)))  # of another program
    assert stress(place, out, "--resume", only="mirror") == 0
    assert (out / "shares" / "mirror.npy").read_bytes() == whole


@pytest.mark.parametrize(
    ("more", "pieces"),
    [
        (["--only", "fog"], ["unknown corruption 'fog'", "rotation_left", "light"]),
        (["--groups", "hat"], ["no clip has the attribute 'hat'", "glasses, name, number"]),
        (["--groups", "number"], ["'number' has 24 values", "up to 12"]),
        (["--split", "Test"], ["no split 'Test'"]),
        (["--images", "-1"], ["images = -1; allowed: a whole number, 0 or more"]),
        (["--seed", "-1"], ["seed = -1; allowed: a whole number, 0 or more"]),
        (["--classes", "six"], ["does not know disgust, fear, sadness", "choose with --classes"]),
    ],
)
def test_bad_input_ends_in_one_line_before_anything_is_written(place, tmp_path, capsys, more, pieces):
    assert stress(place, tmp_path / "run", *more) == 2
    refused(capsys, *pieces)
    assert not (tmp_path / "run").exists()


def test_a_model_of_other_classes_and_faces_of_another_size(place, tmp_path, capsys):
    encoder = registry.find("encoders", "tiny").build(classes=2)
    save_encoder(tmp_path / "two.safetensors", "tiny", encoder, LABELS[:2], {})
    data = str(place / "mock.jsonl")
    assert main(["stress", str(tmp_path / "two.safetensors"), "--data", data, "--out", str(tmp_path / "run")]) == 2
    refused(capsys, "does not know surprise; it knows anger, happiness")
    other = write_mock(tmp_path / "large", people=2, size=40)
    net = str(place / "net.safetensors")
    assert (
        main(["stress", net, "--data", str(other), "--only", "mirror", "--out", str(tmp_path / "run"), "--quiet"]) == 0
    )
    assert "faces of 40x40 pixels are resized to" in capsys.readouterr().err


def test_the_page(done, tmp_path):
    text = (done / "stress.html").read_text(encoding="utf-8")
    page = Page(text)
    check_accessible(text)
    report = report_of(done)
    assert "img-src data:" in text
    assert not {"script", "link", "iframe", "object", "embed", "img"} & {tag for tag, _ in page.tags}
    pictures = [attributes["href"] for tag, attributes in page.tags if tag == "image"]
    assert len(pictures) == 6 + 6 + 2  # one strip for each change
    assert all(address.startswith("data:image/png;base64,") for address in pictures)
    assert len(set(pictures)) == 1 + 5 + 5 + 1  # all strips begin with the same face
    shown = page.text
    for row in report["corruptions"]:
        for level in row["levels"]:
            assert f"{row['name']} {level['level']} {level['strength']} {100 * level['accuracy']:.1f} %" in shown
    assert "Groups by glasses, worst first" in shown
    assert "3 clips have no value and are in no group." in shown
    assert shown.index(report["corruptions"][0]["name"]) < shown.index(report["corruptions"][-1]["what"])
    assert "http" not in text.replace("http-equiv", "")


def test_the_page_of_odd_reports(done, tmp_path):
    report = report_of(done)
    report["model"] = "<b onclick='x()'>&"
    report["groups"] = []
    report["corruptions"][0]["levels"][2] |= {
        "accuracy": None,
        "low": None,
        "high": None,
        "macro_f1": None,
        "ece": None,
    }
    report["corruptions"][1]["name"] = "of_another_version"
    odd = record_of(report)
    write_stress_report(odd, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<b " not in text
    assert "nan" not in Page(text).text.lower().split()
    assert "undefined" in Page(text).text
    assert "Groups by" not in text
    assert "nan" in console_table(odd)
    assert ",,,,\n" in csv_table(odd)


def test_sentences(done):
    report = report_of(done)
    worst, best = report["corruptions"][0]["name"], report["corruptions"][-1]["name"]
    said = summary(record_of(report))
    assert f"under 3 corruptions: largest loss for {worst}" in said
    assert f"smallest for {best}" in said
    assert f"the worst group is glasses {report['groups'][0]['group']}" in said
    report["corruptions"] = report["corruptions"][:1]
    assert summary(record_of(report)).endswith(f"on average under {worst}.")


def test_the_predictions_of_every_clip_and_level_are_left_in_the_folder(done):
    table, report = read_predictions(done), report_of(done)
    levels = list(zip(table["corruption"], table["level"]))
    assert levels[0] == ("none", 0)
    assert set(table["corruption"]) == {"none", *NAMES}
    assert len(set(zip(levels, table["clip"]))) == len(levels)
    right = [p == t for p, t, level in zip(table["predicted"], table["label"], levels) if level == ("none", 0)]
    assert np.mean(right) == pytest.approx(report["clean"]["accuracy"])
    for row in report["corruptions"]:
        of_it = {k for name, k in levels if name == row["name"]}
        assert of_it == set(range(1, len(of_it) + 1))
