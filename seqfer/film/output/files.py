"""Writes all tables of a video in one pass over its rows: `frames.csv`, `frames.parquet`, `tracks.csv` and, with valence, `valence_1hz.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqfer.core.emotions import VALENCE_NORMS
from seqfer.core.errors import InputError
from seqfer.core.files import ClosedOrDiscarded
from seqfer.core.records import FaceRow
from seqfer.film.output.order import RowCounts
from seqfer.film.output.second_table import SecondTable
from seqfer.film.output.tables import RowTables
from seqfer.film.output.track_table import TrackTable

DIFFER = 0.3  # of valence, on its scale from -1 to 1


class AnnotationFiles(ClosedOrDiscarded):
    """Writes the tables. As a context manager: closed at the end; on an exception incomplete files are removed."""

    def __init__(
        self,
        folder: Path,
        classes: tuple[str, ...],
        valence: bool = True,
        pictures: Sequence[str] = (),
        min_track_s: float = 0.0,
    ) -> None:
        """`pictures` as for `RowTables`, `min_track_s` as for `TrackTable`. Raises InputError when the folder cannot be written."""
        self.differing = 0  # rows whose valence and expectation of the emotions under norms differ by more than DIFFER
        self._norms = [VALENCE_NORMS[name] for name in classes] if valence else None
        self.rows = RowTables(folder, classes, valence, pictures)
        self.tracks = TrackTable(folder, classes, min_track_s)
        try:
            self.seconds = SecondTable(folder, classes) if valence else None
        except InputError:
            self.rows.discard()
            raise

    @property
    def counts(self) -> RowCounts:
        """Counts of the rows written so far."""
        return self.rows.counts

    def write(self, row: FaceRow) -> None:
        """Write the next row. Raises InputError as `RowTables.write` does."""
        self.rows.write(row)
        self.tracks.write(row)
        if self.seconds:
            self.seconds.write(row)
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
        finally:  # of files that have their names nothing is removed
            self.discard()
        return counts

    def discard(self) -> None:
        """Remove incomplete files. Without effect after `close`."""
        self.rows.discard()
        self.tracks.discard()
        if self.seconds:
            self.seconds.discard()
