"""Writes files completely or not at all, and computes checksums of files; the only module of `core` that writes files.

A file is written under a temporary name beside it, flushed to the disk and renamed. Some file systems (network shares, FUSE, USB sticks) refuse
permission bits, locks, or the flushing of files and folders. `refused` is the one list of their answers: such a step is left out there, and
every other error is raised.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, TypeVar

from seqfer.core.errors import InputError
from seqfer.core.input_files import regular_file

_REFUSALS = frozenset(
    getattr(errno, name)
    for name in ("EPERM", "EACCES", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EINVAL", "ENOLCK", "ENOTTY", "EBADF")
    if hasattr(errno, name)
)
_LONGEST_NAME = 200  # bytes; most file systems allow 255
_PART = re.compile(r"\..+\.\d+-[0-9a-f]{8}\.part", re.DOTALL)

Self = TypeVar("Self")


def refused(error: BaseException) -> bool:
    """Whether an error says that a file system does not support a step, as opposed to a full or broken disk."""
    return isinstance(error, NotImplementedError) or (isinstance(error, OSError) and error.errno in _REFUSALS)


@contextlib.contextmanager
def where_supported() -> Iterator[None]:
    """For steps that a file system may refuse without harm: they are left out there. Other errors are raised."""
    try:
        yield
    except (OSError, NotImplementedError) as error:
        if not refused(error):
            raise


class ClosedOrDiscarded:
    """A context manager around something that grows on disk: `close` at the end, `discard` after an exception."""

    def close(self) -> object:
        """Finish the files and give them their names."""
        raise NotImplementedError

    def discard(self) -> None:
        """Remove what was written so far."""
        raise NotImplementedError

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


class StagedFile:
    """The temporary file of `path`, in its folder. Its name has this process's number and a random part, so that no two writers share it.

    `file` is the open binary file, `part` its path. Raises InputError when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_file():  # a device or a pipe would be replaced by a file
            kind = "a folder" if path.is_dir() else "not an ordinary file"
            raise InputError(f"{path}: cannot be written ({kind}); give the name of a file")
        self.path = path
        shown = path.name if len(os.fsencode(path.name)) <= _LONGEST_NAME else "long-name"
        self.part = path.with_name(f".{shown}.{os.getpid()}-{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file: IO[bytes] = open(self.part, "x+b")  # noqa: SIM115 - stays open between calls
        except OSError as error:
            raise unwritable_error(path, error) from None

    def commit(self, durable: bool = True) -> None:
        """Give the file its name, with permissions 0644 whatever the umask, and unless not `durable` flushed to the disk.

        Where that fails, removes it and raises InputError.
        """
        try:
            if not self.file.closed:
                self.file.flush()
                if durable:
                    with where_supported():
                        os.fsync(self.file.fileno())
                self.file.close()
            with where_supported():
                os.chmod(self.part, 0o644)
            os.replace(self.part, self.path)
            if durable:
                _sync_folder(self.path.parent)
        except OSError as error:
            self.discard()
            raise unwritable_error(self.path, error) from None

    def discard(self) -> None:
        """Remove the file; may be called after an error, and repeatedly."""
        with contextlib.suppress(OSError):  # closing writes buffered data, which fails on a full disk
            self.file.close()
        with contextlib.suppress(OSError):
            self.part.unlink(missing_ok=True)


@contextlib.contextmanager
def staged(path: Path, durable: bool = True) -> Iterator[IO[bytes]]:
    """The open binary file to write `path` to; it gets its name at the end, and an exception leaves nothing. Raises InputError for a disk error.

    What is not `durable` is not flushed to the disk: for files whose reader finds out by a checksum that a loss of power damaged them.
    """
    new = StagedFile(path)
    try:
        yield new.file
    except OSError as error:
        new.discard()
        raise unwritable_error(path, error) from None
    except BaseException:
        new.discard()
        raise
    new.commit(durable)


def remove_parts(folder: Path) -> None:
    """Remove the temporary files that killed processes left in a folder which nobody else writes to."""
    with contextlib.suppress(OSError):
        for file in list(folder.iterdir()):
            if is_part(file.name):
                file.unlink(missing_ok=True)


def is_part(name: str) -> bool:
    """Whether a file of this name is a temporary file of `StagedFile`."""
    return _PART.fullmatch(name) is not None


def unwritable_error(path: Path, error: _DiskError, kept: str = "") -> InputError:
    """The InputError of one line for a disk error; `kept` states what was saved."""
    reason = error.strerror or str(error).partition("\n")[0]
    return InputError(
        f"{path}: cannot be written ({reason}); {kept}{'; ' if kept else ''}choose a folder with free space that you may write to"
    )


class _DiskError(Protocol):
    """OSError, and the errors of PyAV, which are of other classes."""

    @property
    def strerror(self) -> str | None: ...


def _sync_folder(folder: Path) -> None:
    """Flush the new name to the disk, where the system supports that (Windows cannot open a folder)."""
    with where_supported():
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def home_expanded(path: Any) -> Any:
    """A path as a user wrote it, with a leading `~` or `~NAME` as the home folder: a shell leaves that of `--out=~/results` as it is.

    Only what comes from the user is expanded, once. A folder that is named `~` itself is `./~`. Anything but text is returned unchanged.
    """
    return os.path.expanduser(path) if isinstance(path, str) else path


def matching_paths(path: Path) -> list[Path]:
    """What a pattern such as `ratings/*.csv` stands for, in order: shells of Windows hand it over as it is. A path that exists, and a pattern that
    matches nothing, is returned by itself."""
    if os.path.lexists(path) or not glob.has_magic(str(path)):
        return [path]
    return [Path(name) for name in sorted(glob.glob(str(path), recursive=True))] or [path]


def file_checksum(path: Path) -> str:
    """sha256 of an ordinary file as hex. Raises InputError when it cannot be read, and for a folder, a pipe or a device."""
    regular_file(path, "check the path and that the copy is whole")
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check the path and that the copy is whole"
        ) from None


def write_atomically(path: Path, content: bytes | str, durable: bool = True) -> None:
    """Write a file completely or not at all, `durable` as for `staged`. Raises InputError when it cannot be written.

    Text is written as UTF-8. Bytes of a file name that are none become `\\udce9`, which JSON reads as the same name again.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    with staged(path, durable) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically; NaN becomes null, because strict JSON has no NaN."""
    write_atomically(path, json.dumps(without_nan(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def without_nan(value: Any) -> Any:
    """The same nested value with every NaN or infinity replaced by None."""
    if isinstance(value, dict):
        return {str(k): without_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(v) for v in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
