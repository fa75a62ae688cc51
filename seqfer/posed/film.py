"""Renders videos of invented people with known valence on every frame: changing expressions, cuts, people who leave and come back.

Original work. Rendering is fast enough for an hour of video: a person is drawn once per camera as a whole and, for each point of a small
grid of expression, intensity and head rotation, once in the moving region; a frame is a wall with these pictures pasted at whole pixels.
Left out by design: blends of expressions, speech, blinks during an expression, and camera noise. The ground truth is that of the
intensity that was drawn, not of the continuous curve. Memory is bounded by the grid, not by the length of the video.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import cv2
import numpy as np

from seqfer.core.csv_text import csv_text
from seqfer.core.errors import InputError
from seqfer.core.files import write_atomically
from seqfer.posed.expressions import EXPRESSIONS, au_vector, valence_of
from seqfer.posed.head import draw_head
from seqfer.posed.people import AUS, Light, Person, sample_light, sample_person
from seqfer.video.writing import H264Writer

LEVELS = 12  # steps from neutral to the full expression
LIDS = 2  # steps from open to closed, on the neutral face only
TURN_DEG = 2.5  # a head is rotated by -1, 0 or 1 times this
WALK_S = 1.0  # from the seat to out of the picture
SHOWN = tuple(name for name in EXPRESSIONS if name != "neutral")
_BELOW = 3.3  # height of the picture below the eyes, in half face widths, with room for the movement
_SWAY = 0.1
_MOVING = (-1.5, 1.5, -1.85, 2.3)  # u0 u1 v0 v1, half face widths: the region that expressions and rotations change


@dataclass(frozen=True)
class Absence:
    """A person leaves the seat at `start_s` and is back on it at `end_s`; the way out of the picture takes WALK_S each."""

    person: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Episode:
    """All people show `expression` between two times, with onset and offset; `level` in (0, 1] is the intensity at the apex."""

    start_s: float
    end_s: float
    expression: str
    level: float = 1.0


@dataclass(frozen=True, slots=True)
class FaceTruth:
    """One drawn face on one frame, while the centre of its box is in the picture. `valence` is in [-1, 1], `level` in [0, 1]."""

    frame: int
    time_s: float
    person: int
    x1: float
    y1: float
    x2: float
    y2: float
    valence: float
    expression: str
    level: float
    shot: int


@dataclass(frozen=True)
class PosedFilm:
    """The content of a video: `people` are seeds of `sample_person`, side by side. At each of `cuts_s` the view switches between two cameras,
    which have different walls, light and distances, and see the people in opposite order. Expressions are those of `script`, at the same times for
    all people, as of participants who watch a stimulus; without one each person has random ones. Raises InputError for impossible values."""

    people: tuple[int, ...] = (1, 2)
    seconds: float = 20.0
    seed: int = 0
    size: tuple[int, int] = (640, 360)  # width and height in pixels
    fps: float = 25.0
    cuts_s: tuple[float, ...] = ()
    away: tuple[Absence, ...] = ()
    script: tuple[Episode, ...] = ()

    def __post_init__(self) -> None:
        if not self.people or len(set(self.people)) < len(self.people):
            raise InputError(f"people {self.people}; give one seed or more, each once")
        if not (0 < self.fps <= 240 and 0 < self.seconds < math.inf and round(self.seconds * self.fps) > 0):
            raise InputError(f"{self.seconds} s at {self.fps} frames/s; allowed: one frame or more, up to 240 frames/s")
        if any(not 0 < cut < self.seconds for cut in self.cuts_s) or list(self.cuts_s) != sorted(set(self.cuts_s)):
            raise InputError(f"cuts at {self.cuts_s} s; allowed: increasing times within the video's {self.seconds} s")
        for gone in self.away:
            if gone.person not in self.people or not (gone.start_s >= 0 and gone.end_s - gone.start_s >= 2 * WALK_S):
                raise InputError(f"{gone}; allowed: a person of the video, away for {2 * WALK_S} s or more from 0 s on")
        ends = [0.0, *(one.end_s for one in self.script)]
        for before_s, one in zip(ends, self.script):
            if one.expression not in SHOWN or not before_s <= one.start_s < one.end_s or not 0 < one.level <= 1:
                raise InputError(
                    f"{one}; allowed: episodes one after the other, of {', '.join(SHOWN)}, with levels above 0 and up to 1"
                )
        if min(self.size) < 64 or self.unit_px(0) < 12:
            raise InputError(
                f"{len(self.people)} people in {self.size[0]}x{self.size[1]} pixels; "
                "allowed: faces 24 pixels wide or more; use fewer people or a larger picture"
            )

    @property
    def frames(self) -> int:
        """Number of frames of the video."""
        return round(self.seconds * self.fps)

    def unit_px(self, camera: int) -> float:
        """Half a face width; the second camera is nearer."""
        width, height = self.size
        return min(0.15 * height, 0.17 * width / len(self.people)) * (1.0, 1.18)[camera]


def posed_frames(film: PosedFilm) -> Iterator[tuple[float, np.ndarray, list[FaceTruth]]]:
    """(time_s, picture, truths) of every frame: uint8 (height width 3) RGB, a new one each time, with one truth per face in the picture.

    The same values give the same frames.
    """
    parts = [_Part(film, number) for number in range(len(film.people))]
    cameras: dict[int, _Camera] = {}
    for frame in range(film.frames):
        time_s = frame / film.fps
        shot = 1 + sum(time_s >= cut - 1e-9 for cut in film.cuts_s)
        side = (shot - 1) % 2
        if side not in cameras:
            cameras[side] = _Camera(film, side)
        picture = cameras[side].wall.copy()
        truths = []
        for number, part in enumerate(parts):
            centre = cameras[side].show(picture, number, part, frame)
            if 0 <= centre[0] < film.size[0]:
                truths.append(part.truth(frame, time_s, shot, centre, film.unit_px(side)))
        yield time_s, picture, truths


def write_posed_film(
    path: Path, film: PosedFilm, on_frame: Callable[[int], None] = lambda done: None
) -> list[FaceTruth]:
    """The video as H.264 in MP4 at `path`; returns the truth of every face on every frame, in order.

    `on_frame` is called after each frame with the number of finished frames. Raises InputError for a file that cannot be written.
    """
    truths: list[FaceTruth] = []
    with H264Writer(path, *film.size, rate_hz=film.fps) as writer:
        for time_s, picture, faces in posed_frames(film):
            writer.write(picture, time_s)
            truths += faces
            on_frame(writer.frames)
    return truths


def write_truth(path: Path, truths: Iterable[FaceTruth]) -> None:
    """The truths as CSV, a line per frame and person: frame, time_s, person, x1, y1, x2, y2 (pixels), valence, and the drawn expression."""
    rows = ([round(cell, 6) if isinstance(cell, float) else cell for cell in astuple(truth)] for truth in truths)
    write_atomically(path, csv_text([[field.name for field in fields(FaceTruth)], *rows]))


class _Part:
    """The movements of one person, one value per frame: expression, intensity, lids and rotation as steps, displacement in half face widths."""

    def __init__(self, film: PosedFilm, number: int) -> None:
        self.seed = film.people[number]
        self.person = sample_person(self.seed)
        rng = np.random.default_rng([20243, film.seed, self.seed])
        time = np.arange(film.frames) / film.fps
        speed = self.person.speed
        self.expression, self.level = (
            _scripted(film.script, time, speed) if film.script else _expressions(rng, time, speed)
        )
        self.lids = np.where(self.level == 0, _blinks(rng, time), 0)
        waves = rng.uniform((0.1, 0.15, 0.05), (0.3, 0.4, 0.12))[:, None] * 2 * np.pi * time
        sway_x, sway_y, turn = np.sin(waves + rng.uniform(0, 2 * np.pi, (3, 1)))
        self.turn = np.rint(1.2 * turn).astype(int)
        self.sway = np.stack((_SWAY * sway_x, 0.5 * _SWAY * sway_y), axis=1)
        self.gone = np.zeros(len(time))  # 0 in the seat .. 1 out of the picture
        for away in (a for a in film.away if a.person == self.seed):
            way = np.minimum(time - away.start_s, away.end_s - time) / WALK_S
            self.gone = np.maximum(self.gone, np.clip(way, 0, 1))
        self.valence = np.zeros(len(time))
        for kind, name in enumerate(SHOWN):
            mine = self.expression == kind
            self.valence[mine] = valence_of({name: self.level[mine] / LEVELS}, self.person)

    def truth(self, frame: int, time_s: float, shot: int, centre: tuple[float, float], unit_px: float) -> FaceTruth:
        """The box is that of `paint_head`."""
        (x, y), level = centre, int(self.level[frame])
        box = (x - unit_px, y - 0.75 * unit_px, x + unit_px, y + self.person.chin * unit_px)
        shown = SHOWN[self.expression[frame]] if level else "neutral"
        return FaceTruth(frame, time_s, self.seed, *box, float(self.valence[frame]) + 0.0, shown, level / LEVELS, shot)


class _Camera:
    """One camera: its wall, its light, and the pictures of people drawn so far."""

    def __init__(self, film: PosedFilm, side: int) -> None:
        rng = np.random.default_rng([20244, film.seed, side])
        self.unit_px = film.unit_px(side)
        self.wall, self.width, light = _wall(rng, film.size, side), film.size[0], sample_light(rng)
        seats = (np.arange(len(film.people)) + 0.5) / len(film.people) - 0.07 * side
        self.seats = (seats if side == 0 else seats[::-1]) * film.size[0]
        self.eyes_y = film.size[1] - _BELOW * self.unit_px
        self.drawn = [_Drawn(sample_person(seed), self.unit_px, light) for seed in film.people]

    def show(self, picture: np.ndarray, number: int, part: _Part, frame: int) -> tuple[float, float]:
        """Paste a person into the picture; returns the position of the point between the eyes."""
        drawn, seat = self.drawn[number], float(self.seats[number])
        out = -drawn.reach_px if seat < self.width / 2 else self.width + drawn.reach_px
        x = round(seat + (out - seat) * part.gone[frame] + part.sway[frame, 0] * self.unit_px)
        y = round(self.eyes_y + part.sway[frame, 1] * self.unit_px)
        level, lids, turn = (int(steps[frame]) for steps in (part.level, part.lids, part.turn))
        drawn.lay(picture, x, y, (int(part.expression[frame]) if level else 0, level, lids, turn))
        return float(x), float(y)


class _Drawn:
    """One person in front of one camera: colour times coverage, and 255 - coverage, of the whole, and of the moving region for each state."""

    def __init__(self, person: Person, unit_px: float, light: Light) -> None:
        self.person, self.unit_px, self.light = person, unit_px, light
        # The shoulders extend to each side by the height of their line above the picture's lower edge (`seqfer.posed.head`).
        below = _BELOW + _SWAY
        reach = max(1.6, ((below - 2.0) / 0.28) ** (1 / 1.6) + 0.1)
        self.reach_px = math.ceil(reach * unit_px)
        self.top_px = math.ceil((person.skull + 0.5) * unit_px)
        self.bottom_px = math.ceil(below * unit_px)
        whole = self._draw((0, 0, 0, 0), -self.reach_px, self.reach_px, -self.top_px, self.bottom_px)
        self.colour, self.through = whole
        self.looks: dict[tuple[int, int, int, int], tuple[np.ndarray, np.ndarray]] = {}
        u0, u1, v0, v1 = (round(edge * unit_px) for edge in _MOVING)
        self.moving = (max(u0, -self.reach_px), min(u1, self.reach_px), max(v0, -self.top_px), v1)

    def lay(self, picture: np.ndarray, x: int, y: int, look: tuple[int, int, int, int]) -> None:
        """Paste the person into `picture`, in place, with the point between the eyes at (x, y); clipped at the edges."""
        if look not in self.looks:
            self.looks[look] = self._draw(look, *self.moving)
        left, right, top, bottom = self.moving
        moving = slice(top + self.top_px, bottom + self.top_px), slice(left + self.reach_px, right + self.reach_px)
        self.colour[moving], self.through[moving] = self.looks[
            look
        ]  # overwritten for every state, so no copy is needed
        x0, y0 = x - self.reach_px, y - self.top_px
        here = picture[max(y0, 0) : max(y + self.bottom_px, 0), max(x0, 0) : max(x + self.reach_px, 0)]
        if here.size:
            mine = slice(max(-y0, 0), max(-y0, 0) + here.shape[0]), slice(max(-x0, 0), max(-x0, 0) + here.shape[1])
            here[:] = cv2.add(cv2.multiply(here, self.through[mine], scale=1 / 255), self.colour[mine])

    def _draw(
        self, look: tuple[int, int, int, int], left: int, right: int, top: int, bottom: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pixels from `left` to `right` and `top` to `bottom` of the point between the eyes, both uint8 (height width 3)."""
        kind, level, lids, turn = look
        aus = au_vector(SHOWN[kind], level / LEVELS)
        aus[AUS.index(45)] = lids / LIDS
        x, y = np.meshgrid((np.arange(left, right) + 0.5) / self.unit_px, (np.arange(top, bottom) + 0.5) / self.unit_px)
        pose = (TURN_DEG * turn, 0.0, 0.0, 0.0, 0.0, 1.0)
        rgba = draw_head(self.person, aus, pose, x, y, self.unit_px, self.light)
        alpha = np.repeat(rgba[..., 3:], 3, axis=2)
        colour = np.rint(255 * rgba[..., :3] * alpha).astype(np.uint8)
        return colour, 255 - np.rint(255 * alpha).astype(np.uint8)


