"""Person-disjoint cross-validation of temporal heads, the baselines beside them, and what a run folder keeps of it.

One unit of work is one fold of one repeat: train the encoder on the training people if it is to be trained, make the features once, train every
head on the same features, read the test people once. Each finished head leaves one small file, so a killed run goes on where it stopped
and ends with the same numbers.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqfer import parts
from seqfer.cache import open_array
from seqfer.config import as_dict
from seqfer.data import open_data
from seqfer.emotions import CLASS_LISTS
from seqfer.errors import SettingsError
from seqfer.features import Encoding, frame_faces, frame_features, load_encoder, run_frames
from seqfer.folds import load_folds, make_folds, repeat_seed, save_folds
from seqfer.layers import FrameEncoder, parameter_counts
from seqfer.manifest import Manifest, write_atomically
from seqfer.model import SequenceModel
from seqfer.pool import run_units
from seqfer.records import Fold
from seqfer.runfolder import open_run, write_json
from seqfer.train import ImageSet, ImageTraining, fit_images
from seqfer.train_sequence import HeadTraining, fit_sequence, pad_clips, predict_clips

PEAK_FRAMES = 3  # a still-image baseline sees the last frames of a clip, where CK+ and CK+48 have their peak


@dataclass(frozen=True)
class CvSettings:
    """Everything that decides the numbers of a run. `heads` are compared in the order given; `mean` is always run beside them."""

    data: str = "posed"
    folds: int = 5
    repeats: int = 1
    heads: tuple[str, ...] = ("lstm", "bilstm")
    encoder: str = "compact"
    encoder_weights: str = "shipped"
    train_encoder: bool = False
    classes: str = "six"
    seed: int = 0
    validation_share: float = 0.15
    folds_file: str = ""
    encoder_training: ImageTraining = field(
        default_factory=lambda: ImageTraining(epochs=16, batch_size=64, patience=0, label_smoothing=0.1, ema=0.98)
    )
    head_training: HeadTraining = field(default_factory=HeadTraining)

    def __post_init__(self) -> None:
        if self.folds < 2 or self.repeats < 1:
            raise SettingsError(f"folds = {self.folds}, repeats = {self.repeats}; allowed: folds >= 2, repeats >= 1")
        if not 0 < self.validation_share < 0.5:
            raise SettingsError(f"validation_share = {self.validation_share}; allowed: between 0 and 0.5")
        if self.classes not in CLASS_LISTS:
            raise SettingsError(f"classes = {self.classes!r}; allowed: {', '.join(CLASS_LISTS)}")
        if not self.heads or len(set(self.heads)) < len(self.heads):
            raise SettingsError(f"heads = {','.join(self.heads)!r}; name each head once, at least one")
        for name in self.heads:
            part_of(name)

    @property
    def encoding(self) -> Encoding:
        """How features are made."""
        return Encoding(self.encoder, self.encoder_weights, self.train_encoder)

    @property
    def all_heads(self) -> tuple[str, ...]:
        """The heads to run: those asked for, and `mean`."""
        return self.heads if "mean" in self.heads else (*self.heads, "mean")


def part_of(name: str) -> tuple[str, Any]:
    """A head or a baseline by name, as ("heads" or "baselines", module)."""
    if name in parts.names("baselines"):
        return "baselines", parts.find("baselines", name)
    try:
        return "heads", parts.find("heads", name)
    except SettingsError:
        allowed = ", ".join(parts.names("heads") + parts.names("baselines"))
        raise SettingsError(f"unknown head {name!r}; allowed: {allowed}, or a dotted path of your own module") from None


@dataclass(frozen=True)
class Plan:
    """What every unit needs, small enough to send to another process: arrays stay in files."""

    settings: CvSettings
    out: Path
    classes: tuple[str, ...]
    names: tuple[str, ...]
    people: tuple[str, ...]
    labels: np.ndarray
    lengths: np.ndarray
    faces_file: Path
    features_files: tuple[Path, ...]
    repeats: tuple[tuple[Fold, ...], ...]

    def clips_of(self, people: frozenset[str]) -> np.ndarray:
        """Indices of these people's clips."""
        return np.array([i for i, person in enumerate(self.people) if person in people], dtype=np.int64)

    def frames_of(self, clips: np.ndarray, last: int | None = None) -> np.ndarray:
        """Indices of the frames of these clips in the stack, or only the `last` ones of each clip."""
        ends = np.cumsum(self.lengths)
        kept = self.lengths if last is None else np.minimum(self.lengths, last)
        return (
            np.concatenate([np.arange(ends[c] - kept[c], ends[c]) for c in clips])
            if len(clips)
            else np.zeros(0, dtype=np.int64)
        )

    def part_file(self, repeat: int, fold: int, head: str) -> Path:
        return self.out / "parts" / f"repeat{repeat}-fold{fold}-{head}.json"


