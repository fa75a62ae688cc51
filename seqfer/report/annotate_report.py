"""Writes the page of `seqfer annotate-video`: the emotions and valence of each face over time.

It is one file that contains its pictures and one small script that shows the values under the pointer. The page's
content security policy allows only that script, by its checksum; without scripts only those values are missing.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from seqfer.core.files import write_atomically
from seqfer.core.records import FaceRow
from seqfer.report import annotate_notes as notes
from seqfer.report import annotate_text as texts
from seqfer.report import timeline, words
from seqfer.report.annotate_bins import Bin, Film, Track
from seqfer.report.page import render
from seqfer.report.tables import provenance
from seqfer.runs.names import REPORT_HTML

Thumbnails = Mapping[int, Sequence[tuple[float, bytes]]]
DRAWN, LISTED = 12, 200
PICTURES, PICTURE_PX, PICTURE_BYTES = 8, 112, 4500
CLOSER = 0.2  # a face visible during less than this fraction of the video gets its own time axis
STEPS = 12  # rows of a face's table of values
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_annotate_report(
    folder: Path,
    summary: Mapping[str, Any],
    rows: Iterable[FaceRow],
    classes: Sequence[str],
    thumbnails: Thumbnails,
    shots: Sequence[float],
    faces: bool = True,
) -> Path:
    """Write `folder/report.html` atomically and return its path. `rows` are read once, in the order of their frames.

    `summary` has the contents of summary.json; these keys are used, all optional: `seqfer`, `created`, `command`, `film` {name, width, height},
    the counts of `film.output.counts.reconcile` (as they are or under `frames`), `problem`, `detector` {name, checksum}, `model` {name, checksum},
    `valence` {method, source}, `speed`, `settings`, `versions`, `checksums`, `files`. `thumbnails` are JPEG pictures by face;
    `shots` the seconds at which shots begin. Without `faces` the page has no picture of a face. Times are those of the container; the page
    shows them as players do, with `film.zero_s` as 0:00.
    """
    zero_s = float((summary.get("film") or {}).get("zero_s") or 0.0)
    is_video = (summary.get("film") or {}).get("kind") != "stills"
    film = Film(float((summary.get("settings") or {}).get("min_track_s") or 0.0) if is_video else 0.0)
    for row in rows:
        film.add(replace(row, time_s=row.time_s - zero_s) if zero_s else row)
    pictures = {face: [(t - zero_s, jpeg) for t, jpeg in kept] for face, kept in thumbnails.items()} if faces else {}
    page = annotate_page(film.finish(), summary, classes, pictures, [t - zero_s for t in shots])
    path = folder / REPORT_HTML
    write_atomically(path, page)
    return path


def annotate_page(
    film: Film, summary: Mapping[str, Any], classes: Sequence[str], thumbnails: Thumbnails, shots: Sequence[float]
) -> str:
    """The whole page as text."""
    info = summary.get("film") or {}
    name = str(info.get("name") or "the video")
    has_valence = any(track.valued for track in film.tracks.values())
    axis, stills = _axis(film, summary), info.get("kind") == "stills"
    page = render(
        "annotate.html",
        title=f"{name}: faces and emotions",
        report={"seqfer": summary.get("seqfer", ""), "created": words.moment(summary.get("created"))},
        name=name,
        sentence=texts.stills_headline(film, name) if stills else texts.headline(film, classes, name),
        others="" if stills else texts.others(film, classes),
        warnings=notes.warnings(film, summary),
        facts=notes.facts(film, summary),
        classes=[(classes[k], timeline.swatch(classes[k])) for k in reversed(timeline.stacked(classes))],
        reading=",".join(classes),
        patterns=timeline.PATTERNED,
        has_valence=has_valence,
        per_second=_per(film.seconds.width_s),
        has_cuts=bool(timeline.shot_marks(shots, axis)[0]),
        column_s=film.columns.width_s,
        views=[
            _view(film, track, classes, axis, thumbnails.get(track.face) or (), shots)
            for track in film.reported[:DRAWN]
        ],
        drawn=DRAWN,
        tracks=[_line(film, track, classes) for track in film.longest[:LISTED]],
        unlisted=max(0, len(film.tracks) - LISTED),
        certainty=notes.certainty(film, classes),
        geometry=notes.geometry(film, summary),
        reconciliation=notes.reconciliation(film, summary),
        limits=notes.limits(summary, has_valence),
        files=notes.files(classes, summary, has_valence),
        repeat={"command": summary.get("command")},
        provenance=_provenance(summary),
        cite=notes.citation(summary),
    )
    return _allow_own_resources(page)


def _axis(film: Film, summary: Mapping[str, Any]) -> timeline.Axis:
    """From the first to the last analysed time; for a video that was not read to its end the whole length, so that the missing part is visible."""
    if math.isnan(film.first_s):
        return timeline.Axis(0.0, 1.0)
    start, end = film.first_s, film.end_s
    if 0 < start < 0.03 * (end - start):
        start = 0.0
    length = words.number((summary.get("film") or {}).get("duration_s"))
    return timeline.Axis(start, max(end, length) if notes.is_partial(summary) and length > 0 else end)


def _closer(film: Film, track: Track, whole: timeline.Axis) -> timeline.Axis:
    """The whole video or, for a face that is visible for a short time only, the time around that face."""
    start, end = track.first_s, track.last_s + film.interval_s
    if end - start > CLOSER * (whole.end_s - whole.start_s):
        return whole
    margin = max(0.08 * (end - start), (10 * film.interval_s - (end - start)) / 2)
    return timeline.Axis(max(start - margin, whole.start_s), min(end + margin, whole.end_s))


def _view(
    film: Film,
    track: Track,
    classes: Sequence[str],
    whole: timeline.Axis,
    pictures: Sequence[tuple[float, bytes]],
    shots: Sequence[float],
) -> dict[str, Any]:
    axis = _closer(film, track, whole)
    parts = texts.segments(film.columns, track, classes)
    story = texts.story(film, track, classes)
    inside = [picture for picture in pictures if axis.start_s - 1e-6 <= picture[0] <= axis.end_s]
    chosen = _evenly(sorted(inside, key=lambda picture: picture[0]), PICTURES)
    wanted = [axis.percent(time_s) for time_s, _ in chosen]
    places = timeline.spread(wanted, 100 / PICTURES)
    title = f"Face {track.face}"
    return {
        "face": track.face,
        "title": title,
        "seen": texts.seen(film, track),
        "when": _when(film, track),
        "story": story[:1].upper() + story[1:],
        "bands": timeline.bands(film, track, classes, axis, f"{title}, emotions over time: {story}."),
        "labels": timeline.band_labels(film, track, classes, axis, parts),
        "valence": timeline.valence(film, track, axis, f"{title}, valence over time: {story}.")
        if track.valued
        else None,
        "pictures": [
            {"left": left, "clock": texts.clock(time_s), "data": _jpeg(data)}
            for left, (time_s, data) in zip(places, chosen)
        ],
        "leaders": timeline.leaders(list(zip(places, wanted))) if chosen else None,
        "values": timeline.values(film, track, axis, classes),
        "axis": axis,
        "origin_s": film.columns.start_s(timeline.first_column(film, axis)),
        "ticks": axis.ticks(),
        "shots": timeline.shot_marks(shots, axis),
        "beyond": axis.percent(film.end_s) if axis.percent(film.end_s) < 99 else None,
        "locator": timeline.locator(axis, whole) if axis != whole else None,
        "steps": _steps(film, track, classes),
    }


def _when(film: Film, track: Track) -> str:
    if track.frames == 1:
        return ""
    return f"from {texts.clock(track.first_s)} to {texts.clock(track.last_s + film.interval_s)}"


def _evenly(pictures: Sequence[tuple[float, bytes]], at_most: int) -> list[tuple[float, bytes]]:
    if len(pictures) <= at_most:
        return list(pictures)
    return [pictures[round(k * (len(pictures) - 1) / (at_most - 1))] for k in range(at_most)]


def _jpeg(data: bytes) -> str:
    """A picture in base64, reduced where it is larger than the page needs; "" for data that is not a picture."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if picture is None:
        return ""
    if len(data) > PICTURE_BYTES or max(picture.shape) > 2 * PICTURE_PX:
        scale = PICTURE_PX / max(picture.shape)
        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 78])[1].tobytes()
    return base64.b64encode(data).decode()


