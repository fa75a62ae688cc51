"""All tables of a film from one pass over its rows: `frames.csv`, `frames.parquet`, `tracks.csv` and, with valence, `valence_1hz.csv`."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from seqfer.core.errors import InputError
from seqfer.core.records import FaceRow
from seqfer.film.output.order import RowCounts
from seqfer.film.output.second_table import SecondTable
from seqfer.film.output.tables import RowTables
from seqfer.film.output.track_table import TrackTable


class AnnotationFiles:
    """The tables in the making. As a context manager: closed at the end, and on an exception nothing that is not whole is left."""

    def __init__(self, folder: Path, classes: tuple[str, ...], valence: bool = True) -> None:
        """Raises InputError when the folder cannot be written."""
        self.rows = RowTables(folder, classes, valence)
        self.tracks = TrackTable(folder, classes)
        try:
            self.seconds = SecondTable(folder, classes) if valence else None
        except InputError:
            self.rows.abort()
            raise

    @property
    def counts(self) -> RowCounts:
        """What was written so far."""
        return self.rows.counts

    def write(self, row: FaceRow) -> None:
        """Take the next row. Raises InputError as `RowTables.write` does."""
        self.rows.write(row)
        self.tracks.write(row)
        if self.seconds:
            self.seconds.write(row)

    def close(self) -> RowCounts:
        """Give all files their names, rows first: whatever comes after can be made from them."""
        counts = self.rows.close()
        self.tracks.close()
        if self.seconds:
            self.seconds.close()
        return counts

    def abort(self) -> None:
        """Leave nothing that is not whole. After `close` nothing happens."""
        self.rows.abort()
        self.tracks.abort()
        if self.seconds:
            self.seconds.abort()

    def __enter__(self) -> AnnotationFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self.abort()
