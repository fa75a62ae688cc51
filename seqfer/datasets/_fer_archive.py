"""Opens a table of FER2013 in the file it is distributed in: plain, gzipped, or inside a tar or zip archive. Nothing is written to the disk."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, cast

from seqfer.core.errors import InputError

LIMIT_BYTES = 1 << 30  # of a table inside an archive, which is read into memory; the corpus' table has 0.3 GB
_GZIP = b"\x1f\x8b"
_OTHERS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"7z\xbc\xaf": "a 7z archive, unpack it",
    b"Rar!": "a RAR archive, unpack it",
    b"BZh": "a bzip2 file, unpack it",
    b"\xfd7zXZ": "an xz file, unpack it",
    b"\xff\xfe": "text in UTF-16, save it as UTF-8",
    b"\xfe\xff": "text in UTF-16, save it as UTF-8",
    b"\xd0\xcf\x11\xe0": "an Office document, save it as CSV",
    b"version https://git-lfs": "a Git LFS pointer, fetch the file itself",
    b"<!doctype html": "a web page, download the file again",
    b"<html": "a web page, download the file again",
}


def open_table(file: Path, names: Sequence[str]) -> IO[bytes]:
    """The bytes of a table, of which an archive has the first of `names`, in any of its folders.

    Raises InputError that says what the file is when it is something else or the archive has no such table, and the errors of gzip, tarfile
    and zipfile for damaged files.
    """
    with file.open("rb") as raw:
        start = raw.read(512)
    for magic, words in _OTHERS.items():
        if start.lower().startswith(magic.lower()):
            raise InputError(f"{file}: not a table but {words}; expected a CSV file, or a gzip, tar or zip with it")
    if start.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(file) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist() if not entry.is_dir()}
            return io.BytesIO(archive.read(_chosen(file, sizes, names, "zip")))
    packed = start.startswith(_GZIP) or (file.suffix.lower() == ".gz" and start[257:262] != b"ustar")
    if packed:
        with gzip.open(file) as unpacked:
            start = unpacked.read(512)
    if start[257:262] == b"ustar":
        with tarfile.open(file, "r:*") as tar:
            members = {member.name: member for member in tar if member.isfile()}
            sizes = {name: member.size for name, member in members.items()}
            stream = tar.extractfile(members[_chosen(file, sizes, names, "tar")])
            return io.BytesIO(cast(IO[bytes], stream).read())
    return cast(IO[bytes], gzip.open(file)) if packed else file.open("rb")


def _chosen(file: Path, sizes: Mapping[str, int], names: Sequence[str], kind: str) -> str:
    """The entry of an archive to read."""
    by_name: dict[str, str] = {
        PurePosixPath(path).name.lower(): path for path in reversed(list(sizes)) if "__MACOSX" not in path
    }
    found: str | None = next((by_name[name] for name in names if name in by_name), None)
    if found is None:
        there = ", ".join(list(sizes)[:3]) or "nothing"
        raise InputError(f"{file}: a {kind} archive without {' or '.join(names)}; it has {there[:100]}")
    if sizes[found] > LIMIT_BYTES:
        raise InputError(f"{file}: {found} in it has {sizes[found]} bytes; allowed: up to {LIMIT_BYTES}; unpack it")
    return found
