"""Opens the trained models of an ensemble, finds their common classes, and computes their features and logits of a manifest's frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError, SettingsError
from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.manifest import Manifest
from seqfer.metrics.calibration import tempered_softmax
from seqfer.models.classify import class_prior
from seqfer.models.image_choice import open_image_model
from seqfer.models.single_face import SingleFaceModel
from seqfer.runs.cache import cached_array, open_array


@dataclass(frozen=True)
class Outputs:
    """The members' outputs on the frames of a manifest: `features` (frame feature) float32, of all members concatenated; `logits` (member frame
    class); `temperatures` (member,); `priors` (class,) of each member, or None (see `class_prior`); `lengths` (clip,) frames of each
    clip; `faces` (frame height width), cropped as for the first member."""

    features: np.ndarray
    logits: np.ndarray
    temperatures: tuple[float, ...]
    priors: tuple[np.ndarray | None, ...]
    lengths: np.ndarray
    faces: np.ndarray

    def member_probabilities(self) -> np.ndarray:
        """Calibrated probabilities (member frame class)."""
        return np.stack(
            [tempered_softmax(*one) for one in zip(self.logits, self.temperatures, self.priors, strict=True)]
        )


def open_members(models: Sequence[str], device: str = "auto", runtime: str = "auto") -> tuple[SingleFaceModel, ...]:
    """Two or more different models by tier, encoder name or file. Raises SettingsError for fewer, or for the same weights twice."""
    if len(models) < 2:
        raise SettingsError(
            f"{len(models)} model given; an ensemble needs two or more: seqfer ensemble MODEL MODEL ..."
        )
    members = tuple(open_image_model(name, device=device, runtime=runtime) for name in models)
    seen: dict[str, str] = {}
    for member in members:
        if member.checksum in seen:
            raise SettingsError(
                f"{member.name} and {seen[member.checksum]} are the same weights; an ensemble needs different models"
            )
        seen[member.checksum] = member.name
    return members


def agreed_classes(
    members: Sequence[SingleFaceModel], manifest: Manifest, wanted: str, common: bool
) -> tuple[str, ...]:
    """The classes to score, in the first member's order: those of the list `wanted`, or those that occur in the data.

    Raises SettingsError when the members' lists differ without `common`, which uses the classes that all of them have, or when the data have
    other classes and `wanted` is empty.
    """
    first = members[0]
    known = tuple(name for name in first.classes if all(name in member.classes for member in members))
    other = next((member for member in members if set(member.classes) != set(first.classes)), None)
    if other is not None and not common:
        raise SettingsError(
            f"{first.name} has the classes {', '.join(first.classes)}; {other.name} has {', '.join(other.classes)}: "
            "add --common-classes to use those that all have"
        )
    names = tuple(n for n in (class_list(wanted) if wanted else known) if n in known and n in manifest.classes)
    lacking = [name for name in (class_list(wanted) if wanted else manifest.classes) if name not in known]
    if lacking and not (common and not wanted):
        raise SettingsError(
            f"not all members have {', '.join(lacking)}; they have {', '.join(known)}: choose with --classes"
        )
    if len(names) < 2:
        raise InputError(
            f"{manifest.corpus} and the members share {len(names)} classes ({', '.join(names) or 'none'}); two or more are needed"
        )
    return names


def member_outputs(
    members: Sequence[SingleFaceModel], manifest: Manifest, names: Sequence[str], *, mirror: bool = False
) -> Outputs:
    """Run every member on every frame, through the cache.

    With `mirror` both are means over the picture and its mirror image, as they always are for a member with two views.
    """
    checksum = manifest.checksum()
    features, logits, first_faces, lengths = [], [], None, np.zeros(0, np.int64)
    for member in members:
        file, lengths = frame_faces(manifest, member.input_size, member.channels, checksum)
        first_faces = open_array(file) if first_faces is None else first_faces
        sides = (False, True) if mirror or member.mirrored else (False,)
        views = [open_array(_outputs(member, file, m)) for m in sides]
        columns = [member.feature_dim + member.classes.index(name) for name in names]
        features.append(np.mean([view[:, : member.feature_dim] for view in views], axis=0, dtype=np.float32))
        logits.append(np.mean([view[:, columns] for view in views], axis=0, dtype=np.float64))
    assert first_faces is not None
    temperatures = tuple(member.temperature for member in members)
    priors = tuple(class_prior("auto", member.meta, manifest.corpus, names) for member in members)
    return Outputs(np.concatenate(features, axis=1), np.stack(logits), temperatures, priors, lengths, first_faces)


def _outputs(member: SingleFaceModel, faces_file: Path, mirror: bool) -> Path:
    """File of float32 (frame feature+class): the input of the member's classifier, and its logits."""
    key = {
        "faces": faces_file.name,
        "encoder": member.encoder_name,
        "weights": member.checksum,
        "mirror": mirror,
        "layer": "embed and classifier",
        **member.features_key,
    }

    def make() -> np.ndarray:
        faces = open_array(faces_file)
        return np.concatenate(member.read(faces[:, :, ::-1] if mirror else faces), axis=1)

    return cached_array("features", key, make)
