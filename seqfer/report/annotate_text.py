"""The text of an annotated video's page: its summary sentence, and the course of emotion and valence of each face."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from seqfer.report import words
from seqfer.report.annotate_bins import Film, Grid, Track

SWITCH_COST = 0.03  # a change of emotion is reported when it explains at least this fraction of the time better
CLEAR_CHANGE = 0.2  # difference of valence between the first and the last fifth of a face's time that is reported


@dataclass(frozen=True)
class Segment:
    """An interval with one dominant emotion; `share` is its mean probability there."""

    emotion: str
    start_s: float
    end_s: float
    share: float


def clock(time_s: float, digits: int = 0) -> str:
    """75.2 -> "1:15", 3675 -> "1:01:15"; with `digits` decimals of a second."""
    scale = 10**digits
    ticks = math.floor(abs(time_s) * scale + 1e-6)
    whole, rest = divmod(ticks, scale)
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    return ("\u2212" if time_s < 0 and ticks else "") + text + (f".{rest:0{digits}d}" if digits else "")


def lasting(seconds: float) -> str:
    """19.62 -> "19.6 s", 150 -> "2 min 30 s", 7500 -> "2 h 5 min"."""
    if seconds < 59.95:
        return f"{seconds:.1f}{words.SPACE}s"
    return words.duration(seconds).removesuffix(" 0 s").removesuffix(" 0 min").replace(" ", words.SPACE)


def segments(grid: Grid, track: Track, classes: Sequence[str], at_most: int = 3) -> list[Segment]:
    """The dominant emotions over time: the path through the bins with the highest total probability, with a cost per change of emotion."""
    bins = [one for one in grid.faces.get(track.face, ()) if one.rows]
    if not bins:
        return []
    means = np.array([one.means for one in bins])
    cost = SWITCH_COST * len(bins)
    while True:
        path = _leaders(means, cost)
        cuts = [0, *(k for k in range(1, len(path)) if path[k] != path[k - 1]), len(path)]
        if len(cuts) - 1 <= at_most:
            break
        cost *= 1.5
    return [
        Segment(
            classes[path[a]],
            max(grid.start_s(bins[a].index), track.first_s),
            grid.start_s(bins[b - 1].index + 1),
            float(means[a:b, path[a]].mean()),
        )
        for a, b in pairwise(cuts)
    ]


def _leaders(means: np.ndarray, cost: float) -> list[int]:
    """Best path of classes through means (bin class): Viterbi with a constant cost per change."""
    total, back = means[0].copy(), []
    for row in means[1:]:
        best = int(total.argmax())
        stay = total >= total[best] - cost
        back.append(np.where(stay, np.arange(len(total)), best))
        total = np.where(stay, total, total[best] - cost) + row
    path = [int(total.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]


def story(film: Film, track: Track, classes: Sequence[str]) -> str:
    """The course of one face: "mostly sadness at first, happiness from 0:12 on; valence rises from −0.4 to +0.6"."""
    told = [_emotions(segments(film.columns, track, classes), track.last_s - track.first_s), _valence(film, track)]
    return "; ".join(part for part in told if part)


def _emotions(parts: Sequence[Segment], length_s: float) -> str:
    if not parts:
        return "no emotion could be estimated"
    if len(parts) == 1 and parts[0].share < 0.4:
        return f"no emotion is dominant ({parts[0].emotion} is highest with {words.percent(parts[0].share, 0)})"
    digits = 1 if length_s < 8 else 0
    if len(parts) == 1:
        return f"mostly {parts[0].emotion}"
    later = [f"{p.emotion} from {clock(p.start_s, digits)}" for p in parts[1:]]
    return f"mostly {parts[0].emotion} at first, {', then '.join(later)} on"


def _valence(film: Film, track: Track) -> str:
    bins = [one for one in film.seconds.faces.get(track.face, ()) if one.valued]
    if not bins:
        return ""
    fifth = max(1, len(bins) // 5)
    values = [one.valence for one in bins]
    start, end = float(np.mean(values[:fifth])), float(np.mean(values[-fifth:]))
    if abs(end - start) >= CLEAR_CHANGE:
        return f"valence {'rises' if end > start else 'falls'} from {signed(start)} to {signed(end)}"
    if max(values) - min(values) > 3 * CLEAR_CHANGE:
        return f"valence varies between {signed(min(values))} and {signed(max(values))}"
    return f"valence stays near {signed(track.valence)}"


def signed(value: float, digits: int = 1) -> str:
    """0.42 -> "+0.4"; values that round to zero are "0.0", without a sign."""
    text = words.decimal(value, digits, signed=True)
    return text[1:] if text.strip("+\u22120.") == "" else text


def headline(film: Film, classes: Sequence[str], name: str) -> str:
    """The result in one sentence."""
    if not film.rows:
        return f"{name} has no analysed frame."
    if not film.tracks:
        return f"No face was found in the {lasting(film.length_s)} of {name}."
    first = film.reported[0]
    who = f"Face {first.face}"
    if len(film.reported) > 1:
        many = f"{len(film.reported)} faces are seen in {lasting(film.length_s)}."
        return f"{many} {who}, the longest on screen, is {seen(film, first)}: {story(film, first, classes)}."
    return f"{who} is {seen(film, first)}: {story(film, first, classes)}."


def stills_headline(film: Film, name: str) -> str:
    """The sentence of a folder of stills, which have no course over time."""
    pictures = "1 still picture" if film.analysed == 1 else f"{film.analysed} still pictures"
    faces = "no face" if not film.tracks else "1 face" if len(film.tracks) == 1 else f"{len(film.tracks)} faces"
    return f"{name} has {pictures} with {faces}. Each is read by itself; the charts show picture k at second k."


def seen(film: Film, track: Track) -> str:
    """ "seen for 19.6 of 19.7 s", or "seen on one frame"."""
    if track.frames == 1:
        return f"seen on one frame, at {clock(track.first_s, 1)}"
    here, whole = lasting(track.seen_s), lasting(film.length_s)
    if track.frames == film.analysed:
        return f"seen during all {whole}"
    if here == whole:
        share = min(track.seen_s / film.length_s, 0.999)
        return f"seen for {words.percent(share, 0 if share < 0.99 else 1)} of {whole}"
    both_short = film.length_s < 59.95
    return f"seen for {here.removesuffix(words.SPACE + 's') if both_short else here} of {whole}"


def others(film: Film, classes: Sequence[str]) -> str:
    """The next two faces, and the number of further ones."""
    rest = film.reported[1:]
    said = [f"Face {t.face} is {seen(film, t)}: {story(film, t, classes)}." for t in rest[:2]]
    more = len(rest) - len(said)
    if more > 0:
        said.append(f"{more} more {'face' if more == 1 else 'faces'} below.")
    return " ".join(said)