@dataclass(frozen=True)
class CrossValidation:
    """A finished run: `parts` are the files of all repeats, folds and heads, in that order."""

    settings: CvSettings
    manifest: Manifest
    plan: Plan
    encoder: FrameEncoder
    data_checksum: str
    parts: tuple[dict[str, Any], ...]
    seconds: float


def cross_validate(
    settings: CvSettings, out: Path, *, resume: bool = False, jobs: int = 0, quiet: bool = False
) -> CrossValidation:
    """Run everything that is not there yet and write `folds.json` and `predictions.csv`.

    Raises SeqferError for anything wrong with the input, before the first training starts where it can be known by then.
    """
    started = time.monotonic()
    manifest = open_data(settings.data).only(CLASS_LISTS[settings.classes])
    repeats = _folds(manifest, settings)
    checksum = manifest.checksum()
    open_run(out, {**as_dict(settings), "data_checksum": checksum}, resume)
    save_folds(out / "folds.json", repeats, settings.seed)
    encoder, weights_checksum = load_encoder(settings.encoding, classes=len(manifest.classes))
    faces_file, lengths = frame_faces(manifest, encoder.input_size, encoder.channels, checksum)
    plan = Plan(
        settings=settings,
        out=out,
        classes=manifest.classes,
        names=tuple(clip.clip for clip in manifest.clips),
        people=tuple(clip.person for clip in manifest.clips),
        labels=np.array([manifest.classes.index(str(clip.label)) for clip in manifest.clips], dtype=np.int64),
        lengths=lengths,
        faces_file=faces_file,
        features_files=()
        if settings.encoding.trains
        else frame_features(encoder, weights_checksum, settings.encoder, faces_file),
        repeats=repeats,
    )
    units = [(repeat, fold) for repeat in range(settings.repeats) for fold in range(settings.folds)]
    run_units(_run_fold, plan, units, jobs=jobs, what="folds", quiet=quiet)
    found = tuple(_read_part(plan, repeat, fold, head) for repeat, fold in units for head in settings.all_heads)
    _write_predictions(out / "predictions.csv", plan, found)
    return CrossValidation(settings, manifest, plan, encoder, checksum, found, time.monotonic() - started)


