"""Reads the two tables of FER2013: `emotion,pixels,Usage` with the pixels, and the FER+ votes, whose row i belongs to row i of the pixels.

Sources: the files of the 2013 challenge (Goodfellow et al. 2013) and `fer2013new.csv` of https://github.com/microsoft/FERPlus (MIT;
Barsoum et al. 2016). Columns are found by name, so `icml_face_data.csv`, with another order and blanks in the header, is read too.
"""

from __future__ import annotations

import csv
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from einops import rearrange
from tqdm import tqdm

from seqfer.core.emotions import EMOTIONS, class_list
from seqfer.core.errors import InputError
from seqfer.core.numbers import is_count
from seqfer.datasets._fer_archive import open_table

SIDE_PX = 48
ROWS = 35_887  # of the whole corpus, and of the votes file
SPLITS = ("Training", "PublicTest", "PrivateTest")
COLUMNS = ("emotion", "pixels", "Usage")
# Kaggle's train.csv and test.csv have no Usage, and the latter no labels; of its pictures the challenge does not say which test they are from.
BY_NAME = {"train": "Training", "test": "Test"}
TABLES = ("fer2013.csv", "icml_face_data.csv")
VOTES = "fer2013new.csv"
_RATED = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
_VOTE_COLUMNS = ("Usage", *_RATED, "unknown", "NF")
_DAMAGED = (
    OSError,
    EOFError,
    zlib.error,
    UnicodeDecodeError,
    csv.Error,
    tarfile.TarError,
    zipfile.BadZipFile,
    RuntimeError,
)
_BYTES = {str(value): value for value in range(256)}


@dataclass(frozen=True)
class Table:
    """faces (row height width) uint8, and label code (None without a label) and split of every row."""

    faces: np.ndarray
    codes: tuple[int | None, ...]
    splits: tuple[str, ...]


@dataclass(frozen=True)
class Votes:
    """One row of FER+: votes over EMOTIONS (None without a vote for an emotion), and the votes for unknown and for no face."""

    emotions: tuple[float, ...] | None
    unknown: int
    no_face: int


def read_table(file: Path) -> Table:
    """The pictures of a CSV file, plain, gzipped, or in a tar or zip archive. Raises InputError with `file:line` for anything invalid."""
    pixels, codes, splits = bytearray(), [], []
    known, named = class_list("fer2013"), BY_NAME.get(file.name.lower().partition(".")[0])
    may_lack = () if named is None else ("Usage",) if named == "Training" else ("emotion", "Usage")
    for line, (code, values, split) in tqdm(
        _rows(file, COLUMNS, may_lack), desc="rows", unit="row", disable=None, leave=False
    ):
        where = f"{file}:{line}"
        if code is not None and (code not in _BYTES or _BYTES[code] >= len(known)):
            names = ", ".join(f"{k} {v}" for k, v in enumerate(known))
            raise InputError(f"{where}: label {code!r} is not a code of FER2013; allowed: {names}")
        codes.append(None if code is None else int(code))
        splits.append(str(named) if split is None else _split(split, where))
        pixels += _pixels(values or "", where)
    if not codes:
        raise InputError(f"{file}: no rows; expected a header {','.join(COLUMNS)} and one line per picture")
    flat = np.frombuffer(pixels, dtype=np.uint8)
    faces = rearrange(flat, "(row height width) -> row height width", height=SIDE_PX, width=SIDE_PX)
    return Table(faces, tuple(codes), tuple(splits))


def read_votes(file: Path, table: Table, table_file: Path) -> list[Votes]:
    """The votes of the table's rows, by position. The table may be a partial copy of the first rows if the votes file is complete.

    Raises InputError when the number of rows does not fit, or a row's Usage differs from the table's.
    """
    votes: list[Votes] = []
    count, rows = 0, len(table.codes)
    for line, (usage, *words) in _rows(file, _VOTE_COLUMNS, ()):
        where = f"{file}:{line}"
        if count < rows:
            split = _split(usage or "", where)
            if split != table.splits[count]:
                raise InputError(
                    f"{where}: votes for a row of {split}, but row {count} of {table_file.name} is {table.splits[count]}; "
                    "keep both files in the official order"
                )
            votes.append(parse_votes([word or "" for word in words], where))
        count += 1
    if count < rows or (count > rows and count != ROWS):
        raise InputError(
            f"{file}: {count} rows of votes for {rows} rows of {table_file.name}; expected as many, or all {ROWS} of FER+"
        )
    return votes


def _rows(file: Path, columns: Sequence[str], may_lack: Sequence[str]) -> Iterator[tuple[int, list[str | None]]]:
    """Yields (line number, the requested columns in the requested order), without the header; None for a column that may be missing and is."""
    number = 1
    try:
        names = (VOTES,) if columns is _VOTE_COLUMNS else TABLES
        with io.TextIOWrapper(open_table(file, names), encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text)
            header = [name.strip() for name in next(reader, [])]
            missing = [name for name in columns if name not in header and name not in may_lack]
            if missing:
                found = ",".join(header)[:80] or "nothing"
                raise InputError(
                    f"{file}:1: column {missing[0]!r} is missing; expected a header with {','.join(columns)}, found {found}"
                )
            places = [header.index(name) if name in header else None for name in columns]
            for row in reader:
                number = reader.line_num
                if not row:
                    continue
                strange = next((cell for cell in row if not cell.isascii()), None)
                if strange is not None:
                    raise InputError(
                        f"{file}: cannot be read as CSV after line {number - 1}: {strange[:20]!a} in line {number} is not ASCII; "
                        "allowed: the digits 0 to 9 and the names of splits"
                    )
                if len(row) != len(header):
                    raise InputError(
                        f"{file}:{number}: {len(row)} fields, the header has {len(header)}; is the file truncated? copy it again"
                    )
                yield number, [None if place is None else row[place].strip() for place in places]
    except _DAMAGED as error:
        raise InputError(
            f"{file}: cannot be read as CSV after line {number} ({error}); it may be truncated, copy it again"
        ) from None


def _split(word: str, where: str) -> str:
    if word not in SPLITS:
        raise InputError(f"{where}: Usage {word[:40]!r} is not a split; allowed: {', '.join(SPLITS)}")
    return word


def _pixels(values: str, where: str) -> bytes:
    """The grey levels of one row. Looking up the 256 allowed words in a table is the fastest strict method: 32,000 rows in seconds."""
    words = values.split()
    if len(words) != SIDE_PX * SIDE_PX:
        raise InputError(f"{where}: {len(words) or 'no'} pixels; expected {SIDE_PX * SIDE_PX} ({SIDE_PX}x{SIDE_PX})")
    try:
        return bytes(map(_BYTES.__getitem__, words))
    except KeyError as error:
        raise InputError(f"{where}: pixel {error.args[0][:20]!r}; allowed: whole numbers from 0 to 255") from None


def parse_votes(words: Sequence[str], where: str) -> Votes:
    """The votes of ten counts, in the order of FER+. Raises InputError, which begins with `where`, for a count that is not a whole number."""
    wrong = [word for word in words if not is_count(word)]
    if wrong:
        raise InputError(f"{where}: vote count {wrong[0][:20]!r}; allowed: whole numbers from 0")
    *rated, unknown, no_face = (int(word) for word in words)
    by_name = dict(zip(_RATED, rated, strict=True))
    emotions = tuple(float(by_name[emotion]) for emotion in EMOTIONS) if any(rated) else None
    return Votes(emotions, unknown, no_face)
