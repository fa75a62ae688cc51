"""From detections to faces that keep their name: appearance, assignment over time, and crops in one framing."""

from seqfer.tracks.appearance import Sighting, appearance_distance, sightings
from seqfer.tracks.between import deviates_from_linear_motion, same_faces
from seqfer.tracks.boxes import overlap
from seqfer.tracks.crops import EYE_DISTANCE, EYES_Y, MOUTH_Y, align_crop
from seqfer.tracks.track import Track
from seqfer.tracks.tracker import Tracker

__all__ = [
    "EYES_Y",
    "EYE_DISTANCE",
    "MOUTH_Y",
    "Sighting",
    "Track",
    "Tracker",
    "align_crop",
    "appearance_distance",
    "deviates_from_linear_motion",
    "overlap",
    "same_faces",
    "sightings",
]
