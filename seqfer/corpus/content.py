"""Identifies data by its content: clip names, people, labels and pixels, clip by clip, and not by the names or the size of the files they are in.

The same clips prepared under another name, or with further splits beside them, have the same checksum. Pictures of a stack are hashed by their
pixels. A picture file or video is hashed by its bytes and the frame's number, so that nothing is decoded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError
from seqfer.core.files import file_checksum
from seqfer.core.input_files import regular_file
from seqfer.core.records import Clip
from seqfer.video.picture_size import check_pixels

# Changes whenever the same content gets another checksum than before.
CONTENT_VERSION = 1
_FIELDS = ("clip", "person", "label", "boxes_xyxy_px", "valence", "votes")


def content_checksum(clips: Iterable[Clip], path_of: Callable[[str], tuple[Path, int | None]]) -> str:
    """sha256 over the clips in their order: name, person, label, boxes, valence, votes and frames. `path_of` is `Manifest.path_of`.

    The corpus' name, splits and attributes are left out: they say where a clip comes from and what is known of it, not what it shows. Raises
    InputError for a file that cannot be read and for a frame that a stack does not have.
    """
    digest = hashlib.sha256(f"seqfer content {CONTENT_VERSION}\n".encode())
    contents = _Contents()
    for clip in clips:
        values = [getattr(clip, name) for name in _FIELDS]
        digest.update(json.dumps([*values, len(clip.frames)], ensure_ascii=False).encode("utf-8", "backslashreplace"))
        for frame in clip.frames:
            contents.add(digest, *path_of(frame))
    return digest.hexdigest()


def open_stack(file: Path) -> np.ndarray:
    """A stack of faces (frame height width) uint8, memory-mapped. Raises InputError for any other file."""
    regular_file(file, "prepare the corpus again")
    try:
        stack: np.ndarray = np.lib.format.open_memmap(file, mode="r")  # np.load would also open a zip archive
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: stack of faces cannot be read ({error}); prepare the corpus again") from None
    if stack.dtype != np.uint8 or stack.ndim != 3:
        raise InputError(
            f"{file}: {stack.dtype} of shape {stack.shape}; a stack is uint8 of shape (frame, height, width)"
        )
    if len(stack):
        check_pixels(f"{file}: pictures", stack.shape[2], stack.shape[1])
    return stack


def stack_frame(file: Path, stack: np.ndarray, index: int) -> np.ndarray:
    """One picture (height width) of a stack. Raises InputError where the stack is shorter."""
    if index >= len(stack):
        raise InputError(f"{file}: frame {index} asked for, the stack has {len(stack)} (0 to {len(stack) - 1})")
    return np.asarray(stack[index])


class _Contents:
    """Every file is opened or hashed once, however many frames refer to it."""

    def __init__(self) -> None:
        self._stacks: dict[Path, np.ndarray] = {}
        self._checksums: dict[Path, str] = {}

    def add(self, digest: hashlib._Hash, file: Path, index: int | None) -> None:
        """Add one frame to the digest."""
        if index is not None and file.suffix.lower() == ".npy":
            if file not in self._stacks:
                self._stacks[file] = open_stack(file)
            face = stack_frame(file, self._stacks[file], index)
            digest.update(f"\npixels {face.shape[0]} {face.shape[1]}\n".encode())
            digest.update(face.tobytes())
            return
        if file not in self._checksums:
            self._checksums[file] = file_checksum(file)
        digest.update(f"\nfile {self._checksums[file]} {index}\n".encode())
