"""Face detectors, one file each: `build(weights, **options)` returns a `Detector`, which finds the `Detection`s in a picture."""

from seqfer.detectors._detector import Detector

__all__ = ["Detector"]
