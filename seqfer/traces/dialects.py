"""Turns the contents of a table file into plain text: encodings, Excel workbooks, lines for spreadsheets and comments; every row keeps its line.

Supported are byte order marks, UTF-8, UTF-16 and Windows-1252; the first sheet of an .xlsx workbook, as cells separated by tabs; a first line
`sep=;`; and lines that begin with `#` or `%`, of which the last one above the numbers is the header where it has as many cells as they have.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
import zlib
from pathlib import Path

from seqfer.core.errors import InputError

DELIMITERS = (",", ";", "\t", "|")
COMMENTS = ("#", "%")
MOST_WORKBOOK_BYTES = 128 << 20  # a row of two numbers takes some 80
WORKBOOK = b"PK\x03\x04"  # .xlsx is a ZIP file
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATOR = re.compile(r"\s*\"?sep=.\"?\s*", re.IGNORECASE)
_NUMBER_ROW = re.compile(r"[\s\d.,;|:+\-\u2212\u2013eE\"]+")


def text_of(path: Path, content: bytes) -> str:
    """The content of a file as plain text. Raises InputError for a workbook that cannot be read."""
    if content.startswith(_OLD_WORKBOOK):
        raise InputError(f"{path}: an Excel workbook of the old format (.xls); save it as .xlsx or .csv")
    if content.startswith(WORKBOOK):
        return workbook_text(path, content)
    return plain(decode(content))


def decode(content: bytes) -> str:
    """Bytes as text: by the byte order mark, else UTF-8, else Windows-1252, which can decode every file."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":  # the beginning of a file may end within a character
            return content[: error.start].decode("utf-8")
        return content.decode("cp1252", errors="replace")


def plain(text: str) -> str:
    """The text with `sep=;` and comments as empty lines, so that line numbers stay those of the file."""
    lines = text.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if _SEPARATOR.fullmatch(lines[first]):
        lines[first] = ""
    comments = [place for place, line in enumerate(lines) if line.lstrip().startswith(COMMENTS)]
    header = _commented_header(lines, set(comments))
    for place in comments:
        if place == header:
            lines[place] = lines[place].lstrip().lstrip("".join(COMMENTS)).lstrip(" ")
        elif place != first or not _names_a_column(lines[place]):
            lines[place] = ""
    return "\n".join(lines)


def delimiter_of(line: str) -> str:
    """The delimiter of a line: the most frequent of comma, semicolon, tab and vertical bar, outside of quotes."""
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def workbook_text(path: Path, content: bytes) -> str:
    """The first sheet of a workbook as cells separated by tabs, a line per row. Raises InputError where it cannot be read."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > MOST_WORKBOOK_BYTES:
            raise InputError(
                f"{path}: a workbook of {size:,} bytes unpacked; at most {MOST_WORKBOOK_BYTES:,} are read, so save it as .csv"
            )
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        EOFError,
        SyntaxError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise InputError(f"{path}: not a complete Excel workbook ({error}); save it again, or as .csv") from None
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    for row in rows:
        while row and not row[-1]:
            row.pop()
        writer.writerow(row)
    return plain(text.getvalue())


def _cell(value: object) -> str:
    """A cell of a workbook; times of day and durations as H:MM:SS."""
    if value is None:
        return ""
    if isinstance(value, datetime.timedelta):
        hours, rest = divmod(value.total_seconds(), 3600)
        return f"{int(hours)}:{int(rest // 60):02d}:{rest % 60:09.6f}"
    if isinstance(value, datetime.time | datetime.datetime):
        return value.isoformat()
    return " ".join(str(value).split())


def _commented_header(lines: list[str], comments: set[int]) -> int | None:
    """The last comment above the first row, where that row is of numbers only and has as many cells."""
    row = next((place for place, line in enumerate(lines) if line.strip() and place not in comments), None)
    above = [place for place in comments if row is not None and place < row]
    if row is None or not above or not _NUMBER_ROW.fullmatch(lines[row]):
        return None
    delimiter = delimiter_of(lines[row])
    cells = lines[row].count(delimiter)
    return max(above) if cells and lines[max(above)].count(delimiter) == cells else None


def _names_a_column(line: str) -> bool:
    """Whether a first line that begins with # is a header whose first column is called #."""
    return bool(re.match(r'\s*"?#"?\s*[,;\t|]', line))
