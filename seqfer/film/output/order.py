"""Checks the order of rows: frame after frame, each either without a face or with one row per face."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from seqfer.core.errors import InputError
from seqfer.core.records import FaceRow


@dataclass
class RowCounts:
    """Counts of rows, distinct frames, frames without a face, and rows with a face."""

    rows: int = 0
    frames: int = 0
    frames_without_face: int = 0
    face_rows: int = 0


@dataclass
class RowOrder:
    """Counts rows and rejects one that does not fit. Stores one frame's faces, whatever the length of the video."""

    classes: tuple[str, ...]
    counts: RowCounts = field(default_factory=RowCounts)
    _frame: int | None = None
    _faces: set[int | None] = field(default_factory=set)

    def check(self, row: FaceRow) -> None:
        """Check the next row. Raises InputError with its frame when it is out of order, duplicate or incomplete."""
        if row.frame != self._frame:
            if self._frame is not None and row.frame < self._frame:
                raise InputError(f"frame {row.frame} comes after frame {self._frame}; rows must be in order of frames")
            if not math.isfinite(row.time_s):
                raise InputError(f"frame {row.frame}: time {row.time_s} is not a number of seconds")
            self._frame = row.frame
            self._faces.clear()
            self.counts.frames += 1
        elif row.face in self._faces or row.face is None or None in self._faces:
            what = "a row without a face" if None in (row.face, *self._faces) else f"face {row.face}"
            raise InputError(
                f"frame {row.frame}: {what} beside another row; a frame has one row per face, or one without"
            )
        if row.face is None:
            self.counts.frames_without_face += 1
        else:
            self._check_face(row)
            self.counts.face_rows += 1
        self._faces.add(row.face)
        self.counts.rows += 1

    def _check_face(self, row: FaceRow) -> None:
        shares = row.probabilities
        if row.box_xyxy_px is None or shares is None or len(shares) != len(self.classes):
            raise InputError(
                f"frame {row.frame}, face {row.face}: a face needs a box and {len(self.classes)} probabilities; "
                f"got box {row.box_xyxy_px}, {0 if shares is None else len(shares)} probabilities"
            )
        if not math.isfinite(sum(shares)):
            raise InputError(f"frame {row.frame}, face {row.face}: probabilities {shares} are not all numbers")