def _folds(manifest: Manifest, settings: CvSettings) -> tuple[tuple[Fold, ...], ...]:
    if settings.folds_file:
        repeats = load_folds(Path(settings.folds_file), manifest.clips)
        if len(repeats) != settings.repeats or len(repeats[0]) != settings.folds:
            raise SettingsError(
                f"{settings.folds_file} holds {len(repeats)} repeats of {len(repeats[0])} folds; ask for the same with --repeats and --folds"
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


def unit_seed(seed: int, repeat: int, fold: int, what: str) -> int:
    """One seed for one training, different for each, the same in every run."""
    return (
        int(np.random.SeedSequence([seed, repeat, fold, zlib.crc32(what.encode())]).generate_state(1)[0]) & 0x7FFFFFFF
    )


def _run_fold(plan: Plan, unit: tuple[int, int], note: Callable[[str], None]) -> str:
    """All heads of one fold that have no file yet; returns a line for the screen."""
    repeat, index = unit
    fold = plan.repeats[repeat][index]
    train, validation, test = (plan.clips_of(people) for people in (fold.train, fold.validation, fold.test))
    missing = [head for head in plan.settings.all_heads if not plan.part_file(repeat, index, head).exists()]
    checkpoint = plan.out / "parts" / f"repeat{repeat}-fold{index}-encoder.safetensors"
    data = None
    for head in missing:
        kind, module = part_of(head)
        where = f"repeat {repeat + 1} fold {index + 1} {head}"
        note(where)
        started = time.monotonic()
        seed = unit_seed(plan.settings.seed, repeat, index, head)
        if kind == "baselines":
            scores, extra = _run_baseline(plan, module, train, test, seed)
        else:
            if data is None:
                views = _views(plan, repeat, index, train, validation, checkpoint, note)
                data = pad_clips(views, plan.lengths, plan.labels)
            scores, extra = _run_head(plan, head, data, train, validation, test, seed, where)
        part = {
            "head": head,
            "repeat": repeat,
            "fold": index,
            "clips": [plan.names[c] for c in test],
            "probabilities": scores.tolist(),
        }
        write_json(plan.part_file(repeat, index, head), {**part, **extra, "seconds": time.monotonic() - started})
    checkpoint.unlink(missing_ok=True)  # only needed to resume within this fold, and the largest file of the run
    parts_read = [_read_part(plan, repeat, index, head) for head in plan.settings.all_heads]
    errors = ", ".join(f"{p['head']} {np.mean(_wrong(plan, p)):.1%}" for p in parts_read)
    return f"repeat {repeat + 1} fold {index + 1} errors: {errors}"


def _views(
    plan: Plan,
    repeat: int,
    fold: int,
    train: np.ndarray,
    validation: np.ndarray,
    checkpoint: Path,
    note: Callable[[str], None],
) -> list[np.ndarray]:
    """Features (frame feature) of all frames as filmed and mirrored: the shared files', or of an encoder trained on this fold's training people."""
    if plan.features_files:
        return [open_array(file) for file in plan.features_files]
    settings = plan.settings
    faces = open_array(plan.faces_file)
    labels = np.repeat(plan.labels, plan.lengths)
    sets = [
        ImageSet(np.asarray(faces[frames]), labels[frames])
        for frames in (plan.frames_of(train), plan.frames_of(validation))
    ]
    seed = unit_seed(settings.seed, repeat, fold, "encoder")
    torch.manual_seed(seed)
    encoder, _ = load_encoder(settings.encoding, classes=len(plan.classes))
    where = f"repeat {repeat + 1} fold {fold + 1} "
    fit_images(
        encoder,
        sets[0],
        settings.encoder_training,
        seed=seed,
        validation=sets[1] if len(sets[1]) else None,
        checkpoint=checkpoint,
        progress=lambda message: note(where + message),
    )
    return [run_frames(encoder.embed, faces, mirror=mirror).numpy() for mirror in (False, True)]


def _run_head(
    plan: Plan, head: str, data, train: np.ndarray, validation: np.ndarray, test: np.ndarray, seed: int, where: str
) -> tuple[np.ndarray, dict[str, Any]]:
    torch.manual_seed(seed)
    model = SequenceModel(data.features.shape[-1], head, len(plan.classes), dropout=plan.settings.head_training.dropout)
    failed = plan.out / "parts" / (where.replace(" ", "-") + "-last-good.safetensors")
    history = fit_sequence(
        model,
        data.select(train),
        data.select(validation),
        plan.settings.head_training,
        seed=seed,
        keep_on_failure=failed,
    )
    return predict_clips(model, data.select(test)), {"curve": vars(history), "parameters": parameter_counts(model)[1]}


def _run_baseline(
    plan: Plan, module: Any, train: np.ndarray, test: np.ndarray, seed: int
) -> tuple[np.ndarray, dict[str, Any]]:
    faces = open_array(plan.faces_file)
    frame_labels = np.repeat(plan.labels, plan.lengths)
    seen, asked = plan.frames_of(train, PEAK_FRAMES), plan.frames_of(test, PEAK_FRAMES)
    scores = module.fit_predict(
        np.asarray(faces[seen]), frame_labels[seen], np.asarray(faces[asked]), len(plan.classes), seed
    )
    owners = np.repeat(np.arange(len(test)), np.minimum(plan.lengths[test], PEAK_FRAMES))
    clips = np.zeros((len(test), len(plan.classes)))
    np.add.at(clips, owners, scores)
    return clips / clips.sum(1, keepdims=True), {
        "curve": None,
        "parameters": int(faces[0].size + 1) * len(plan.classes),
    }


def _read_part(plan: Plan, repeat: int, fold: int, head: str) -> dict[str, Any]:
    return json.loads(plan.part_file(repeat, fold, head).read_text())


def _wrong(plan: Plan, part: dict[str, Any]) -> np.ndarray:
    """(clip,) bool: where the clip's most probable class is not its label."""
    index = {name: i for i, name in enumerate(plan.names)}
    labels = plan.labels[[index[name] for name in part["clips"]]]
    return np.asarray(part["probabilities"]).argmax(1) != labels


def _write_predictions(path: Path, plan: Plan, found: Sequence[dict[str, Any]]) -> None:
    index = {name: i for i, name in enumerate(plan.names)}
    rows = ["clip,person,label,fold,repeat,head,predicted," + ",".join(plan.classes)]
    for part in found:
        for name, shares in zip(part["clips"], part["probabilities"], strict=True):
            i = index[name]
            cells = [
                name,
                plan.people[i],
                plan.classes[plan.labels[i]],
                str(part["fold"]),
                str(part["repeat"]),
                part["head"],
            ]
            rows.append(
                ",".join([*map(_cell, cells), plan.classes[int(np.argmax(shares))], *(f"{p:.6f}" for p in shares)])
            )
    write_atomically(path, "\n".join(rows) + "\n")


def _cell(text: str) -> str:
    """A CSV cell, quoted where it must be: clip and person names come from other people's folders."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n\r') else text
