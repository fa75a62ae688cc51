"""Writes `.eaf` documents for ELAN: per face a tier of emotions and, with valence, a tier of one number per second. EAF 3.0, milliseconds.

Format: "EAF Annotation Format 3.0 and ELAN" and its schema EAFv3.0.xsd (Max Planck Institute for Psycholinguistics, Nijmegen). The emotions
are a controlled vocabulary, so that corrections are chosen from the same list. Every annotation has its own two time slots:
in ELAN, annotations that share a slot move together.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from seqfer.core.files import write_atomically
from seqfer.core.records import FaceRow
from seqfer.film.output.extra_files import AnnotatedVideo
from seqfer.film.output.rounding import text
from seqfer.film.output.seconds import SecondMean, collect_second_means
from seqfer.film.output.segments import Segment, emotion_segments
from seqfer.traces import eaf

FILE = "annotation.eaf"
ABOUT = "ELAN document: tiers of emotions and valence"
NEEDS_VIDEO_FILE = False


def write(path: Path, video: AnnotatedVideo) -> None:
    """The document of a video, see `write_elan`."""
    write_elan(path, video.rows, video.classes, Path(video.source), origin_s=video.zero_s, date=video.created)


@dataclass
class _Tier:
    """Annotations (start ms, end ms, text, id in the vocabulary or "") in order of time, not overlapping."""

    name: str
    kind: str
    participant: str
    annotations: list[tuple[int, int, str, str]] = field(default_factory=list)

    def add(self, start_s: float, end_s: float, words: str, entry: str = "") -> None:
        """Add an annotation from `start_s` to `end_s`, without its overlap with the one before; ELAN has no times below 0 and no empty intervals."""
        start, end = max(0, round(start_s * 1000)), round(end_s * 1000)
        if self.annotations:
            start = max(start, self.annotations[-1][1])
        if end > start:
            self.annotations.append((start, end, words, entry))


def write_elan(
    path: Path,
    rows: Iterable[FaceRow],
    classes: tuple[str, ...],
    film: Path,
    *,
    origin_s: float = 0.0,
    date: str | None = None,
) -> None:
    """Write the document, atomically. Raises InputError when it cannot be written.

    `origin_s` is the container's time that a player shows as 0:00. `date` is ISO 8601 with a time zone, default now;
    give one for a reproducible file.
    """
    tiers = _tiers(rows, classes, origin_s)
    root = eaf.begun(date)
    eaf.add_header(root, film, path, sum(len(tier.annotations) for tier in tiers))
    _annotations(root, tiers)
    _vocabulary(root, classes)
    write_atomically(path, eaf.as_bytes(root))


def _tiers(rows: Iterable[FaceRow], classes: tuple[str, ...], origin_s: float) -> list[_Tier]:
    """All tiers in order of faces; segments and seconds from one pass over the rows."""
    seconds: list[SecondMean] = []
    emotions: dict[int, _Tier] = {}
    valences: dict[int, _Tier] = {}
    for segment in emotion_segments(collect_second_means(rows, seconds), classes):
        tier = emotions.setdefault(
            segment.face, _Tier(f"face {segment.face} emotion", "emotion", f"face {segment.face}")
        )
        tier.add(*_times(segment, origin_s), segment.emotion, _entry(classes.index(segment.emotion)))
    for mean in seconds:
        if not math.isnan(mean.valence):
            tier = valences.setdefault(mean.face, _Tier(f"face {mean.face} valence", "valence", f"face {mean.face}"))
            tier.add(mean.second - origin_s, mean.second + 1 - origin_s, text(mean.valence, 3))
    both = [tiers[face] for face in sorted(emotions) for tiers in (emotions, valences) if face in tiers]
    return [tier for tier in both if tier.annotations]


def _times(segment: Segment, origin_s: float) -> tuple[float, float]:
    return segment.start_s - origin_s, segment.end_s - origin_s


def _annotations(root: ET.Element, tiers: list[_Tier]) -> None:
    """The time slots, then the tiers that refer to them."""
    slots = eaf.add_time_order(root, [[annotation[:2] for annotation in tier.annotations] for tier in tiers])
    used = 0
    for t, tier in enumerate(tiers):
        about = {"TIER_ID": tier.name, "LINGUISTIC_TYPE_REF": tier.kind, "PARTICIPANT": tier.participant}
        element = ET.SubElement(root, "TIER", {**about, "ANNOTATOR": "seqfer"})
        for a, (_, _, words, entry) in enumerate(tier.annotations):
            used += 1
            place = {"TIME_SLOT_REF1": slots[t, a, 0], "TIME_SLOT_REF2": slots[t, a, 1]}
            chosen = {"CVE_REF": entry} if entry else {}
            annotation = ET.SubElement(element, "ANNOTATION")
            aligned = ET.SubElement(
                annotation, "ALIGNABLE_ANNOTATION", {"ANNOTATION_ID": f"a{used}", **chosen, **place}
            )
            ET.SubElement(aligned, "ANNOTATION_VALUE").text = words


def _vocabulary(root: ET.Element, classes: tuple[str, ...]) -> None:
    """The elements that the tiers refer to, in the order of the schema."""
    plain = {"GRAPHIC_REFERENCES": "false", "TIME_ALIGNABLE": "true"}
    ET.SubElement(
        root, "LINGUISTIC_TYPE", {"LINGUISTIC_TYPE_ID": "emotion", "CONTROLLED_VOCABULARY_REF": "emotions", **plain}
    )
    ET.SubElement(root, "LINGUISTIC_TYPE", {"LINGUISTIC_TYPE_ID": "valence", **plain})
    ET.SubElement(
        root,
        "LANGUAGE",
        {"LANG_DEF": "http://cdb.iso.org/lg/CDB-00138502-001", "LANG_ID": "eng", "LANG_LABEL": "English (eng)"},
    )
    eaf.add_constraints(root)
    vocabulary = ET.SubElement(root, "CONTROLLED_VOCABULARY", {"CV_ID": "emotions"})
    ET.SubElement(vocabulary, "DESCRIPTION", {"LANG_REF": "eng"}).text = "The emotions of the model"
    for index, name in enumerate(classes):
        entry = ET.SubElement(vocabulary, "CV_ENTRY_ML", {"CVE_ID": _entry(index)})
        ET.SubElement(entry, "CVE_VALUE", {"LANG_REF": "eng", "DESCRIPTION": ""}).text = name


def _entry(index: int) -> str:
    return f"cve{index}"
