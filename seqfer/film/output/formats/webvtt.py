"""Writes WebVTT subtitles: the emotion of each face, with the valence of each second, for every player of HTML video.

Cues do not overlap, because players stack overlapping ones in a changing order: while several faces are visible, one cue has a line for each.
A cue ends where a face's emotion changes, where a face appears or is lost, and - with valence - at every whole second.
Format: W3C, "WebVTT: The Web Video Text Tracks Format", Candidate Recommendation 2019, sections 4.1 and 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from seqfer import __version__
from seqfer.core.files import write_atomically
from seqfer.core.records import FaceRow
from seqfer.film.output.extra_files import AnnotatedVideo
from seqfer.film.output.rounding import text
from seqfer.film.output.seconds import SecondMean, collect_second_means
from seqfer.film.output.segments import Segment, emotion_segments
from seqfer.traces.eaf import clean

FILE = "annotation.vtt"
ABOUT = "WebVTT subtitles: emotions and valence"
NEEDS_VIDEO_FILE = False

Valences = dict[tuple[int, int], float]  # (face, second) -> mean
Span = tuple[int, int, Segment]  # start ms, end ms


def write(path: Path, video: AnnotatedVideo) -> None:
    """The subtitles of a video, see `write_webvtt`."""
    write_webvtt(path, video.rows, video.classes, video.name, origin_s=video.zero_s)


def write_webvtt(
    path: Path, rows: Iterable[FaceRow], classes: tuple[str, ...], film: str, *, origin_s: float = 0.0
) -> None:
    """Write the subtitles, atomically. `film` is named in the header; `origin_s` as for `write_elan`.

    Raises InputError when the file cannot be written.
    """
    means: list[SecondMean] = []
    segments = list(emotion_segments(collect_second_means(rows, means), classes))
    valences = {(mean.face, mean.second): mean.valence for mean in means if not math.isnan(mean.valence)}
    blocks = ["WEBVTT", f"NOTE\nseqfer {__version__}: emotions of {_one_line(film)}"]
    cues = _cues(segments, valences, round(origin_s * 1000))
    blocks += [f"{n}\n{_stamp(start)} --> {_stamp(end)}\n{body}" for n, (start, end, body) in enumerate(cues, 1)]
    write_atomically(path, "\n\n".join(blocks) + "\n")


def _cues(segments: list[Segment], valences: Valences, origin_ms: int) -> Iterator[tuple[int, int, str]]:
    """(start ms, end ms, text) in order, not overlapping, in a player's time."""
    spans = [(round(s.start_s * 1000), round(s.end_s * 1000), s) for s in segments]
    spans.sort(key=lambda span: span[0])
    cuts = sorted(_cuts(spans, bool(valences), origin_ms))
    active: list[Span] = []
    following = 0
    for start, end in pairwise(cuts):
        while following < len(spans) and spans[following][0] <= start:
            active.append(spans[following])
            following += 1
        active = [span for span in active if span[1] > start]
        if active:
            faces = sorted((segment for _, _, segment in active), key=lambda segment: segment.face)
            body = "\n".join(_line(s, valences.get((s.face, start // 1000), math.nan)) for s in faces)
            yield start - origin_ms, end - origin_ms, body


def _cuts(spans: list[Span], at_seconds: bool, origin_ms: int) -> set[int]:
    """Times at which cues begin or end, not before the player's 0."""
    cuts = set[int]()
    for start, end, _ in spans:
        cuts |= {start, end}
        if at_seconds:
            cuts.update(range((start // 1000 + 1) * 1000, end, 1000))
    return {max(cut, origin_ms) for cut in cuts}


def _line(segment: Segment, valence: float) -> str:
    words = f"<v Face {segment.face}>{_escape(segment.emotion)} {text(segment.probability, 2)}"
    sign = "" if math.isnan(valence) or text(valence, 2).startswith("-") else "+"
    return words if math.isnan(valence) else f"{words}, valence {sign}{text(valence, 2)}"


def _escape(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _one_line(words: str) -> str:
    """The words on one line without an arrow, as WebVTT requires in a note."""
    return " ".join(_escape(clean(words)).split())


def _stamp(time_ms: int) -> str:
    seconds, ms = divmod(time_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"
