"""Turns a video whose pictures are stored sideways or upside down without a word about it, before its frames are read."""

from __future__ import annotations

import math

from seqfer.detectors import Detector
from seqfer.film.detector_choice import choose_detector
from seqfer.tracks.upright import SAMPLES, upright_turn
from seqfer.video import Source

AUTO = "auto"
CASCADE = "haar"  # finds upright faces almost only


def turn_upright(source: Source, detector: Detector, rotate: str, start_s: float = 0.0, end_s: float = 0.0) -> str:
    """Turn the source as `rotate` says: by 0, 90, 180 or 270 degrees clockwise, or, of "auto", so that the faces in a part of it are upright (an
    `end_s` of 0: to its end). Returns one line where "auto" turned it, else nothing."""
    if rotate != AUTO:
        source.turn(int(rotate))
        return ""
    cascade = detector if detector.name == CASCADE else choose_detector(CASCADE)
    samples = source.samples(SAMPLES, start_s, end_s or math.inf)
    pictures = (frame.small(detector.longest_px)[0] for frame in samples)
    turn = upright_turn(pictures, cascade.detect, None if detector is cascade else detector.detect)
    if not turn:
        return ""
    source.turn(turn)
    return turn_note(source)


def turn_note(source: Source) -> str:
    """What "auto" did to a source that it turned."""
    return (
        f"the faces are not upright as the video is stored, so it is turned by {source.info.turned_deg} degrees clockwise; "
        "--rotate 0 leaves it as it is"
    )
