"""Parametric faces of nobody: people drawn from a seed, FACS action-unit curves, and a shaded renderer (NumPy and OpenCV only).

Made for the embedded corpus `posed` and for test films. Original work; see docs/corpora/posed.md for what it is and is not.
"""

from seqfer.faces.expressions import AUS, EXPRESSIONS, FIRST_AND_SECOND, clip_curves, valence_of
from seqfer.faces.people import Light, Person, sample_light, sample_person
from seqfer.faces.render import cut_out, paint_head, render

__all__ = [
    "AUS",
    "EXPRESSIONS",
    "FIRST_AND_SECOND",
    "Light",
    "Person",
    "clip_curves",
    "cut_out",
    "paint_head",
    "render",
    "sample_light",
    "sample_person",
    "valence_of",
]
