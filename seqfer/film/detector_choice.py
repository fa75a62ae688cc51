"""Opens the face detector that was named; finds its weights file, and downloads it once.

A detector whose weights are a file that seqfer does not include defines `FILE`, `CACHED_FILES` (a pattern of file names), `SHA256` (the accepted
checksums) and `URLS` (empty where the user must download it).

A file is searched for at the given path, then in the cache folder (`detectors/` of `seqfer.runs.cache.cache_folder()`, where one may also be put by
hand), then at its addresses. What is downloaded is kept only after its checksum has been verified. `SEQFER_OFFLINE=1` forbids downloads. The default
detector is part of seqfer, so nothing is downloaded unless another one is named.
"""

from __future__ import annotations

import hashlib
import os
import time
import urllib.error
import urllib.request
from collections.abc import Collection
from http.client import HTTPException
from pathlib import Path
from types import ModuleType

from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError, WeightsError
from seqfer.core.files import file_checksum, write_atomically
from seqfer.detectors import Detector
from seqfer.runs.cache import cache_folder

DEFAULT = "centerface"
_LARGEST_BYTES = 1_000_000  # four times the largest file of a detector; anything larger is another file
_TIMEOUT_S = 30.0


def choose_detector(name: str = DEFAULT, weights: Path | None = None) -> Detector:
    """The detector of this name: a file in `seqfer/detectors/`, or the dotted path of a module of your own.

    Raises SettingsError for an unknown name, WeightsError when weights are given and do not fit, or the detector's file is missing and cannot be
    downloaded.
    """
    if name not in registry.names("detectors") and "." not in name:
        allowed = ", ".join(registry.names("detectors"))
        raise SettingsError(f"unknown detector {name!r}; allowed: {allowed}, or a dotted path of your own module")
    module = registry.find("detectors", name)
    if weights is None and takes_file(module):
        weights = _named_file(name, module)
    detector: Detector = module.build(weights)
    return detector


def takes_file(module: ModuleType) -> bool:
    """Whether a detector's weights are a file that is not part of seqfer or of another package."""
    return hasattr(module, "CACHED_FILES")


def detectors_folder() -> Path:
    """The folder of the detectors' files, where a user may also put them."""
    return cache_folder() / "detectors"


class _UnavailableError(Exception):
    """Why a detector's file is missing and cannot be downloaded."""


def _named_file(name: str, module: ModuleType) -> Path:
    place = detectors_folder() / module.FILE
    if not module.URLS:
        if place.is_file():
            path: Path = place
            return path
        raise WeightsError(
            f"detector {name} needs its file {module.FILE}; give it as weights, put it at {place}, or choose {DEFAULT}"
        )
    try:
        return _file_of(module)
    except _UnavailableError as reason:
        raise WeightsError(
            f"detector {name}: {reason}; put the file at {place} by hand, or use --detector {DEFAULT}"
        ) from None


def _is_offline() -> bool:
    return os.environ.get("SEQFER_OFFLINE", "0") not in ("", "0")


def _file_of(module: ModuleType) -> Path:
    """A detector's file in the cache, downloaded if it must be. Raises _UnavailableError."""
    for file in sorted(detectors_folder().glob(module.CACHED_FILES)):
        if file.is_file() and file_checksum(file) in module.SHA256:
            return file
    target = detectors_folder() / module.FILE
    state = "is damaged" if target.exists() else "is not there"
    if _is_offline():
        raise _UnavailableError(f"its file {state} and must not be downloaded (SEQFER_OFFLINE)")
    try:
        write_atomically(target, _download(module.URLS, module.SHA256, _TIMEOUT_S))
    except (OSError, HTTPException) as error:
        words = " ".join(str(getattr(error, "reason", None) or error or type(error).__name__).split())
        address = module.URLS[0] if module.URLS else "anywhere"
        raise _UnavailableError(f"its file {state} and cannot be downloaded from {address} ({words})") from None
    except InputError as error:
        raise _UnavailableError(f"its file was downloaded but cannot be kept ({error})") from None
    path: Path = target
    return path


def _download(urls: Collection[str], checksums: Collection[str], timeout_s: float) -> bytes:
    """A file of one of these sha256 checksums, from the first address that has it. Raises OSError or HTTPException when none does."""
    problem: OSError | HTTPException = OSError("no address is known")
    until = time.monotonic() + timeout_s
    for url in urls:
        try:
            return _fetch(url, checksums, until)
        except urllib.error.HTTPError as error:  # the server has no such file: try the next address
            error.close()
            problem = OSError(f"HTTP {error.code} {error.msg}")
        except ValueError as error:
            problem = OSError(str(error))
    raise problem


def _fetch(url: str, checksums: Collection[str], until: float) -> bytes:
    """The bytes at an address, complete before `until` on the monotonic clock. Raises ValueError when they have another checksum."""
    content = b""
    with urllib.request.urlopen(url, timeout=max(until - time.monotonic(), 0.1)) as answer:
        while piece := answer.read1(65_536):
            content += piece
            if len(content) > _LARGEST_BYTES:
                raise ValueError(f"more than {_LARGEST_BYTES} bytes were received, which is another file")
            if time.monotonic() > until:
                raise TimeoutError("too slow")
    checksum = hashlib.sha256(content).hexdigest()
    if checksum not in checksums:
        raise ValueError(
            f"{len(content)} bytes of checksum {checksum[:12]}... were received: truncated, or another file"
        )
    return content
