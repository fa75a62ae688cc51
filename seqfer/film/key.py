"""The key of a video's results: the settings and the video they were made with."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from seqfer.core.files import file_checksum
from seqfer.core.settings import as_dict
from seqfer.film.settings import AnnotateSettings
from seqfer.video.source import shown_name
from seqfer.video.sources import Video, is_live


def film_key(film: Video, settings: AnnotateSettings) -> dict[str, Any]:
    """The key of a folder's results that is known without decoding the video: settings, the video's name and its checksum."""
    plain = {name: shown_name(value) if isinstance(value, str) else value for name, value in as_dict(settings).items()}
    if is_live(film):
        return {**plain, "film": str(film), "film_checksum": "live"}
    path = Path(str(film))
    if not path.is_dir():
        return {**plain, "film": shown_name(path.name), "film_checksum": file_checksum(path)}
    files = sorted((p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in path.iterdir() if p.is_file())
    checksum = hashlib.sha256(ascii(files).encode()).hexdigest()
    return {**plain, "film": shown_name(path.resolve().name), "film_checksum": checksum}
