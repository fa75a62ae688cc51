"""A short film of one drawn person, who walks in from the side, turns happy, and is gone for the last frames. Haar's cascade finds the head."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from seqfer import posed
from tests.video_files import write_tone

WIDTH, HEIGHT, RATE = 240, 180, 25
THERE, GONE = 30, 10  # frames with the person, frames after
PERSON, UNIT_PX, LOOKS = 1, 38, 4


@cache
def looks() -> list[np.ndarray]:
    """The person on a wall, from neutral to happy: uint8 (HEIGHT WIDTH 3) each."""
    person = posed.sample_person(PERSON)
    wall = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    drawn = []
    for level in np.linspace(0, 1, LOOKS):
        canvas = wall.copy()
        posed.paint_head(
            canvas, person, posed.au_vector("happiness", level), centre_xy_px=(WIDTH / 2, HEIGHT / 2), unit_px=UNIT_PX
        )
        drawn.append(canvas)
    return drawn


def write_drawn_film(path: Path, there: int = THERE, gone: int = GONE, sound: bool = False) -> Path:
    """The film, in H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        tone = container.add_stream("aac", rate=16000, layout="mono") if sound else None
        for number in range(there + gone):
            picture = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
            if number < there:
                drawn = looks()[min(LOOKS - 1, number * LOOKS // there)]
                picture = np.roll(drawn, round(10 * np.sin(number / 6)), axis=1)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if tone is not None:
            write_tone(container, tone, (there + gone) / RATE)
    return path