def _steps(film: Film, track: Track, classes: Sequence[str]) -> list[dict[str, Any]]:
    """The charts as a table: at most STEPS intervals of a face's time, each with its means."""
    bins = [one for one in film.columns.faces.get(track.face, ()) if one.rows]
    if not bins:
        return []
    first, last = bins[0].index, bins[-1].index
    size = max(1, math.ceil((last - first + 1) / STEPS))
    found = []
    for start in range(first, last + 1, size):
        inside = [one for one in bins if start <= one.index < start + size]
        joined = Bin(start, [0.0] * len(classes))
        for one in inside:
            joined.join(one)
        digits = 1 if size * film.columns.width_s < 1 else 0
        clock = texts.clock(max(film.columns.start_s(start), 0.0), digits)
        means = [joined.means[k] for k in reversed(timeline.stacked(classes))]
        valence = texts.signed(joined.valence, 2) if joined.valued else "\u2013"
        found.append({"clock": clock, "means": means, "valence": valence, "seen": bool(inside)})
    return found


def _line(film: Film, track: Track, classes: Sequence[str]) -> dict[str, Any]:
    top = max(track.tops, key=lambda k: track.tops[k]) if track.tops else None
    return {
        "face": track.face,
        "first": texts.clock(track.first_s),
        "last": texts.clock(track.last_s + film.interval_s),
        "seen": texts.lasting(track.seen_s),
        "frames": track.frames,
        "emotion": classes[top] if top is not None else None,
        "swatch": timeline.swatch(classes[top]) if top is not None else "",
        "share": track.tops[top] / track.classified if top is not None else math.nan,
        "sure": track.top_mean,
        "valence": texts.signed(track.valence, 2) if track.valued else "\u2013",
    }


def _per(width_s: float) -> str:
    return "second" if width_s == 1 else f"{width_s:g} seconds"


def _provenance(summary: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Model, detector and speed first, then the lists of every report: versions, checksums, settings."""
    own = [(title, words.flat(summary.get(key))) for key, title in _OWN if isinstance(summary.get(key), Mapping)]
    general = provenance(summary)
    return [(title, rows) for title, rows in own if rows] + [(title, rows) for title, rows in general if rows]


_OWN = (("model", "Model"), ("detector", "Detector"), ("valence", "Valence"), ("speed", "Speed"), ("film", "Film"))


def _allow_own_resources(page: str) -> str:
    """The page with its policy extended to allow the page's own script, by its checksum, and pictures inside the page."""
    script = page.partition("<script>")[2].partition("</script>")[0]
    checksum = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return page.replace(POLICY, f"{POLICY}; img-src data:; script-src 'sha256-{checksum}'", 1)
