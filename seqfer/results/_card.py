"""An annotated video as a notebook shows it: a compact table with a timeline of each of the longest faces, as HTML without a script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from seqfer.report.annotate_text import clock
from seqfer.report.colours import colour_of, colours
from seqfer.report.timeline import stacked
from seqfer.report.words import counted, decimal, percent
from seqfer.results._bins import FaceTimeline, Timelines, runs, timelines
from seqfer.results.annotation import outcome

if TYPE_CHECKING:
    from seqfer.results.annotation import Annotation
    from seqfer.results.annotations import Annotations

FACES, BINS = 6, 150
_WIDE, _BANDS, _GAP, _TRACE = 340, 30, 3, 20  # pixels
_CELL = 'style="text-align:left;padding:3px 10px 3px 0;vertical-align:middle"'
# Bands whose colours are similar have patterns, as in the page.
_PATTERNS = {
    "fear": '<circle cx="2" cy="2" r="1.2"/><circle cx="5.5" cy="5.5" r="1.2"/>',
    "disgust": '<path d="M-1 8L8 -1" stroke="#fff" stroke-width="1.6"/>',
    "contempt": '<rect width="7" height="1.6"/>',
}


def card(video: Annotation) -> str:
    """The HTML of one video."""
    shown = timelines(video, FACES, BINS)
    valued = "valence" in video.frames
    head = f"<b>{escape(video.summary.film.name)}</b>: {escape(outcome(video.summary))}"
    if not shown.faces:
        return f'<div style="max-width:800px">{head}</div>'
    titles = ["face", f"{_span(video, shown)}", "mostly", *(["mean valence"] if valued else []), "seen"]
    rows = "".join(_row(video, shown, face) for face in shown.faces)
    more = f"<div>and {shown.others} more in .tracks</div>" if shown.others else ""
    cells = "".join(f'<th {_CELL} scope="col">{title}</th>' for title in titles)
    return (
        f'<div style="max-width:800px">{_defs(video.emotions)}<div>{head}</div>'
        f'<table style="border-collapse:collapse;font-size:13px"><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>'
        f"{more}{_legend(video.emotions)}</div>"
    )


def cards(videos: Annotations) -> str:
    """The HTML of several videos: a line each, with the cards of the first ones to open."""
    parts = [
        f"<details><summary>{escape(name)}: {escape(outcome(one.summary))}</summary>{card(one)}</details>"
        for name, one in videos.by_video.items()
    ]
    failed = [f"<div>{escape(name)}: failed ({escape(problem)})</div>" for name, problem in videos.failed.items()]
    return f'<div style="max-width:800px">{"".join([*parts, *failed])}</div>'


def _row(video: Annotation, shown: Timelines, face: FaceTimeline) -> str:
    track = face.track
    emotion = str(track["emotion"])
    label = f"face {track['face']}: mostly {emotion}, {clock(track['start_s'], 1)} to {clock(track['end_s'], 1)}"
    mean = percent(track[f"mean_{emotion}"], 0)
    cells = [
        str(track["face"]),
        _timeline(shown, face, video.emotions, label),
        f"{_swatch(emotion)} {escape(emotion)} {mean}",
        *([decimal(track["mean_valence"], signed=True)] if "valence" in video.frames else []),
        f"{clock(track['start_s'], 1)} to {clock(track['end_s'], 1)}, {counted(track['frames'], 'frame')}",
    ]
    return f"<tr>{''.join(f'<td {_CELL}>{cell}</td>' for cell in cells)}</tr>"


def _timeline(shown: Timelines, face: FaceTimeline, emotions: tuple[str, ...], label: str) -> str:
    """The bands and, where there is one, the trace of one face."""
    x = _WIDE * (shown.edges_s - shown.edges_s[0]) / (shown.edges_s[-1] - shown.edges_s[0])
    shapes, order = [], stacked(emotions)
    for first, end in runs(np.isfinite(face.means[:, 0])):
        tops = np.cumsum(face.means[first:end, order], axis=1)
        for k, top in zip(reversed(order), tops.T[::-1], strict=True):  # each lower sum covers part of the higher one
            points = _stairs(x[first : end + 1], _BANDS * (1 - np.minimum(top, 1)))
            shapes.append(
                f'<path d="M{points}V{_BANDS}H{x[first]:.1f}z" fill="{_fill(emotions[k])}" stroke="#fff" stroke-width=".4"/>'
            )
    tall, valued = _BANDS, np.isfinite(face.valence)
    if valued.any():
        tall, middle = _BANDS + _GAP + _TRACE, _BANDS + _GAP + _TRACE / 2
        shapes.append(f'<path d="M0 {middle}H{_WIDE}" stroke="{colours()["axis"]}" stroke-width=".7"/>')
        for first, end in runs(valued):
            points = _stairs(x[first : end + 1], middle - _TRACE / 2 * face.valence[first:end])
            shapes.append(f'<path d="M{points}" fill="none" stroke="currentColor" stroke-width="1.3"/>')
    return (
        f'<svg width="{_WIDE}" height="{tall}" viewBox="0 0 {_WIDE} {tall}" role="img" aria-label="{escape(label)}" '
        f'style="display:block">{"".join(shapes)}</svg>'
    )


def _stairs(x: np.ndarray, y: np.ndarray) -> str:
    """Path data of (bin + 1,) places and (bin,) heights."""
    steps: Any = zip(x[:-1], x[1:], y, strict=True)
    return f"{x[0]:.1f} {y[0]:.1f}" + "".join(f"V{height:.1f}H{right:.1f}" for _, right, height in steps)


def _span(video: Annotation, shown: Timelines) -> str:
    first, last = shown.edges_s[0], shown.edges_s[-1]
    what = "emotions and valence" if "valence" in video.frames else "emotions"
    return f"{what} from {clock(first, 1)} to {clock(last, 1)}"


def _fill(emotion: str) -> str:
    return f"url(#seqfer-{emotion})" if emotion in _PATTERNS else colour_of(emotion)


def _swatch(emotion: str) -> str:
    return (
        '<svg width="18" height="12" aria-hidden="true" style="vertical-align:-1px">'
        f'<rect width="18" height="12" rx="2" fill="{escape(_fill(emotion))}"/></svg>'
    )


def _legend(emotions: tuple[str, ...]) -> str:
    parts = (
        f'<span style="white-space:nowrap">{_swatch(emotions[k])} {escape(emotions[k])}</span>'
        for k in stacked(emotions)
    )
    return f'<div style="font-size:13px;display:flex;flex-wrap:wrap;gap:2px 12px">{"".join(parts)}</div>'


def _defs(emotions: tuple[str, ...]) -> str:
    patterns = (
        f'<pattern id="seqfer-{name}" width="7" height="7" patternUnits="userSpaceOnUse"><rect width="7" height="7" fill="{colour_of(name)}"/>'
        f'<g fill="#fff" opacity=".38">{shapes}</g></pattern>'
        for name, shapes in _PATTERNS.items()
        if name in emotions
    )
    return (
        f'<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>{"".join(patterns)}</defs></svg>'
    )
