"""Face detectors, one file each: `build(weights, **options)` gives a `Detector`, which turns a picture into a list of `Detection`."""

from seqfer.detectors._detector import Detector

__all__ = ["Detector"]