def _expressions(rng: np.random.Generator, time: np.ndarray, speed: float) -> tuple[np.ndarray, np.ndarray]:
    """Which of SHOWN, and its level in 0..LEVELS, at times (t,): one after the other, each with onset, apex and offset, and neutral between."""
    kind, level = np.zeros(len(time), dtype=np.int64), np.zeros(len(time), dtype=np.int64)
    begin, order = float(rng.uniform(0.6, 1.4)), list[int]()
    while begin < time[-1]:
        order = order or rng.permutation(len(SHOWN)).tolist()
        rise, stay, fall, rest = rng.uniform((0.5, 1.4, 0.6, 1.0), (0.9, 2.4, 1.1, 2.0)) / (speed, 1, speed, 1)
        first, last = np.searchsorted(time, (begin, begin + rise + stay + fall))
        since = time[first:last] - begin
        ramp = np.clip(np.minimum(since / rise, (rise + stay + fall - since) / fall), 0, 1)
        kind[first:last] = order.pop(0)
        level[first:last] = np.rint(LEVELS * rng.uniform(0.8, 1.0) * ramp * ramp * (3 - 2 * ramp))
        begin += rise + stay + fall + rest
    return kind, level


def _scripted(script: Iterable[Episode], time: np.ndarray, speed: float) -> tuple[np.ndarray, np.ndarray]:
    """As `_expressions`, of a script; a person's speed changes onset and offset, half the episode long at most."""
    kind, level = np.zeros(len(time), dtype=np.int64), np.zeros(len(time), dtype=np.int64)
    for one in script:
        first, last = np.searchsorted(time, (one.start_s, one.end_s))
        change = min(0.8 / speed, (one.end_s - one.start_s) / 2)
        ramp = np.clip(np.minimum(time[first:last] - one.start_s, one.end_s - time[first:last]) / change, 0, 1)
        kind[first:last] = SHOWN.index(one.expression)
        level[first:last] = np.rint(LEVELS * one.level * ramp * ramp * (3 - 2 * ramp))
    return kind, level


