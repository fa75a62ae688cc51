"""`seqfer ensemble`: combines trained models by averaging, stacking and logistic regressions on their features (savoiu2017, section 3.4).

Combinations are fitted on people held out from training, and scored on others; each clip is labelled by the sum of its frames'
probabilities, for members and combinations.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError
from seqfer.corpus.faces import open_data
from seqfer.corpus.manifest import Manifest
from seqfer.corpus.stills import labels_of, of_split
from seqfer.experiments.ensemble.division import clips_without_duplicates, divide, fingerprints
from seqfer.experiments.ensemble.file import Ensemble, load_ensemble
from seqfer.experiments.ensemble.fit import METHODS, fit_regression, fit_weights, stacked
from seqfer.experiments.ensemble.members import Outputs, agreed_classes, member_outputs, open_members
from seqfer.experiments.ensemble.settings import EnsembleSettings, FitSplit
from seqfer.experiments.ensemble.summary import TITLES, summarise
from seqfer.models.single_face import SingleFaceModel
from seqfer.runs.kinds.ensemble import EnsembleReport
from seqfer.runs.process_tuning import torch_threads

OnMessage = Callable[[str], None]


@torch_threads(1)
def fit_ensemble(
    settings: EnsembleSettings, on_message: OnMessage = lambda message: None
) -> tuple[Ensemble, EnsembleReport]:
    """Fit on the held-out part and score on the split. Returns (the ensemble, the report without its command)."""
    started = time.monotonic()
    members = open_members(settings.models, settings.device, settings.runtime)
    manifest = open_data(settings.data)
    names = agreed_classes(members, manifest, settings.classes, settings.common_classes)
    parts = divide(manifest, members, settings, settings.split)
    fit, test = parts.fit.only(names), parts.test.only(names)
    on_message(f"{len(fit.clips)} clips to fit on")
    fit_out = member_outputs(members, fit, names, mirror=settings.mirror)
    on_message(f"{len(test.clips)} clips to score")
    test_out = member_outputs(members, test, names, mirror=settings.mirror)
    before = len(fit.clips)
    kept = clips_without_duplicates(fit, fit_out.lengths, fit_out.faces, fingerprints(test, test_out.faces).pictures)
    fit, fit_out = _keep(fit, fit_out, kept)
    labels, people = _frames(fit, fit_out, names)
    _check_every_class(labels, names, parts.words)
    seed, regressions = settings.seed, {}
    weights = fit_weights(fit_out.member_probabilities(), labels)
    for method in METHODS[2:]:
        on_message(f"fitting {TITLES[method]}")
        x = stacked(fit_out.logits) if method == "stacking" else fit_out.features
        regressions[method] = fit_regression(x, labels, people, one_vs_rest=method == "one_vs_rest", seed=seed)
    about = {
        "corpus": manifest.corpus,
        "words": parts.words,
        "clips": len(fit.clips),
        "people": len(set(people)),
        "left_out_copies": before - len(fit.clips),
        "data_checksum": manifest.checksum(),
    }
    ensemble = Ensemble(members, names, regressions, weights, fingerprints(fit, fit_out.faces), settings.mirror, about)
    notes = _doubts(members, manifest.corpus, settings)
    dropped = sorted({str(clip.label) for clip in manifest.clips} - set(names))
    if settings.common_classes and dropped:
        notes.append(f"Scored without {', '.join(dropped)}: not every member has them.")
    report = summarise(ensemble, test, test_out, settings.split, settings.data, notes, started)
    return ensemble, report


def _doubts(members: Sequence[SingleFaceModel], corpus: str, part: FitSplit) -> list[str]:
    """Notes on what cannot be checked in the members' files when the people are drawn again."""
    unsure = [m.name for m in members if m.meta.get("corpus") == corpus and "data_checksum" not in m.meta]
    if part.fit_split or not unsure:
        return []
    return [
        f"{', '.join(unsure)}: the file does not state which copy of {corpus} it was trained on; the people fitted on are those its "
        "training held out only if it was this copy."
    ]


@torch_threads(1)
def evaluate_ensemble(
    file: Path,
    data: str,
    *,
    split: str = "",
    models: Sequence[str] = (),
    device: str = "auto",
    runtime: str = "auto",
    on_message: OnMessage = lambda message: None,
) -> EnsembleReport:
    """Score a saved ensemble on other people. Raises InputError for clips or people it was fitted on."""
    started = time.monotonic()
    ensemble = load_ensemble(file, models, device, runtime)
    test = of_split(open_data(data), split).only(ensemble.classes)
    on_message(f"{len(test.clips)} clips to score")
    out = member_outputs(ensemble.members, test, ensemble.classes, mirror=ensemble.mirror)
    found, known = fingerprints(test, out.faces), ensemble.fitted_on
    for what in ("clips", "people"):
        both = len(np.intersect1d(getattr(found, what), getattr(known, what)))
        if both:
            raise InputError(
                f"{file}: was fitted on {both} of the {what} of {data}; an ensemble cannot be scored on what it was fitted on: give another --split"
            )
    before = len(test.clips)
    keep = clips_without_duplicates(test, out.lengths, out.faces, known.pictures)
    if not keep.any():
        raise InputError(f"{file}: was fitted on the same pictures under other names; give another --split or --data")
    test, out = _keep(test, out, keep)
    left_out = before - len(test.clips)
    notes = [f"{left_out} clips left out: the ensemble was fitted on duplicates of them."] if left_out else []
    return summarise(ensemble, test, out, split, data, notes, started)


def _keep(manifest: Manifest, out: Outputs, kept: np.ndarray) -> tuple[Manifest, Outputs]:
    """Only the clips (clip,) where `kept`."""
    if kept.all():
        return manifest, out
    if not kept.any():
        raise InputError(
            f"{manifest.corpus}: every clip to fit on is a duplicate of one to score; give another --fit-split"
        )
    frames = np.repeat(kept, out.lengths)
    fewer = replace(manifest, clips=tuple(clip for clip, k in zip(manifest.clips, kept, strict=True) if k))
    return fewer, replace(
        out,
        features=out.features[frames],
        logits=out.logits[:, frames],
        lengths=out.lengths[kept],
        faces=out.faces[frames],
    )


def _frames(manifest: Manifest, out: Outputs, names: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """(class index, person) of every frame."""
    people = [clip.person for clip, length in zip(manifest.clips, out.lengths, strict=True) for _ in range(length)]
    return np.repeat(labels_of(manifest.clips, names), out.lengths), people


def _check_every_class(labels: np.ndarray, names: Sequence[str], words: str) -> None:
    lacking = [name for k, name in enumerate(names) if not (labels == k).any()]
    if lacking:
        raise InputError(
            f"the part to fit on ({words}) has no {', '.join(lacking)}; increase --fit-share, give a --fit-split, or choose with --classes"
        )
