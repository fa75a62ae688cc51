"""Renders synthetic faces and videos of them: invented people drawn from a seed, FACS action-unit curves, and a shaded renderer (NumPy and
OpenCV only).

Made for the embedded corpus `posed` and for test videos. Original work; docs/corpora/posed.md states its limits.
"""

from seqfer.posed.expressions import EXPRESSIONS, PARTNER, PATHS, VALENCE, au_vector, clip_curves, valence_of
from seqfer.posed.film import Absence, Episode, FaceTruth, PosedFilm, posed_frames, write_posed_film, write_truth
from seqfer.posed.people import AUS, Light, Person, sample_light, sample_person
from seqfer.posed.render import Camera, Scene, cut_out, paint_head, render

__all__ = [
    "AUS",
    "EXPRESSIONS",
    "PARTNER",
    "PATHS",
    "VALENCE",
    "Absence",
    "Camera",
    "Episode",
    "FaceTruth",
    "Light",
    "Person",
    "PosedFilm",
    "Scene",
    "au_vector",
    "clip_curves",
    "cut_out",
    "paint_head",
    "posed_frames",
    "render",
    "sample_light",
    "sample_person",
    "valence_of",
    "write_posed_film",
    "write_truth",
]