def _blinks(rng: np.random.Generator, time: np.ndarray) -> np.ndarray:
    """Steps of the lids in 0..LIDS at times (t,): a blink of a quarter second every few seconds."""
    begins = np.cumsum(rng.uniform(2.0, 6.0, max(1, math.ceil(time[-1] / 2.0))))
    nearest = np.abs(time - begins[np.minimum(np.searchsorted(begins, time - 0.125), len(begins) - 1)])
    result: np.ndarray = np.rint(LIDS * np.clip(1.5 * (1 - nearest / 0.125), 0, 1)).astype(np.int64)
    return result


def _wall(rng: np.random.Generator, size: tuple[int, int], side: int) -> np.ndarray:
    """A lit wall with two plain panels, uint8 (height width 3) RGB: light for the first camera, dark for the second."""
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
    tone = rng.uniform(-0.06, 0.06, 3) + (rng.uniform(0.58, 0.7) if side == 0 else rng.uniform(0.24, 0.34))
    slope_x, slope_y = (0.08, -0.12) if side == 0 else (-0.2, 0.1)
    shade = 1 + slope_x * (2 * x - 1) + slope_y * (2 * y - 1)
    for left in (0.05, 0.42) if side == 0 else (0.2, 0.75):
        panel = (np.abs(x - left - 0.09) < 0.09) & (np.abs(y - 0.24) < 0.18)
        shade *= np.where(panel, rng.uniform(0.7, 0.85) if side == 0 else rng.uniform(1.5, 1.9), 1)
    wall = cv2.GaussianBlur(shade[..., None] * tone.astype(np.float32), (0, 0), height / 180)
    return (np.clip(wall, 0, 1) * 255 + 0.5).astype(np.uint8)
