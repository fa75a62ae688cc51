"""Whether the tables of a folder agree with each other: what can be checked of a folder that has no checksums."""

from __future__ import annotations

import csv
import re
import tempfile
from itertools import zip_longest
from pathlib import Path

from seqfer.core.errors import InputError
from seqfer.film.output.files import AnnotationFiles
from seqfer.film.output.order import RowCounts
from seqfer.film.output.reading import read_classes, read_measures, read_rows, read_table
from seqfer.film.output.tables import Columns
from seqfer.runs.names import BLINKS_CSV, FRAMES_CSV, FRAMES_PARQUET, SECONDS_CSV, TRACKS_CSV

_DECIMALS = re.compile(r"-?\d+\.(\d+)")


def disagreeing_tables(
    folder: Path, valence: bool, min_track_s: float, counts: RowCounts | None, min_quality: float = 0.0
) -> list[str]:
    """The names of the tables that are not those of the rows of `frames.parquet`, whose pages carry checksums; that one where it is damaged.

    `frames.csv` must be the same text. Means over tracks and seconds are computed again from rounded numbers, so their last digit may differ by one.
    """
    with tempfile.TemporaryDirectory() as scratch:
        try:
            found = _write_again(folder, Path(scratch), valence, min_track_s, min_quality)
        except InputError:
            return [FRAMES_PARQUET]
        if counts is not None and counts != found:
            return [FRAMES_PARQUET]
        blinks = [BLINKS_CSV] if (Path(scratch) / BLINKS_CSV).exists() else []
        names = (FRAMES_CSV, TRACKS_CSV, *([SECONDS_CSV] if valence else []), *blinks)
        return [name for name in names if not _agree(folder / name, Path(scratch) / name, name == FRAMES_CSV)]


def columns_of(folder: Path, valence: bool) -> Columns:
    """The columns of a folder's tables. Raises InputError where its table of rows cannot be read."""
    table = read_table(folder)
    pictures = table.select(["frame", "picture"]).to_pydict() if "picture" in table.column_names else {"frame": []}
    named = dict(zip(pictures["frame"], pictures.get("picture", [])))
    names = [named.get(frame, "") for frame in range(1 + max(named, default=-1))]
    return Columns(read_classes(folder), valence, names, read_measures(folder))


def _write_again(folder: Path, scratch: Path, valence: bool, min_track_s: float, min_quality: float) -> RowCounts:
    """All tables of the rows of a folder, in another one."""
    with AnnotationFiles(scratch, columns_of(folder, valence), min_track_s, min_quality) as files:
        for row in read_rows(folder):
            files.write(row)
    return files.counts


def _agree(found: Path, right: Path, exactly: bool) -> bool:
    """Whether two tables are the same; if not `exactly`, decimal numbers may differ by one in their last digit."""
    try:
        content = found.read_bytes()
        if exactly or content == right.read_bytes():
            return content == right.read_bytes()
        ours, theirs = (list(csv.reader(data.decode().splitlines())) for data in (content, right.read_bytes()))
    except (OSError, ValueError, csv.Error):
        return False
    cells = zip_longest(*([cell for line in lines for cell in (*line, "\n")] for lines in (ours, theirs)), fillvalue="")
    return all(_near(one, other) for one, other in cells)


def _near(one: str, other: str) -> bool:
    first, second = _DECIMALS.fullmatch(one), _DECIMALS.fullmatch(other)
    if not first or not second or len(first[1]) != len(second[1]):
        return one == other
    return abs(float(one) - float(other)) < 1.5 * 10.0 ** -len(first[1])
