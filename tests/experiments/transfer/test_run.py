"""Transfers from a small trained model to the table: steps, rates, divisions, resuming, and layers that are not there."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from transfer_calls import transfer

from seqfer.cli import main
from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.corpus.manifest import read_manifest, write_manifest
from seqfer.experiments.transfer.settings import TransferSettings
from seqfer.training.image_loop import fit_images
from seqfer.training.image_schedule import layerwise_lr_factors, stage_numbers
from seqfer.training.settings import ImageTraining


def test_its_steps_stand_in_the_leaderboard(done, tmp_path, capsys):
    capsys.readouterr()
    assert main(["leaderboard", str(done), str(tmp_path), "--json", "--quiet"]) == 0
    told = capsys.readouterr()
    assert f"skipped: {tmp_path} has no run" in told.err
    (group,) = json.loads(told.out)["groups"]
    rows = json.loads((done / "report.json").read_text())["protocols"]["person"]
    ranked = {row["model"].split(", ")[1]: row for row in group["rows"]}
    # the model as it came does not know surprise, so it was not tested on the same clips
    assert set(ranked) == {row["title"] for row in rows[1:]}
    for row in rows[1:]:
        assert ranked[row["title"]]["error"] == row["error_rate_mean"]
        assert ranked[row["title"]]["clips"] == row["count"]


def test_the_divided_manifest_scores_the_same(done, tmp_path):
    """What the run says of its chosen step is what `seqfer evaluate` says of the encoder that leaves, half precision aside."""
    report = json.loads((done / "report.json").read_text())
    divided = read_manifest(done / "split.jsonl")
    people = [{c.person for c in divided.clips if c.split == s} for s in ("Training", "Validation", "Test")]
    assert list(map(len, people)) == [16, 2, 2]
    assert not people[0] & people[2]
    assert not people[1] & people[2]
    arguments = ["evaluate", done / "encoder.safetensors", "--data", done / "split.jsonl", "--split", "Test"]
    assert main([*map(str, arguments), "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "evaluate.json").read_text())["as_given"]
    row = next(r for r in report["protocols"]["person"] if r["name"] == report["chosen"])
    assert found["confusion"] == row["confusion"]


def test_transferred_models_make_an_ensemble(done, tmp_path, capsys):
    """The paper's last table: two transferred models, combined on the people who validated, scored on those who were tested."""
    models = [done / "parts" / f"person-fold0-{row}.safetensors" for row in ("all", "scratch")]
    run = ["ensemble", *models, "--data", done / "split.jsonl", "--split", "Test", "--out", tmp_path, "--quiet"]
    assert main([*map(str, run), "--fit-split", "Validation"]) == 0
    assert json.loads((tmp_path / "ensemble.json").read_text())["images"] == 6
    capsys.readouterr()
    assert main([*map(str, run), "--fit-share", "0.3", "--seed", "0"]) == 2
    assert "held out 0%" in capsys.readouterr().err


def test_folds_test_every_person_once(model, data, tmp_path, capsys):
    assert transfer(model, "--data", data, "--folds", 3, "--unfreeze", "last:0", "--out", tmp_path / "f", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    zero, head = report["protocols"]["person"]
    assert head["count"] == 60
    assert head["people"] == 20
    assert len(head["error_rates"]) == 3
    assert zero["left_out"] == 20
    assert not (tmp_path / "f" / "encoder.safetensors").exists()
    assert not list((tmp_path / "f" / "parts").glob("*.safetensors"))
    lines = (tmp_path / "f" / "predictions.csv").read_text().splitlines()
    assert len(lines) == 1 + 60 + 40


def test_rates_fall_towards_the_input():
    encoder = registry.find("encoders", "tiny").build(classes=3)
    assert stage_numbers(encoder) == [0, 0, 0, 1, 1, 1, 1, 1]
    shares = layerwise_lr_factors(encoder, 0.5)
    assert shares[encoder.layers[3].weight] == shares[encoder.layers[4].bias] == 0.5
    assert shares[encoder.layers[0].weight] == 0.25
    assert encoder.classifier.weight not in shares
    rng = np.random.default_rng(0)
    from seqfer.corpus.stills import ImageSet

    data = ImageSet(rng.integers(0, 255, (32, 24, 24)).astype(np.uint8), rng.integers(0, 3, 32))
    moved = {}
    for decay in (1.0, 0.1):
        torch.manual_seed(0)
        net = registry.find("encoders", "tiny").build(classes=3)
        before = {k: v.clone() for k, v in net.state_dict().items()}
        settings = ImageTraining(
            epochs=1, batch_size=32, momentum=0.0, weight_decay=0, precision="fp32", warmup_epochs=0, layer_decay=decay
        )
        fit_images(net, data, settings, seed=0)
        moved[decay] = {
            k: float((v - before[k]).abs().sum()) for k, v in net.state_dict().items() if v.is_floating_point()
        }
    assert moved[0.1]["classifier.weight"] == pytest.approx(moved[1.0]["classifier.weight"], rel=1e-3)
    assert moved[0.1]["layers.3.weight"] == pytest.approx(0.1 * moved[1.0]["layers.3.weight"], rel=1e-2)
    assert moved[0.1]["layers.0.weight"] == pytest.approx(0.01 * moved[1.0]["layers.0.weight"], rel=1e-2)
    with pytest.raises(SettingsError, match="layer_decay = 0"):
        ImageTraining(layer_decay=0.0)


def test_bad_input_is_one_line(model, data, tmp_path, capsys):
    one = tmp_path / "one.jsonl"
    manifest = read_manifest(data)
    frames = {c.clip: tuple(str(data.parent / f) for f in c.frames) for c in manifest.clips}
    clips = tuple(replace(c, frames=frames[c.clip]) for c in manifest.clips if c.label == "anger")
    write_manifest(replace(manifest, clips=clips, classes=("anger",)), one)
    for arguments, said in (
        (
            [model, "--data", data, "--unfreeze", "last:9"],
            "tiny has 2 stages before its classifier: layers.0, layers.3",
        ),
        ([model, "--data", data, "--stages", "1,conv7"], "no 'conv7' to unfreeze"),
        ([model, "--data", data, "--split-protocol", "random"], "allowed: person, plain"),
        ([model, "--data", data, "--folds", "1"], "folds = 1"),
        ([model, "--data", data, "--set", "training.freeze=1"], "determined by unfreeze and stages"),
        ([model, "--data", one], "only anger is labelled"),
        ([model], "no data"),
        (["nothing.safetensors", "--data", data], "cannot be read"),
        ([model, "--resume"], "has no run to resume"),
    ):
        assert transfer(*arguments, "--out", tmp_path / "o") == 2
        line = capsys.readouterr().err
        assert said in line
        assert line.count("\n") == 1
    with pytest.raises(SettingsError, match="seed = -1"):
        TransferSettings(seed=-1)
