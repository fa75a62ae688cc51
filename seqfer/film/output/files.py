"""Writes all tables of a video in one pass over its rows: `frames.csv`, `frames.parquet`, `tracks.csv`, with valence
`valence_1hz.csv`, with geometry `landmarks.parquet` and `blinks.csv`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seqfer.core.emotions import VALENCE_NORMS
from seqfer.core.errors import InputError
from seqfer.core.files import ClosedOrDiscarded
from seqfer.core.records import FaceRow
from seqfer.film.output.order import RowCounts
from seqfer.film.output.second_table import SecondTable
from seqfer.film.output.tables import Columns, RowTables
from seqfer.film.output.track_table import TrackTable

if TYPE_CHECKING:
    from seqfer.film.output.geometry_tables import GeometryTables

DIFFER = 0.3  # of valence, on its scale from -1 to 1


class AnnotationFiles(ClosedOrDiscarded):
    """Writes the tables. As a context manager: closed at the end; on an exception incomplete files are removed."""

    def __init__(self, folder: Path, columns: Columns, min_track_s: float = 0.0, min_quality: float = 0.0) -> None:
        """`min_track_s` as for `TrackTable`; rows below `min_quality` are in no mean of a second. Raises InputError when the folder cannot be
        written."""
        classes = columns.classes
        self.differing = 0  # rows whose valence and expectation of the emotions under norms differ by more than DIFFER
        self._norms = [VALENCE_NORMS[name] for name in classes] if columns.valence else None
        self.rows = RowTables(folder, columns)
        self.tracks = TrackTable(folder, classes, min_track_s)
        self.seconds: SecondTable | None = None
        self.geometry: GeometryTables | None = None
        try:
            if columns.valence:
                self.seconds = SecondTable(folder, classes)
            if columns.measures:
                from seqfer.film.output.geometry_tables import GeometryTables  # which imports what geometry needs

                self.geometry = GeometryTables(folder, columns.measures, min_quality)
        except InputError:
            self.discard()
            raise

    @property
    def counts(self) -> RowCounts:
        """Counts of the rows written so far."""
        return self.rows.counts

    def write(self, row: FaceRow) -> None:
        """Write the next row. Raises InputError as `RowTables.write` does."""
        self.rows.write(row)
        self.tracks.write(row)
        readable = self.geometry is None or self.geometry.write(row)
        if self.seconds:  # a face that cannot be read counts as not seen
            self.seconds.write(row if readable else FaceRow(row.frame, row.time_s, row.shot))
        if self._norms and row.probabilities is not None:
            expected = sum(norm * p for norm, p in zip(self._norms, row.probabilities, strict=True))
            self.differing += abs(expected - row.valence) > DIFFER

    def close(self) -> RowCounts:
        """Give all files their names, rows first: the other files can be made from them."""
        try:
            counts = self.rows.close()
            self.tracks.close()
            if self.seconds:
                self.seconds.close()
            if self.geometry:
                self.geometry.close()
        finally:  # of files that have their names nothing is removed
            self.discard()
        return counts

    def discard(self) -> None:
        """Remove incomplete files. Without effect after `close`."""
        self.rows.discard()
        self.tracks.discard()
        if self.seconds:
            self.seconds.discard()
        if self.geometry:
            self.geometry.discard()
