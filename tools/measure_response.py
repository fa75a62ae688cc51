"""Measures how valence and emotions follow drawn expressions, beside the reading of every frame by itself, and draws the figure of docs/films.md.

    python tools/measure_response.py [--detector yunet --detector-weights YUNET] [--out docs/images/response.svg]

Six drawn people smile, or look sad, for 0.5, 1, 2 and 4 seconds, and once for good; a seventh video of each is a still face that is shifted by up to
two pixels from frame to frame. Told are the share of the height that is left of an expression, its delay, how far the first and the last row lie from
their own frame, and the flutter on the still face. Of the emotions, the one whose probability changes most is measured; further told is by how much
the probability of the top emotion of any row exceeds the highest that a single frame within 0.3 s gives it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from seqfer import posed
from seqfer.film.detector_choice import choose_detector
from seqfer.film.model_choice import open_model
from seqfer.film.settings import AnnotateSettings
from seqfer.film.stream import Pipeline, annotate
from seqfer.report.svg import line, path, text
from seqfer.runs.process_tuning import tune_for_video
from seqfer.tracks.following import FollowSettings
from seqfer.video import VideoFrame

PEOPLE, EXPRESSIONS, LASTING_S, FPS = range(1, 7), ("happiness", "sadness"), (0.5, 1.0, 2.0, 4.0), 25
WIDTH, HEIGHT, UNIT_PX, LEVELS, RAMP_S = 640, 360, 55, 24, 0.12
LEAST_HEIGHT = 0.1  # of an expression, in valence: lower ones are within what a crop changes
LEAST_CHANGE = 0.2  # of an emotion's probability
SUPPORT_S = 0.3  # single frames this near to a row support it
GREY = 150  # of the wall


class Video(NamedTuple):
    """What is drawn: `level` (frame,) of the expression in [0, 1], `shift_px` (frame, 2)."""

    person: int
    expression: str
    level: np.ndarray
    shift_px: np.ndarray


@dataclass(frozen=True)
class Response:
    """One expression: its height frame by frame and the share of it that the trace keeps, its delay, and what the ends are off by."""

    lasting_s: float
    height: float
    kept: float
    delay_s: float
    ends: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", default="centerface")
    parser.add_argument("--detector-weights", type=Path, help="the file of a detector that needs one")
    parser.add_argument("--out", type=Path, help="the figure, as SVG")
    args = parser.parse_args()
    tune_for_video()
    settings = AnnotateSettings(valence=True)
    model = open_model(settings)
    detector = choose_detector(args.detector, args.detector_weights)
    follow = FollowSettings(detect_hz=settings.detect_hz, longest_px=detector.longest_px)
    trace = Pipeline(detector.detect, model, follow, True, settings.encode_hz)
    single = replace(
        trace,
        model=replace(model, head=None, head_name="none"),
        follow=replace(follow, detect_hz=float(FPS)),
        encode_hz=0.0,
    )
    found, emotions, above, curves = [], [], [], []
    for person in PEOPLE:
        for expression in EXPRESSIONS:
            for lasting_s in LASTING_S:
                video = lasting(person, expression, lasting_s)
                raw, read = readings(video, single), readings(video, trace)
                found.append(response(video, lasting_s, raw.valence, read.valence))
                changed = most_changed(video, raw.emotions)
                emotions.append(response(video, lasting_s, raw.emotions[:, changed], read.emotions[:, changed]))
                above.append(unsupported(raw.emotions, read.emotions))
                if person == PEOPLE[2] and expression == EXPRESSIONS[0]:
                    curves.append((lasting_s, raw.valence, read.valence))
    still_faces = [readings(still(person), trace) for person in PEOPLE]
    print("valence")
    report(found, LEAST_HEIGHT, [flutter(one.valence) for one in still_faces])
    print("\nthe emotion that changes most")
    report(emotions, LEAST_CHANGE, [flutter(one.emotions) for one in still_faces])
    told = np.concatenate(above)
    share = np.mean(told > 0.2)
    print(
        f"top emotion above all single frames within {SUPPORT_S} s: by over 0.2 in {share:.1%} of the rows, at most {told.max():.2f}"
    )
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(figure(curves), encoding="utf-8")
        print(args.out)
    return 0


def lasting(person: int, expression: str, lasting_s: float) -> Video:
    """Neutral, the expression for `lasting_s` seconds, neutral again; two seconds and a half before and after."""
    time = np.arange(round((lasting_s + 5) * FPS)) / FPS
    rise, fall = (np.clip((time - at) / RAMP_S + 0.5, 0, 1) for at in (2.5, 2.5 + lasting_s))
    return Video(person, expression, rise - fall, np.zeros((len(time), 2)))


def still(person: int) -> Video:
    """A neutral face for six seconds, shifted by up to two pixels from frame to frame."""
    count = 6 * FPS
    return Video(person, EXPRESSIONS[0], np.zeros(count), np.random.default_rng(person).uniform(-2, 2, (count, 2)))


@cache
def drawn(person: int, expression: str, level: int) -> np.ndarray:
    """uint8 (height width 3) RGB."""
    canvas = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    face = posed.sample_person(person), posed.au_vector(expression, level / LEVELS)
    posed.paint_head(canvas, *face, centre_xy_px=(WIDTH / 2, HEIGHT / 2 - 20), unit_px=UNIT_PX)
    return canvas


def frames(video: Video) -> Iterator[VideoFrame]:
    """The drawn frames with their times."""
    for index, (level, (x, y)) in enumerate(zip(video.level, video.shift_px, strict=True)):
        picture = drawn(video.person, video.expression, round(level * LEVELS))
        if x or y:
            picture = cv2.warpAffine(
                picture, np.array([[1, 0, x], [0, 1, y]]), (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE
            )
        yield VideoFrame(index, index / FPS, picture)


class Readings(NamedTuple):
    """Of one face: `valence` (frame,), `emotions` (frame, class) probabilities."""

    valence: np.ndarray
    emotions: np.ndarray


def readings(video: Video, pipeline: Pipeline) -> Readings:
    """Of every frame. Exits where a frame has not exactly one face."""
    rows = list(annotate(frames(video), pipeline))
    if len(rows) != len(video.level) or any(row.face is None for row in rows):
        sys.exit(f"person {video.person}: {len(rows)} rows for {len(video.level)} frames; try another detector")
    return Readings(np.array([row.valence for row in rows]), np.array([row.probabilities for row in rows]))


def most_changed(video: Video, emotions: np.ndarray) -> int:
    """The class whose probability differs most between the expression and the neutral face."""
    change = emotions[video.level > 0.99].mean(0) - emotions[video.level == 0].mean(0)
    return int(np.abs(change).argmax())


def unsupported(raw: np.ndarray, read: np.ndarray) -> np.ndarray:
    """(frame,): probability of each row's top emotion less the highest that single frames within SUPPORT_S give it."""
    reach, top = round(SUPPORT_S * FPS), read.argmax(1)
    best = [raw[max(0, i - reach) : i + reach + 1, top[i]].max() for i in range(len(read))]
    result: np.ndarray = read[np.arange(len(read)), top] - np.array(best)
    return result


