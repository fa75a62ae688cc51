"""Runs the person-disjoint cross-validation of temporal heads and baselines on emotion or valence, and writes its run folder.

One unit of work is one fold of one repeat: train the encoder on the training people where set, compute the features once, train every
head on the same features, test on the test people once. Each finished head writes one small file, so that a killed run can be resumed
and ends with the same numbers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.core.csv_text import csv_text
from seqfer.core.emotions import CLASS_LISTS
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import write_atomically
from seqfer.core.records import Clip, Fold
from seqfer.core.settings import as_dict
from seqfer.core.settings_files import saved_settings
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.faces import open_data
from seqfer.corpus.folds import folds_checksum, load_folds, make_folds, repeat_seed, save_folds
from seqfer.corpus.manifest import Manifest
from seqfer.corpus.same_data import is_recorded_as
from seqfer.experiments.clip_plan import Part
from seqfer.experiments.crossval.fold import run_fold
from seqfer.experiments.crossval.plan import Plan
from seqfer.experiments.crossval.settings import EVERY_CLIP, CvSettings
from seqfer.experiments.crossval.valence_fold import frames_of_part, run_valence_fold
from seqfer.experiments.predictions import class_predictions
from seqfer.models.features import frame_features
from seqfer.models.layers import FrameEncoder
from seqfer.runs.folder import open_run
from seqfer.runs.names import FOLDS_JSON, PREDICTIONS_CSV, SETTINGS_JSON
from seqfer.runs.process_tuning import on_recorded_threads, tune_worker
from seqfer.runs.workers import Workers, check_jobs, run_units


@dataclass(frozen=True)
class CrossValidation:
    """A finished run: `parts` are the files of all repeats, folds and heads, in that order."""

    settings: CvSettings
    manifest: Manifest
    plan: Plan
    encoder: FrameEncoder
    contents: dict[str, str]
    parts: tuple[dict[str, Any], ...]
    seconds: float


@on_recorded_threads
def cross_validate(
    settings: CvSettings, out: Path, *, resume: bool = False, jobs: int = 0, quiet: bool = False
) -> CrossValidation:
    """Run all units without results and write `folds.json` and `predictions.csv`.

    Raises SeqferError for wrong input, before the first training where possible.
    """
    started = time.monotonic()
    check_jobs(jobs)
    valence = settings.task == "valence"
    manifest = _clips(settings)
    repeats = _folds(manifest, settings)
    encoder, weights_checksum = settings.encoding.open(manifest.classes, settings.device)
    checksum = manifest.checksum()
    faces_file, lengths = frame_faces(manifest, encoder.input_size, encoder.channels, checksum)
    # A resumed run must have the same settings, and the same contents of the files named in them.
    contents = {
        "data_checksum": checksum,
        "encoder_checksum": weights_checksum,
        "folds_checksum": folds_checksum(repeats),
    }
    open_run(out, {**_written(settings, out, resume), **contents}, resume, partial(is_recorded_as, manifest))
    save_folds(out / FOLDS_JSON, repeats, settings.seed)
    trains = settings.encoding.trains
    features = () if trains else frame_features(encoder, weights_checksum, settings.encoder, faces_file)
    plan = Plan(
        settings=settings,
        out=out,
        classes=manifest.classes,
        names=tuple(clip.clip for clip in manifest.clips),
        people=tuple(clip.person for clip in manifest.clips),
        labels=np.array([_label(manifest, clip) for clip in manifest.clips], dtype=np.int64),
        lengths=lengths,
        faces_file=faces_file,
        features_files=features,
        repeats=repeats,
        valence=np.array([v for clip in manifest.clips for v in clip.valence or ()] if valence else [], np.float64),
    )
    units = [(repeat, fold) for repeat in range(settings.repeats) for fold in range(settings.folds)]
    workers = Workers(partial(tune_worker, settings.threads))
    run_units(
        run_valence_fold if valence else run_fold, plan, units, jobs=jobs, what="folds", quiet=quiet, workers=workers
    )
    found = tuple(plan.read_part(repeat, fold, head) for repeat, fold in units for head in settings.all_heads)
    named = [(part["head"], part) for part in found]
    table = _valence_predictions(plan, found) if valence else class_predictions(plan, named)
    write_atomically(out / PREDICTIONS_CSV, table)
    return CrossValidation(settings, manifest, plan, encoder, contents, found, time.monotonic() - started)


def _clips(settings: CvSettings) -> Manifest:
    """The clips of the run. Raises InputError where one has no target for the task."""
    manifest = open_data(settings.data)
    if settings.classes != EVERY_CLIP:
        manifest = manifest.only(CLASS_LISTS[settings.classes])
    if settings.task == "valence":
        _refuse(
            "valence", [clip.clip for clip in manifest.clips if clip.valence is None], manifest, "a value per frame"
        )
        if settings.encoding.trains:
            unlabelled = [clip.clip for clip in manifest.clips if clip.label is None]
            _refuse(
                "a label", unlabelled, manifest, "a label to train the encoder on, or give --encoder-weights shipped"
            )
    return manifest


def _refuse(what: str, lacking: Sequence[str], manifest: Manifest, wanted: str) -> None:
    if lacking:
        raise InputError(
            f"{manifest.corpus}: clips without {what}: {len(lacking)} of {len(manifest.clips)} (first: {lacking[0]}); "
            f"--task valence needs clips that all have {wanted}"
        )


def _written(settings: CvSettings, out: Path, resume: bool) -> dict[str, Any]:
    """Settings as the run folder stores them. A setting that did not exist when a run was started is left out while it has its default,
    which is what the run used."""
    values = as_dict(settings)
    known = resume and (out / SETTINGS_JSON).exists()
    return _since(values, saved_settings(out), as_dict(CvSettings())) if known else values


def _since(values: dict[str, Any], saved: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(saved.get(key), dict):
            kept[key] = _since(value, saved[key], defaults[key])
        elif key in saved or value != defaults[key]:
            kept[key] = value
    return kept


def _label(manifest: Manifest, clip: Clip) -> int:
    return -1 if clip.label is None else manifest.classes.index(clip.label)


def _folds(manifest: Manifest, settings: CvSettings) -> tuple[tuple[Fold, ...], ...]:
    if settings.folds_file:
        repeats = load_folds(Path(settings.folds_file), manifest.clips)
        if len(repeats) != settings.repeats or any(len(folds) != settings.folds for folds in repeats):
            held = " or ".join(str(n) for n in sorted({len(folds) for folds in repeats}))
            raise SettingsError(
                f"{settings.folds_file} has {len(repeats)} repeats of {held} folds; set --repeats and --folds to these numbers"
            )
        return repeats
    return tuple(
        make_folds(
            manifest.clips,
            settings.folds,
            repeat_seed(settings.seed, repeat),
            validation_share=settings.validation_share,
        )
        for repeat in range(settings.repeats)
    )


def _valence_predictions(plan: Plan, parts: Sequence[Part]) -> str:
    """A line per frame, `frame` counted from 0 within its clip."""
    header = ["clip", "person", "frame", "fold", "repeat", "head", "predicted", "truth"]
    return csv_text([header, *(line for part in parts for line in _frame_lines(plan, part))])


def _frame_lines(plan: Plan, part: Part) -> Iterator[list[object]]:
    predicted, truth = (iter(values) for values in frames_of_part(plan, part))
    for name, clip, trace in zip(part["clips"], plan.clips_named(part["clips"]), part["valence"], strict=True):
        for frame in range(len(trace)):
            where = [name, plan.people[clip], frame, part["fold"], part["repeat"], part["head"]]
            yield [*where, f"{next(predicted):.6f}", f"{next(truth):.6f}"]
