"""`seqfer stress`: scores one model on the same faces, unchanged and under every corruption at every level.

Faces are changed at the model's input size, so level 0 is bit for bit what `seqfer evaluate` scores. A clip of several frames is labelled
by the sum of its frames' probabilities. Probabilities are stored in the run folder, one file per corruption, and a killed run resumes after the
last complete one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from seqfer.core.records import Clip
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.faces import open_data
from seqfer.corpus.same_data import is_recorded_as
from seqfer.corpus.stills import labels_of, of_split
from seqfer.experiments.prediction_files import Columns, class_columns, joined, write_predictions
from seqfer.experiments.stress.corruptions import CORRUPTIONS_VERSION, Corruption, choose
from seqfer.experiments.stress.scoring import by_group, members, scores, stressed, worst_first
from seqfer.experiments.stress.settings import StressSettings
from seqfer.models.classify import class_prior, clip_class_probabilities, known_classes
from seqfer.models.image_choice import open_image_model
from seqfer.models.single_face import SingleFaceModel
from seqfer.runs.cache import kept_array, open_array
from seqfer.runs.folder import machine, open_run, versions
from seqfer.runs.kinds.stress import StressReport
from seqfer.runs.process_tuning import torch_threads
from seqfer.runs.progress import ProgressBar

# Frames changed at a time; whole batches of every runtime, so that the batches are the same as in an evaluation.
CHUNK = 2048


@dataclass(frozen=True)
class ModelUnderTest:
    """One model and its test faces: `faces` uint8 (frame height width) or (frame height width 3), `lengths` (clip,) frames of each clip.

    `clip_numbers` and `frame_numbers` (frame,) are those of the whole split, so that a clip's corruption does not depend on how many are drawn.
    """

    model: SingleFaceModel
    names: tuple[str, ...]
    clips: tuple[Clip, ...]
    faces: np.ndarray
    lengths: np.ndarray
    clip_numbers: np.ndarray
    frame_numbers: np.ndarray
    checksum: str
    same_data: Callable[[object], bool]

    def shares(self, corruption: Corruption | None, level: int, seed: int) -> np.ndarray:
        """Calibrated probabilities (clip class) under a corruption, or (None) of the unchanged faces."""
        numbers = self.frame_numbers if corruption and corruption.per_frame else self.clip_numbers
        logits = []
        for start in range(0, len(self.faces), CHUNK):
            part = slice(start, start + CHUNK)
            pictures = corruption(self.faces[part], level, seed, numbers[part]) if corruption else self.faces[part]
            logits.append(self.model.logits(pictures))
        columns = [self.model.classes.index(name) for name in self.names]
        prior = class_prior("auto", self.model.meta, self.clips[0].corpus, self.names)
        return clip_class_probabilities(np.concatenate(logits)[:, columns], self.lengths, self.model.temperature, prior)

    def all_levels(self, corruption: Corruption, seed: int) -> np.ndarray:
        """Probabilities (level clip class) at levels 1 and up."""
        return np.stack([self.shares(corruption, level, seed) for level in corruption.levels])


@torch_threads(1)
def stress_model(
    settings: StressSettings, out: Path, *, resume: bool = False, quiet: bool = False, command: str = ""
) -> StressReport:
    """The report of `seqfer stress`; `out` is the run folder. Raises SeqferError for wrong input before computing."""
    started = time.monotonic()
    chosen = choose(settings.only)
    subject = open_model_under_test(settings)
    groups = members(subject.clips, settings.groups) if settings.groups else {}
    names, labels = subject.names, labels_of(subject.clips, subject.names)
    asked = {k: getattr(settings, k) for k in ("model", "data", "split", "classes", "images", "seed")}
    asked |= {"model_checksum": subject.model.checksum, "data_checksum": subject.checksum}
    asked |= {"corruptions_checksum": f"version {CORRUPTIONS_VERSION}", "runtime": subject.model.runtime}
    open_run(out, asked, resume, subject.same_data)
    bar = ProgressBar(1 + len(chosen), "corruptions", quiet)
    clean = kept_array(out / "shares" / "level0.npy", partial(subject.shares, None, 0, settings.seed))
    before = scores(clean, labels, names)
    bar.step(f"uncorrupted: accuracy {100 * before.accuracy:.1f} %")
    shares, rows = {}, []
    for corruption in chosen:
        file = out / "shares" / f"{corruption.name}.npy"
        make = partial(subject.all_levels, corruption, settings.seed)
        shares[corruption.name] = kept_array(file, make)
        rows.append(stressed(corruption, clean, shares[corruption.name], labels, names))
        bar.step(f"{corruption.name}: mean accuracy {100 * rows[-1].mean_accuracy:.1f} %")
    bar.close()
    write_predictions(out, _predictions(subject, clean, shares))
    return StressReport(
        **{**asked, "split": settings.split or "all", "classes": names, "images": len(labels)},
        parameters=subject.model.parameters,
        input_size_px=subject.model.input_size,
        temperature=subject.model.temperature,
        clean=before,
        mean_accuracy=float(np.mean([row.mean_accuracy for row in rows])),
        corruptions=worst_first(rows),
        attribute=settings.groups,
        groups=by_group(groups, chosen, clean, shares, labels, names),
        in_no_group=len(labels) - sum(map(len, groups.values())) if groups else 0,
        seconds=time.monotonic() - started,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        machine=machine(),
    )


def _predictions(subject: ModelUnderTest, clean: np.ndarray, shares: Mapping[str, np.ndarray]) -> Columns:
    """The predictions of every clip uncorrupted (corruption none, level 0) and under every corruption at every level, from 1."""
    levels = {("none", 0): clean}
    levels |= {(name, k): row for name, rows in shares.items() for k, row in enumerate(rows, 1)}
    clips, names = subject.clips, subject.names
    return joined([class_columns(clips, names, row, corruption=c, level=k) for (c, k), row in levels.items()])


def open_model_under_test(settings: StressSettings) -> ModelUnderTest:
    """The model and the clips that are drawn for it. Raises SeqferError for a model, data, split or classes that do not fit."""
    model = open_image_model(settings.model, device=settings.device, runtime=settings.runtime)
    whole = of_split(open_data(settings.data), settings.split)
    names = known_classes(whole, settings.classes, model.classes)
    whole = whole.only(names)
    drawn = drawn_clips(len(whole.clips), settings.images, settings.seed)
    manifest = replace(whole, clips=tuple(whole.clips[i] for i in drawn))
    checksum = manifest.checksum()
    file, lengths = frame_faces(manifest, model.input_size, model.channels, checksum)
    ends = np.cumsum([len(clip.frames) for clip in whole.clips])
    frame_numbers = np.concatenate([np.arange(ends[i] - n, ends[i]) for i, n in zip(drawn, lengths, strict=True)])
    clip_numbers, faces = np.repeat(drawn, lengths), open_array(file)
    return ModelUnderTest(
        model,
        names,
        manifest.clips,
        faces,
        lengths,
        clip_numbers,
        frame_numbers,
        checksum,
        partial(is_recorded_as, manifest),
    )


def drawn_clips(count: int, wanted: int, seed: int) -> np.ndarray:
    """Indices (clip,), ascending, of `wanted` of `count` clips drawn by `seed`; all of them for 0 or where there are not more."""
    if not wanted or wanted >= count:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:wanted])
