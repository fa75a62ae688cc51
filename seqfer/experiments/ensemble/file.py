"""Saves and loads a fitted ensemble: its regressions and the fingerprints of its fitting data as safetensors, its members by name and checksum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.errors import WeightsError
from seqfer.experiments.ensemble.division import Fingerprints
from seqfer.experiments.ensemble.fit import Regression
from seqfer.experiments.ensemble.members import open_members
from seqfer.models.meta import OF_ENSEMBLES, need_keys
from seqfer.models.single_face import SingleFaceModel
from seqfer.models.weights_file import save_arrays, stored_arrays

VERSION = 2
_ARRAYS = ("mean", "scale", "weight", "bias")
_PRINTS = ("clips", "people", "pictures")


@dataclass(frozen=True)
class Ensemble:
    """Fitted regressions by method and weights (member,), the members they belong to, the classes in their order, and fingerprints of their data.

    `mirror`: whether features are means over a picture and its mirror image; `about` is the description of the fit in reports.
    """

    members: tuple[SingleFaceModel, ...]
    classes: tuple[str, ...]
    regressions: dict[str, Regression]
    weights: np.ndarray
    fitted_on: Fingerprints
    mirror: bool
    about: dict[str, Any]


def save_ensemble(path: Path, ensemble: Ensemble) -> str:
    """Write atomically; returns the sha256."""
    arrays: dict[str, np.ndarray] = {}
    settings: dict[str, dict[str, Any]] = {}
    for name, regression in ensemble.regressions.items():
        arrays |= {f"{name}.{array}": getattr(regression, array) for array in _ARRAYS}
        settings[name] = {k: getattr(regression, k) for k in ("one_vs_rest", "strength", "chosen", "converged")}
    arrays["weights"] = ensemble.weights
    arrays |= {f"fitted_on.{k}": getattr(ensemble.fitted_on, k) for k in _PRINTS}
    members = [{"name": m.name, "encoder": m.meta["encoder"], "sha256": m.checksum} for m in ensemble.members]
    meta = {
        "seqfer_ensemble": VERSION,
        "members": members,
        "classes": list(ensemble.classes),
        "regressions": settings,
        "mirror": ensemble.mirror,
        "about": ensemble.about,
    }
    return save_arrays(path, arrays, meta)


def load_ensemble(path: Path, models: Sequence[str] = (), device: str = "auto", runtime: str = "auto") -> Ensemble:
    """Read an ensemble and open its members, from where they were or from `models` in the same order.

    Raises WeightsError for a file that is not an ensemble, or a member that is not the one it was fitted with.
    """
    arrays, meta = stored_arrays(path)
    if meta.get("seqfer_ensemble") != VERSION:
        raise WeightsError(f"{path}: has no fitted ensemble; give an ensemble.safetensors of `seqfer ensemble`")
    need_keys(path, meta, OF_ENSEMBLES)
    wanted = meta["members"]
    if models and len(models) != len(wanted):
        raise WeightsError(
            f"{path}: has {len(wanted)} members, {len(models)} given; name all of them in order, or none"
        )
    members = open_members(models or [entry["name"] for entry in wanted], device, runtime)
    for member, entry in zip(members, wanted, strict=True):
        if member.checksum != entry["sha256"]:
            raise WeightsError(
                f"{path}: fitted with {entry['name']} of checksum {entry['sha256'][:12]}..., "
                f"{member.name} has {member.checksum[:12]}...; give the weights it was fitted with"
            )
    return Ensemble(
        members,
        tuple(meta["classes"]),
        {name: _regression(arrays, name, kept, path) for name, kept in meta["regressions"].items()},
        _array(arrays, "weights", path),
        Fingerprints(*(_array(arrays, f"fitted_on.{k}", path) for k in _PRINTS)),
        bool(meta["mirror"]),
        dict(meta["about"]),
    )


def _regression(arrays: Mapping[str, np.ndarray], name: str, kept: Mapping[str, Any], path: Path) -> Regression:
    mean, scale, weight, bias = (_array(arrays, f"{name}.{array}", path) for array in _ARRAYS)
    return Regression(mean, scale, weight, bias, **kept)


def _array(arrays: Mapping[str, np.ndarray], name: str, path: Path) -> np.ndarray:
    if name not in arrays:
        raise WeightsError(f"{path}: damaged: {name} is missing; fit the ensemble again")
    return arrays[name]