def response(video: Video, lasting_s: float, raw: np.ndarray, read: np.ndarray) -> Response:
    """The trace `read` against the readings of single frames `raw`."""
    outside = video.level == 0
    shown = np.flatnonzero(video.level > 0.99)
    inside = shown[len(shown) // 4 : -(len(shown) // 4)]  # its middle half: the edges are a matter of delay
    height = raw[inside].mean() - raw[outside].mean()
    lags = range(-8, 9)
    fits = [np.corrcoef(raw[10:-10], read[10 + lag : len(read) - 10 + lag])[0, 1] for lag in lags]
    ends = max(abs(read[0] - raw[0]), abs(read[-1] - raw[-1]))
    kept = (read[inside].mean() - read[outside].mean()) / height
    return Response(lasting_s, float(height), float(kept), lags[int(np.argmax(fits))] / FPS, float(ends))


def flutter(read: np.ndarray) -> tuple[float, float]:
    """(standard deviation over the frames, of the change from frame to frame), for emotions the mean over the classes."""
    return float(read.std(0).mean()), float(np.diff(read, axis=0).std(0).mean())


def report(found: list[Response], least: float, still_faces: list[tuple[float, float]]) -> None:
    """The figures as text, of videos in which single frames change by `least` or more."""
    print("expression of  videos  height kept, least and median  longest delay  ends off by at most")
    for lasting_s in LASTING_S:
        mine = [one for one in found if one.lasting_s == lasting_s and abs(one.height) >= least]
        kept = [one.kept for one in mine]
        delay, ends = max(abs(one.delay_s) for one in mine), max(one.ends for one in mine)
        print(
            f"{lasting_s:>8g} s  {len(mine):>8}  {min(kept):>14.2f} {np.median(kept):>14.2f}  {delay:>12.2f} s  {ends:>18.3f}"
        )
    low = sum(abs(one.height) < least for one in found)
    print(f"left out: {low} videos in which single frames differ by less than {least}")
    level, change = np.mean(still_faces, axis=0)
    print(
        f"still face shifted by up to 2 px: standard deviation {level:.4f}, of the change from frame to frame {change:.5f}"
    )


def figure(curves: list[tuple[float, np.ndarray, np.ndarray]]) -> str:
    """One panel for each duration: single frames in grey, the trace in colour."""
    wide, tall, parts = 210.0, 150.0, []
    low, high = min(raw.min() for _, raw, _ in curves) - 0.05, max(raw.max() for _, raw, _ in curves) + 0.05
    for number, (lasting_s, raw, read) in enumerate(curves):
        left = 50 + number * (wide + 20)
        parts.append(text(left, 18, f"{lasting_s:g} s", "title"))
        for value in (0.0, 0.2, 0.4):
            y = 30 + tall * (high - value) / (high - low)
            parts.append(line(left, y, left + wide, y, "grid"))
            if number == 0:
                parts.append(text(left - 8, y + 4, f"{value:g}", "tick", "end"))
        for series, css in ((raw, "single"), (read, "trace")):
            points = [
                (left + wide * i / (len(series) - 1), 30 + tall * (high - v) / (high - low))
                for i, v in enumerate(series)
            ]
            parts.append(path(points, css))
    parts.append(text(50, 205, "grey: every frame by itself; blue: the rows of seqfer annotate-video", "tick"))
    style = (
        "text{font:12px sans-serif;fill:#333}.title{font-weight:600}.grid{stroke:#ddd}"
        ".single,.trace{fill:none;stroke-width:3;stroke:#aaa}.trace{stroke:#1f6fb2;stroke-width:1.6}"
    )
    size = f'viewBox="0 0 {70 + len(curves) * (wide + 20):.0f} 215"'
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{style}</style>{ground}{"".join(parts)}</svg>\n'


if __name__ == "__main__":
    sys.exit(main())
