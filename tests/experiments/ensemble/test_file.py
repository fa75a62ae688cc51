"""Fitted ensembles written and read again; files and members that are not those."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seqfer.core import registry
from seqfer.core.errors import WeightsError
from seqfer.experiments.ensemble.division import Fingerprints
from seqfer.experiments.ensemble.file import Ensemble, load_ensemble, save_ensemble
from seqfer.experiments.ensemble.fit import Regression
from seqfer.experiments.ensemble.members import open_members
from seqfer.models.weights import load_tensors, save_encoder, save_tensors

CLASSES = ("anger", "fear")


def models(folder):
    paths = []
    for seed in (1, 2, 3):
        torch.manual_seed(seed)
        encoder = registry.find("encoders", "tiny").build(classes=2).eval()
        save_encoder(folder / f"{seed}.safetensors", "tiny", encoder, CLASSES, {})
        paths.append(str(folder / f"{seed}.safetensors"))
    return paths


def ensemble(paths):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in ((6,), (6,), (2, 6), (2,))]
    return Ensemble(
        open_members(paths[:2]),
        CLASSES,
        {"multinomial": Regression(*arrays, one_vs_rest=False, strength=10.0, chosen=False, converged=True)},
        np.array([0.25, 0.75]),
        Fingerprints(*(np.arange(n, dtype=np.int64) for n in (3, 2, 5))),
        True,
        {"clips": 3},
    )


def test_an_ensemble_comes_back_as_it_was(tmp_path):
    made = ensemble(models(tmp_path))
    save_ensemble(tmp_path / "e.safetensors", made)
    again = load_ensemble(tmp_path / "e.safetensors")
    assert [m.checksum for m in again.members] == [m.checksum for m in made.members]
    assert (again.classes, again.mirror, again.about) == (CLASSES, True, {"clips": 3})
    assert np.array_equal(again.weights, made.weights)
    assert np.array_equal(again.fitted_on.pictures, made.fitted_on.pictures)
    x = np.random.default_rng(1).normal(size=(4, 6))
    assert np.array_equal(again.regressions["multinomial"].shares(x), made.regressions["multinomial"].shares(x))
    assert (again.regressions["multinomial"].strength, again.regressions["multinomial"].chosen) == (10.0, False)


def test_members_may_have_moved_but_not_changed(tmp_path):
    paths = models(tmp_path)
    save_ensemble(tmp_path / "e.safetensors", ensemble(paths))
    (tmp_path / "moved").mkdir()
    moved = models(tmp_path / "moved")
    assert [m.name for m in load_ensemble(tmp_path / "e.safetensors", moved[:2]).members] == moved[:2]
    with pytest.raises(WeightsError, match="give the weights it was fitted with"):
        load_ensemble(tmp_path / "e.safetensors", [moved[0], moved[2]])
    with pytest.raises(WeightsError, match="has 2 members, 3 given; name all of them in order, or none"):
        load_ensemble(tmp_path / "e.safetensors", moved)


def test_what_is_no_ensemble_or_lacks_a_part(tmp_path):
    paths = models(tmp_path)
    with pytest.raises(WeightsError, match=r"1\.safetensors: has no fitted ensemble"):
        load_ensemble(tmp_path / "1.safetensors")
    save_ensemble(tmp_path / "e.safetensors", ensemble(paths))
    tensors, meta = load_tensors(tmp_path / "e.safetensors")
    for lost in ("weights", "multinomial.bias", "fitted_on.people"):
        save_tensors(tmp_path / "d.safetensors", {k: v for k, v in tensors.items() if k != lost}, meta)
        with pytest.raises(WeightsError, match=rf"damaged: {lost} is missing; fit the ensemble again"):
            load_ensemble(tmp_path / "d.safetensors")
