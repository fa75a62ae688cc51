"""Writes `valence_1hz.csv`: per face and whole second the mean valence, its spread, frames, coverage, and mean probabilities (see `seconds.py`).

Every second between a face's first and last has a row. A second without the face has an empty valence, 0 frames, and coverage 0 - or
empty, where no frame of that second was analysed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from seqfer.core.csv_text import csv_text
from seqfer.core.files import StagedFile, unwritable_error
from seqfer.core.records import FaceRow
from seqfer.film.output.rounding import text
from seqfer.film.output.seconds import SecondBins, SecondMean
from seqfer.runs.names import SECONDS_CSV

LONGEST_GAP_S = 86_400  # a jump of more than a day is a damaged timestamp; it is counted and not filled


class SecondTable:
    """Writes `valence_1hz.csv`. Rows are sorted by second, then face, with gaps filled.

    Whether a lost face returns is known only later. So seconds are first written to a temporary file, gaps are stored as
    (first, last) per face, and `close` merges the two: memory grows with the number of gaps only.
    """

    def __init__(self, folder: Path, classes: tuple[str, ...]) -> None:
        """Raises InputError when the folder cannot be written."""
        self.classes, self._bins, self._path = classes, SecondBins(), folder / SECONDS_CSV
        self._seen = StagedFile(folder / f"{SECONDS_CSV}.seen")
        self._last: dict[int, int] = {}  # face -> the second it was last seen in
        self._gaps: list[tuple[int, int, int]] = []  # first second, last second, face
        self.long_gaps = 0  # of more than a day, not filled
        self._done = False

    @property
    def late_rows(self) -> int:
        """Rows left out because their time was before a finished second."""
        return self._bins.late_rows

    def write(self, row: FaceRow) -> None:
        """Write the next row. Raises InputError when the disk is full."""
        if done := self._bins.add(row):
            self._keep(*done)

    def close(self) -> int:
        """Write the table; returns the number of its rows. Raises InputError when it cannot be written."""
        if self._done:
            return 0
        if done := self._bins.finish():
            self._keep(*done)
        staged = StagedFile(self._path)
        try:
            self._seen.file.seek(0)
            written = self._join(staged)
        except OSError as error:
            staged.discard()
            raise unwritable_error(self._path, error) from None
        finally:
            self.discard()
        staged.commit()
        return written

    def discard(self) -> None:
        """Remove the temporary files. Without effect after `close`."""
        self._done = True
        self._seen.discard()

    def _keep(self, second: int, analysed: int, faces: Sequence[SecondMean]) -> None:
        for mean in faces:
            last = self._last.get(mean.face, second)
            if second - last > LONGEST_GAP_S:
                self.long_gaps += 1
            elif second > last + 1:
                self._gaps.append((last + 1, second - 1, mean.face))
            self._last[mean.face] = second
        lines = [[str(second), str(analysed), str(len(faces))], *(_cells(mean) for mean in faces)]
        try:
            self._seen.file.write(csv_text(lines).encode())
        except OSError as error:
            raise unwritable_error(self._path, error) from None

    def _join(self, staged: StagedFile) -> int:
        """Merge seconds with the face and gaps in order; returns the number of rows."""
        means = [f"mean_{name}" for name in self.classes]
        staged.file.write(
            csv_text([["second", "face", "valence", "valence_sd", "frames", "coverage", *means]]).encode()
        )
        self._gaps.sort()
        written, following, waiting = 0, 0, list[tuple[int, int, int]]()
        for second, analysed, lines in _every_second(csv.reader(line.decode() for line in self._seen.file)):
            while following < len(self._gaps) and self._gaps[following][0] <= second:
                waiting.append(self._gaps[following])
                following += 1
            waiting = [gap for gap in waiting if gap[1] >= second]
            coverage = text(0.0) if analysed else ""
            lines += [
                [str(second), str(face), "", "", "0", coverage, *[""] * len(self.classes)] for _, _, face in waiting
            ]
            lines.sort(key=lambda line: int(line[1]))
            staged.file.write(csv_text(lines).encode())
            written += len(lines)
        return written


def _every_second(seen: Iterator[list[str]]) -> Iterator[tuple[int, int, list[list[str]]]]:
    """(second, frames analysed, lines of faces) for all seconds in order, also those without a frame."""
    before: int | None = None
    for head in seen:
        second, analysed, faces = (int(cell) for cell in head)
        if before is not None and second - before <= LONGEST_GAP_S:  # longer gaps are not filled
            yield from ((between, 0, []) for between in range(before + 1, second))
        yield second, analysed, [next(seen) for _ in range(faces)]
        before = second


def _cells(mean: SecondMean) -> list[str]:
    known = [text(mean.valence), text(mean.valence_sd), str(mean.frames), text(mean.coverage)]
    return [str(mean.second), str(mean.face), *known, *(text(share) for share in mean.probabilities)]
