"""Recognises the data that a run folder or a weights file records by a checksum, also by the one that versions before 0.2 computed.

The former checksum was over the manifest's lines and the bytes of every file that they name, so that the same data under another name, or in a
stack with more splits, had another one. It is computed here again from the same files. Where weights that ship with seqfer record one, the corpus'
file in `data_manifests/` says which content it stands for.
"""

from __future__ import annotations

import hashlib

from seqfer.core import registry
from seqfer.core.files import file_checksum
from seqfer.corpus.manifest import Manifest, manifest_line
from seqfer.corpus.published import published


def is_recorded_as(manifest: Manifest, recorded: object) -> bool:
    """Whether `recorded` is the checksum of this data: by content, or as the versions before computed it."""
    content = manifest.checksum()
    return recorded == content or content in _contents_of(manifest.corpus, recorded) or recorded == _former(manifest)


def _contents_of(corpus: str, recorded: object) -> tuple[str, ...]:
    """The content checksums that a former checksum in weights that ship with seqfer stands for."""
    if corpus not in registry.names("datasets"):
        return ()
    return tuple(published(corpus).get("former_checksums", {}).get(recorded, ()))


def _former(manifest: Manifest) -> str:
    """sha256 over the bytes of every file and over the clips' lines in the manifest, with the names of the files."""
    digest = hashlib.sha256()
    for file in sorted({manifest.path_of(frame)[0] for clip in manifest.clips for frame in clip.frames}):
        digest.update(file_checksum(file).encode())
    for clip in manifest.clips:
        digest.update(manifest_line(clip).encode())
    return digest.hexdigest()
