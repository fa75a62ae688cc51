"""One fold of a transfer: layers that are frozen stay as they were, and a killed one goes on."""

from __future__ import annotations

from dataclasses import replace

import torch
from transfer_calls import transfer

from seqfer.models.opening import open_model


def test_frozen_layers_stay(done, model):
    """The steps on disk: the head's leaves every layer, the last stage's every earlier one, as they were."""
    before = open_model(model, kind="image").encoder.state_dict()
    kept = {
        row: open_model(str(done / "parts" / f"person-fold0-{row}.safetensors"), kind="image").encoder.state_dict()
        for row in ("head", "last-1", "all")
    }
    same = {
        row: {k for k in before if before[k].shape == s[k].shape and torch.equal(before[k], s[k])}
        for row, s in kept.items()
    }
    layers = {k for k in before if k.startswith("layers.")}
    assert layers <= same["head"]
    assert {k for k in layers if k.startswith(("layers.0.", "layers.1."))} <= same["last-1"]
    assert "layers.3.weight" not in same["last-1"]
    assert "layers.0.weight" not in same["all"]


def test_a_killed_run_goes_on_step_by_step(done, model, data, tmp_path, monkeypatch):
    from seqfer.experiments.transfer import fold
    from seqfer.training import image_loop

    whole, calls = image_loop.fit_images, []

    def dies(encoder, images, settings, **more):
        """Killed in the middle of the second step: its first epoch is in the checkpoint."""
        calls.append(settings.freeze)
        if len(calls) == 2:
            whole(encoder, images, replace(settings, epochs=1, schedule="constant"), **more)
            raise KeyboardInterrupt
        return whole(encoder, images, settings, **more)

    arguments = [model, "--data", data, "--unfreeze", "all", "--stages", "1", "--out", tmp_path / "run"]
    arguments += ["--set", "training.schedule='constant'"]
    with monkeypatch.context() as patch:
        patch.setattr(fold, "fit_images", dies)
        assert transfer(*arguments) == 130
    files = {f.name for f in (tmp_path / "run" / "parts").iterdir()}
    assert {"person-fold0-head.json", "person-fold0-last-1-checkpoint.safetensors"} <= files
    assert "person-fold0-last-1.json" not in files
    assert transfer(*arguments) == 2  # without --resume
    assert transfer("--out", tmp_path / "run", "--resume", *arguments[-2:]) == 0
    arguments[arguments.index("--out") + 1] = tmp_path / "again"
    assert transfer(*arguments) == 0
    runs = [(tmp_path / name / "predictions.csv").read_bytes() for name in ("run", "again")]
    assert runs[0] == runs[1]
    weights = [(tmp_path / name / "encoder.safetensors").read_bytes() for name in ("run", "again")]
    assert weights[0] == weights[1]
