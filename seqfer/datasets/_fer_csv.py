"""Reads the two tables of FER2013: `emotion,pixels,Usage` with the pixels, and the FER+ votes, whose row i belongs to row i of the pixels.

Sources: the files of the 2013 challenge (Goodfellow et al. 2013) and `fer2013new.csv` of https://github.com/microsoft/FERPlus (MIT;
Barsoum et al. 2016). Columns are found by name, so `icml_face_data.csv`, with another order and blanks in the header, is read too.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from einops import rearrange
from tqdm import tqdm

from seqfer.core.emotions import EMOTIONS, class_list
from seqfer.core.errors import InputError

SIDE_PX = 48
ROWS = 35_887  # of the whole corpus, and of the votes file
SPLITS = ("Training", "PublicTest", "PrivateTest")
COLUMNS = ("emotion", "pixels", "Usage")
_RATED = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
_VOTE_COLUMNS = ("Usage", *_RATED, "unknown", "NF")
_BYTES = {str(value): value for value in range(256)}


@dataclass(frozen=True)
class Table:
    """faces (row height width) uint8, and label code and split of every row."""

    faces: np.ndarray
    codes: tuple[int, ...]
    splits: tuple[str, ...]


@dataclass(frozen=True)
class Votes:
    """One row of FER+: votes over EMOTIONS (None without a vote for an emotion), and the votes for unknown and for no face."""

    emotions: tuple[float, ...] | None
    unknown: int
    no_face: int


def read_table(file: Path) -> Table:
    """The pictures of a CSV file, plain or gzipped. Raises InputError with `file:line` for anything invalid."""
    pixels, codes, splits = bytearray(), [], []
    known = class_list("fer2013")
    for line, (code, values, split) in tqdm(_rows(file, COLUMNS), desc="rows", unit="row", disable=None, leave=False):
        where = f"{file}:{line}"
        if code not in _BYTES or _BYTES[code] >= len(known):
            names = ", ".join(f"{k} {v}" for k, v in enumerate(known))
            raise InputError(f"{where}: label {code!r} is not a code of FER2013; allowed: {names}")
        codes.append(int(code))
        splits.append(_split(split, where))
        pixels += _pixels(values, where)
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
    for line, (usage, *words) in _rows(file, _VOTE_COLUMNS):
        where = f"{file}:{line}"
        if count < rows:
            split = _split(usage, where)
            if split != table.splits[count]:
                raise InputError(
                    f"{where}: votes for a row of {split}, but row {count} of {table_file.name} is {table.splits[count]}; "
                    "keep both files in the official order"
                )
            votes.append(_votes(words, where))
        count += 1
    if count < rows or (count > rows and count != ROWS):
        raise InputError(
            f"{file}: {count} rows of votes for {rows} rows of {table_file.name}; expected as many, or all {ROWS} of FER+"
        )
    return votes


def _rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yields (line number, the requested columns in the requested order), without the header."""
    number = 1
    try:
        with _opened(file) as text:
            reader = csv.reader(text)
            header = [name.strip() for name in next(reader, [])]
            missing = [name for name in columns if name not in header]
            if missing:
                found = ",".join(header)[:80] or "nothing"
                raise InputError(
                    f"{file}:1: column {missing[0]!r} is missing; expected a header with {','.join(columns)}, found {found}"
                )
            places = [header.index(name) for name in columns]
            for row in reader:
                number = reader.line_num
                if not row:
                    continue
                if len(row) != len(header):
                    raise InputError(
                        f"{file}:{number}: {len(row)} fields, the header has {len(header)}; is the file truncated? copy it again"
                    )
                yield number, [row[place].strip() for place in places]
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{file}: cannot be read as CSV after line {number} ({error}); it may be truncated, copy it again"
        ) from None


def _opened(file: Path) -> TextIO:
    with open(file, "rb") as start:
        packed = start.read(2) == b"\x1f\x8b" or file.suffix.lower() == ".gz"
    raw = gzip.open(file) if packed else open(file, "rb")  # noqa: SIM115 - the caller's `with` closes it
    return io.TextIOWrapper(raw, encoding="ascii", newline="")


def _split(word: str, where: str) -> str:
    if word not in SPLITS:
        raise InputError(f"{where}: Usage {word[:40]!r} is not a split; allowed: {', '.join(SPLITS)}")
    return word


def _pixels(values: str, where: str) -> bytes:
    """The grey levels of one row. Looking up the 256 allowed words in a table is the fastest strict method: 32,000 rows in seconds."""
    words = values.split()
    if len(words) != SIDE_PX * SIDE_PX:
        raise InputError(f"{where}: {len(words)} pixels; expected {SIDE_PX * SIDE_PX} ({SIDE_PX}x{SIDE_PX})")
    try:
        return bytes(map(_BYTES.__getitem__, words))
    except KeyError as error:
        raise InputError(f"{where}: pixel {error.args[0][:20]!r}; allowed: whole numbers from 0 to 255") from None


def _votes(words: Sequence[str], where: str) -> Votes:
    wrong = [word for word in words if not word.isdecimal()]
    if wrong:
        raise InputError(f"{where}: vote count {wrong[0][:20]!r}; allowed: whole numbers from 0")
    *rated, unknown, no_face = (int(word) for word in words)
    by_name = dict(zip(_RATED, rated, strict=True))
    emotions = tuple(float(by_name[emotion]) for emotion in EMOTIONS) if any(rated) else None
    return Votes(emotions, unknown, no_face)
