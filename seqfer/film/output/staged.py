"""Writes a growing file atomically: to a temporary file, which is flushed to the disk and renamed when it is complete.

`seqfer.core.files.write_atomically` does the same for content that is already complete.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from seqfer.core.errors import InputError


class StagedFile:
    """The temporary file `.NAME.part` in the folder of `path`. One left by a killed run is overwritten.

    `file` is the open binary file. Raises InputError when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file = open(self.part, "w+b")  # noqa: SIM115 - stays open between calls
        except OSError as error:
            raise unwritable_error(path, error) from None

    def commit(self) -> None:
        """Give the file its name. When that fails, removes the file and raises InputError."""
        try:
            if not self.file.closed:
                self.file.flush()
                os.fsync(self.file.fileno())
                self.file.close()
            os.replace(self.part, self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            self.discard()
            raise unwritable_error(self.path, error) from None

    def discard(self) -> None:
        """Remove the file; may be called after an error, and repeatedly."""
        with contextlib.suppress(OSError):  # closing writes buffered data, which fails on a full disk
            self.file.close()
        self.part.unlink(missing_ok=True)


def unwritable_error(path: Path, error: OSError, kept: str = "") -> InputError:
    """The InputError of one line for a disk error; `kept` states what was saved."""
    reason = error.strerror or str(error).partition("\n")[0]
    return InputError(
        f"{path}: cannot be written ({reason}); {kept}{'; ' if kept else ''}choose a folder with free space that you may write to"
    )


def _sync_folder(folder: Path) -> None:
    """Flush the new name to the disk, where the system supports that (Windows cannot open a folder)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
