"""Writes EAF documents for ELAN from tiers of text annotations: EAF 3.0, milliseconds.

Format: "EAF Annotation Format 3.0 and ELAN" and its schema EAFv3.0.xsd (Max Planck Institute for Psycholinguistics, Nijmegen). Every
annotation has two time slots of its own: in ELAN, annotations that share a slot move together.
"""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from seqfer import __version__

SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
MIME_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
}
# Every document declares these four constraints, also where its tiers use none of them.
CONSTRAINTS = {
    "Time_Subdivision": "Time subdivision of parent annotation's time interval, no time gaps allowed within this interval",
    "Symbolic_Subdivision": "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered",
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": "Time alignable annotations within the parent annotation's time interval, gaps are allowed",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Annotation = tuple[int, int, str]  # start ms, end ms, text


def document(
    path: Path, tiers: Mapping[str, Sequence[Annotation]], kind: str, film: Path | None, date: str | None
) -> bytes:
    """The bytes of a document to be written at `path`: tiers by name, annotations in order of time, not overlapping.

    `kind` is the tiers' linguistic type; `date` is ISO 8601 with a time zone, default now.
    """
    root = begun(date)
    add_header(root, film, path, sum(len(annotations) for annotations in tiers.values()))
    slots = add_time_order(root, [[place[:2] for place in annotations] for annotations in tiers.values()])
    number = 0
    for t, (name, texts) in enumerate(tiers.items()):
        tier = ET.SubElement(root, "TIER", {"TIER_ID": clean(name), "LINGUISTIC_TYPE_REF": kind, "ANNOTATOR": "seqfer"})
        for place, (_, _, words) in enumerate(texts):
            number += 1
            refs = {f"TIME_SLOT_REF{1 + end}": slots[t, place, end] for end in (0, 1)}
            one = ET.SubElement(
                ET.SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", {"ANNOTATION_ID": f"a{number}", **refs}
            )
            ET.SubElement(one, "ANNOTATION_VALUE").text = words
    plain = {"GRAPHIC_REFERENCES": "false", "TIME_ALIGNABLE": "true"}
    ET.SubElement(root, "LINGUISTIC_TYPE", {"LINGUISTIC_TYPE_ID": kind, **plain})
    add_constraints(root)
    return as_bytes(root)


def begun(date: str | None) -> ET.Element:
    """The root of a document; `date` is ISO 8601 with a time zone, default now."""
    return ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": f"seqfer {__version__}",
            "DATE": date or datetime.now(UTC).isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": SCHEMA,
        },
    )


def add_header(root: ET.Element, film: Path | None, path: Path, annotations: int) -> None:
    """Add the path of the video relative to the document at `path`, and the number of annotations."""
    header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    if film is not None:
        ET.SubElement(header, "MEDIA_DESCRIPTOR", _media(film, path))
    ET.SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"}).text = str(annotations)


def add_constraints(root: ET.Element) -> None:
    """Add the four constraints that every document declares."""
    for stereotype, words in CONSTRAINTS.items():
        ET.SubElement(root, "CONSTRAINT", {"STEREOTYPE": stereotype, "DESCRIPTION": words})


def as_bytes(root: ET.Element) -> bytes:
    """The bytes of the file."""
    ET.indent(root, " ")
    result: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"
    return result


def clean(words: str) -> str:
    """The text without the characters that XML 1.0 forbids: control characters and lone surrogates, which file names may have."""
    return _NOT_XML.sub("\ufffd", words)


def _media(film: Path, path: Path) -> dict[str, str]:
    """The URL of the video, absolute and relative. ELAN does not decode URLs, so blanks and other characters are not escaped."""
    absolute = Path(os.path.abspath(film)).as_posix()
    about = {"MEDIA_URL": clean(f"file:///{absolute.lstrip('/')}")}
    try:
        relative = Path(os.path.relpath(film, path.parent)).as_posix()
        about["RELATIVE_MEDIA_URL"] = clean(relative if relative.startswith("../") else f"./{relative}")
    except ValueError:  # on another drive
        pass
    return {**about, "MIME_TYPE": MIME_TYPES.get(film.suffix.lower(), "video/*")}


def add_time_order(root: ET.Element, tiers: Sequence[Sequence[tuple[int, int]]]) -> dict[tuple[int, int, int], str]:
    """Write the time slots of all annotations (start ms, end ms), ascending, at equal times ends before beginnings; returns them by tier,
    annotation, and 0 start or 1 end."""
    order = ET.SubElement(root, "TIME_ORDER")
    moments = sorted(
        (annotation[end], 1 - end, t, place)
        for t, annotations in enumerate(tiers)
        for place, annotation in enumerate(annotations)
        for end in (0, 1)
    )
    slots = {}
    for number, (time_ms, begins, t, place) in enumerate(moments, 1):
        slots[t, place, 1 - begins] = f"ts{number}"
        ET.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": f"ts{number}", "TIME_VALUE": str(time_ms)})
    return slots
