"""Face tracking: appearance of detections, their assignment to tracks over time, shot boundaries, and aligned crops of faces."""

from seqfer.tracks.appearance import Observation, appearance_distance, observations
from seqfer.tracks.between import deviates_from_linear_motion, same_faces
from seqfer.tracks.boxes import overlap
from seqfer.tracks.crops import EYE_DISTANCE, EYES_Y, MOUTH_Y, align_crop
from seqfer.tracks.track import Track
from seqfer.tracks.tracker import Tracker

__all__ = [
    "EYES_Y",
    "EYE_DISTANCE",
    "MOUTH_Y",
    "Observation",
    "Track",
    "Tracker",
    "align_crop",
    "appearance_distance",
    "deviates_from_linear_motion",
    "observations",
    "overlap",
    "same_faces",
]
