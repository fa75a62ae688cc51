"""The lock that keeps two runs from using one folder at the same time."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from seqfer.core.errors import InputError
from seqfer.core.files import refused, remove_parts
from seqfer.runs.names import PARTS_FOLDER, WORK_FOLDER

LOCK = ".lock"
_held: dict[Path, tuple[BaseFileLock, os.stat_result]] = {}  # with the lock files as they were, until this process ends


def lock_folder(folder: Path) -> bool:
    """Lock a folder, which is made where it is missing, until this process ends in whatever way; whether the lock is new to this process.

    The lock is advisory. On file systems without flock it is a file with the process's number, or where that fails too there is none, and
    two runs are not detected. Temporary files that a killed process left in the folder are removed. Raises InputError at once when another
    process holds the lock, or when the folder cannot be written.
    """
    path = folder.resolve() / LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None
    if path in _held:
        lock, before = _held[path]
        if path.exists() and os.path.samestat(before, path.stat()):
            return False
        unlock_folder(folder)  # the folder was deleted and created again
    lock = FileLock(path, timeout=0, thread_local=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the file in place of flock: it serves the same purpose
            lock.acquire()
    except Timeout:
        raise InputError(f"{folder}: another run is using it; wait for it or give another --out") from None
    except (OSError, NotImplementedError) as error:
        if not refused(error) or not os.access(path, os.W_OK):
            raise _unwritable(folder, error) from None
        return False  # the file is there, so it is the lock that this file system does not support
    _held[path] = lock, path.stat()
    for place in (folder, folder / PARTS_FOLDER, folder / WORK_FOLDER):
        remove_parts(place)
    return True


def unlock_folder(folder: Path) -> None:
    """Release a lock of `lock_folder`, where this process holds it."""
    held = _held.pop(folder.resolve() / LOCK, None)
    if held is not None:
        held[0].release()


def unlock_below(folder: Path) -> None:
    """Release the locks that this process holds of a folder and of those below it."""
    top = folder.resolve()
    for path in [path for path in _held if path.is_relative_to(top)]:
        unlock_folder(path.parent)


def _unwritable(folder: Path, error: BaseException) -> InputError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return InputError(f"{folder}: cannot be written ({reason}); choose a place you may write to")
