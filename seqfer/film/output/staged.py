"""A file that grows for hours and is seen only when it is whole: written beside its place, flushed to the disk, then renamed.

`seqfer.core.files.write_atomically` does the same for content that is at hand at once.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from seqfer.core.errors import InputError


class StagedFile:
    """`path` in the making, as `.NAME.part` in the same folder. What a killed run left under that name is written over.

    `file` is the open binary file. Raises InputError when the place cannot be written.
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
        """Give the file its name. Raises InputError, and leaves nothing, when the disk does not take it."""
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
        """Leave nothing behind; also after an error, also twice."""
        with contextlib.suppress(OSError):  # closing writes what is buffered, for which a full disk has no room
            self.file.close()
        self.part.unlink(missing_ok=True)


def unwritable_error(path: Path, error: OSError, kept: str = "") -> InputError:
    """One line for an error of the disk; `kept` says what is there all the same."""
    reason = error.strerror or str(error).partition("\n")[0]
    return InputError(
        f"{path}: cannot be written ({reason}); {kept}{'; ' if kept else ''}choose a place with room that you may write to"
    )


def _sync_folder(folder: Path) -> None:
    """The new name itself reaches the disk too, where the system can do that (Windows cannot open a folder)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
