"""Reads ELAN documents (.eaf): numbers as the texts of a tier's annotations, each a mean over its interval of time.

Format: "EAF Annotation Format 3.0 and ELAN" (Max Planck Institute for Psycholinguistics, Nijmegen). Documents that define entities are
rejected: no annotation tool writes them, and they can be made to exhaust the memory.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from seqfer.core.errors import InputError
from seqfer.core.numbers import whole_number
from seqfer.traces.axes import choose_tiers
from seqfer.traces.cells import film_name, read_text, with_decimal_comma
from seqfer.traces.request import Request
from seqfer.traces.scaling import UNIT, scaled
from seqfer.traces.trace import Trace, rate_of

ABOUT = "ELAN document"
PRIORITY = 10

_DEFINITIONS = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")  # it states the encoding of the bytes, which are already decoded


def recognise(head: str) -> bool:
    """Whether the beginning of a file is an EAF document's."""
    return "<ANNOTATION_DOCUMENT" in head


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """The tiers called `axis`; without a name, all tiers of numbers but those of a known other meaning, such as arousal.

    Raises InputError for a document that is damaged or has definitions, for a tier it does not have, annotations without a time or a
    number, and values outside the range.
    """
    root = _parse(path)
    header = root.find("HEADER")
    media = header.find("MEDIA_DESCRIPTOR") if header is not None else None
    if header is not None and header.get("TIME_UNITS", "milliseconds") != "milliseconds":
        raise InputError(f"{path}: times in {header.get('TIME_UNITS')}; save the document with milliseconds")
    film = film_name(unquote(media.get("MEDIA_URL", ""))) if media is not None else ""
    # ELAN shows the video's time TIME_ORIGIN as 0:00
    origin_ms = _whole(path, media.get("TIME_ORIGIN", "0")) if media is not None else 0
    places = _places(path, root, origin_ms)
    tiers = {tier.get("TIER_ID", ""): _annotations(tier) for tier in root.findall("TIER")}
    there = list(tiers) if request.axis is not None else [name for name, texts in tiers.items() if _numbers(texts)]
    if request.axis is None and not there:
        raise InputError(f"{path}: no tier of numbers; it has {', '.join(tiers) or 'no tiers'}")
    chosen = [there[place] for place in choose_tiers(path, request.axis, there)]
    return tuple(_trace(path, name, tiers[name], places, request.value_range or UNIT, film) for name in chosen)


def _parse(path: Path) -> ET.Element:
    text = _DECLARATION.sub("", read_text(path).lstrip("\ufeff"))
    if _DEFINITIONS.search(text):
        raise InputError(
            f"{path}: defines entities or a document type, which no ELAN document does; save it again with ELAN"
        )
    try:
        return ET.fromstring(text)
    except ET.ParseError as error:
        raise InputError(f"{path}: not a complete ELAN document ({error}); save it again with ELAN") from None


def _places(path: Path, root: ET.Element, origin_ms: int) -> dict[str, tuple[float, float]]:
    """Start and end in seconds per annotation; one that refers to another has its time."""
    slots = {
        slot.get("TIME_SLOT_ID", ""): _whole(path, slot.get("TIME_VALUE", ""))
        for slot in root.iter("TIME_SLOT")
        if slot.get("TIME_VALUE")
    }
    places, waiting = dict[str, tuple[float, float]](), dict[str, str]()
    for annotation in root.iter("ALIGNABLE_ANNOTATION"):
        start, end = (slots.get(annotation.get(f"TIME_SLOT_REF{which}", "")) for which in (1, 2))
        if start is not None and end is not None:
            places[annotation.get("ANNOTATION_ID", "")] = (start + origin_ms) / 1000, (end + origin_ms) / 1000
    for annotation in root.iter("REF_ANNOTATION"):
        waiting[annotation.get("ANNOTATION_ID", "")] = annotation.get("ANNOTATION_REF", "")
    lost = set[str]()  # without a time, because the references lead nowhere or in a circle
    for first in waiting:
        chain = dict[str, None]()  # of references that are not resolved yet; one that comes back to itself has no time
        above = first
        while above in waiting and above not in places and above not in chain and above not in lost:
            chain[above] = None
            above = waiting[above]
        if above in places:
            places.update(dict.fromkeys(chain, places[above]))
        else:
            lost.update(chain)
    return places


def _whole(path: Path, text: str) -> int:
    value = whole_number(text)
    if value is None or abs(value) > 1e15:
        raise InputError(f"{path}: time {text!r} is not a whole number of milliseconds; save it again with ELAN")
    return value


def _annotations(tier: ET.Element) -> list[tuple[str, str]]:
    """(id, text) of a tier's annotations."""
    found = [one for kind in ("ALIGNABLE", "REF") for one in tier.findall(f"ANNOTATION/{kind}_ANNOTATION")]
    return [(one.get("ANNOTATION_ID", ""), (one.findtext("ANNOTATION_VALUE") or "").strip()) for one in found]


def _numbers(annotations: list[tuple[str, str]]) -> bool:
    """Whether all texts are numbers or empty, and at least one is a number."""
    try:
        values = [with_decimal_comma(Path(), 0, text) for _, text in annotations]
    except InputError:
        return False
    return any(value == value for value in values)


def _trace(
    path: Path,
    name: str,
    annotations: list[tuple[str, str]],
    places: dict[str, tuple[float, float]],
    value_range: tuple[float, float],
    film: str,
) -> Trace:
    """The trace of one tier, in order of time."""
    rows = []
    for key, text in annotations:
        if key not in places:
            raise InputError(f"{path}: annotation {key} ({text!r}) of tier {name!r} has no time; align it in ELAN")
        try:
            rows.append((*places[key], with_decimal_comma(path, 0, text)))
        except InputError:
            raise InputError(
                f"{path}: annotation {key} of tier {name!r} is {text!r}, not a number; choose a tier of numbers"
            ) from None
    if not rows:
        raise InputError(f"{path}: tier {name!r} has no annotations; choose another tier")
    starts, ends, values = np.array(sorted(rows), dtype=np.float64).T
    outside = np.zeros(len(rows), dtype=np.int64)
    return Trace(
        name,
        starts,
        ends,
        scaled(path, outside, values, value_range, stated=False, what=name),
        film,
        rate_of(starts),
        value_range,
        str(path),
    )
