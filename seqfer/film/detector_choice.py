"""Chooses the face detector: the one that was named, or the best available; finds its weights file, and downloads it once.

The detectors' modules define: `AUTO_RANK` (the order in which `auto` tries them; a detector without it is used
when named only) and `ABOUT` (a few words for the message); a detector whose weights are a file that seqfer does not include has `FILE`,
`CACHED_FILES` (a pattern of file names), `SHA256` (the accepted checksums) and `URLS` (empty where the user must download it).

A file is searched for at the given path, then in the cache folder (`detectors/` of `seqfer.runs.cache.cache_folder()`, where one may also be put by
hand), then at its addresses. What is downloaded is kept only after its checksum has been verified. `SEQFER_OFFLINE=1` forbids downloads.
"""

from __future__ import annotations

import hashlib
import logging
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

logger = logging.getLogger("seqfer")
AUTO = "auto"
_LARGEST_BYTES = 1_000_000  # four times the largest file of a detector; anything larger is another file
_AUTO_TIMEOUT_S, _NAMED_TIMEOUT_S = 5.0, 30.0


def choose_detector(
    name: str = AUTO, weights: Path | None = None, *, offline: bool | None = None, quiet: bool = False
) -> Detector:
    """The detector of this name: a file in `seqfer/detectors/`, the dotted path of a module of your own, or `auto`.

    `auto` is the first in the order of `AUTO_RANK` whose file is given, cached or can be downloaded now; the logger `seqfer` says which and why,
    unless `quiet`. `offline` forbids the download; None asks SEQFER_OFFLINE. Raises SettingsError for an unknown name, WeightsError when weights
    are given and do not fit, or a named detector's file is missing and cannot be downloaded.
    """
    if name != AUTO and name not in registry.names("detectors") and "." not in name:
        allowed = ", ".join((AUTO, *registry.names("detectors")))
        raise SettingsError(f"unknown detector {name!r}; allowed: {allowed}, or a dotted path of your own module")
    offline = _is_offline() if offline is None else offline
    if name == AUTO:
        return _best_available(weights, offline, quiet)
    module = registry.find("detectors", name)
    if weights is None and takes_file(module):
        weights = _named_file(name, module, offline)
    detector: Detector = module.build(weights)
    return detector


def automatic() -> dict[str, ModuleType]:
    """Name -> module of the detectors that `auto` may choose, the best one first. The last one needs no file."""
    ranked = {name: module for name, module in registry.find_all("detectors").items() if hasattr(module, "AUTO_RANK")}
    return dict(sorted(ranked.items(), key=lambda item: item[1].AUTO_RANK))


def is_best(detector: Detector) -> bool:
    """Whether it is the first choice of `auto`."""
    return detector.name == next(iter(automatic()))


def takes_file(module: ModuleType) -> bool:
    """Whether a detector's weights are a file that is not part of seqfer or of another package."""
    return hasattr(module, "CACHED_FILES")


def detectors_folder() -> Path:
    """The folder of the detectors' files, where a user may also put them."""
    return cache_folder() / "detectors"


class _UnavailableError(Exception):
    """Why a detector's file is missing and cannot be downloaded."""


def _best_available(weights: Path | None, offline: bool, quiet: bool) -> Detector:
    """The first automatic detector whose file is available; logs a line with the reason where it is not the first."""
    refused: tuple[str, ModuleType, _UnavailableError] | None = None
    for name, module in automatic().items():
        if not takes_file(module):
            if refused is not None:
                better, missing, reason = refused
                place = detectors_folder() / missing.FILE
                line = f"detector: {name}, {module.ABOUT}, because {reason}; for {better} put its file at {place}"
                _say(line, quiet)
            return built(module)
        try:
            file = weights or _file_of(module, offline, _AUTO_TIMEOUT_S)
        except _UnavailableError as reason:
            refused = refused or (name, module, reason)
            continue
        _say(f"detector: {name}, {module.ABOUT}, from {file}", quiet)
        return built(module, file)
    raise WeightsError(f"no detector is available: {refused[2] if refused else 'none is installed'}")


def _named_file(name: str, module: ModuleType, offline: bool) -> Path:
    place, other = detectors_folder() / module.FILE, list(automatic())[-1]
    if not module.URLS:
        if place.is_file():
            path: Path = place
            return path
        raise WeightsError(
            f"detector {name} needs its file {module.FILE}; give it as weights, put it at {place}, or choose {other}"
        )
    try:
        return _file_of(module, offline, _NAMED_TIMEOUT_S)
    except _UnavailableError as reason:
        raise WeightsError(
            f"detector {name}: {reason}; put the file at {place} by hand, or use --detector {other}"
        ) from None


def _say(line: str, quiet: bool) -> None:
    if not quiet:
        logger.info(line)


def _is_offline() -> bool:
    return os.environ.get("SEQFER_OFFLINE", "0") not in ("", "0")


def built(module: ModuleType, *weights: Path) -> Detector:
    """What the `build` of a detector's plug-in returns."""
    detector: Detector = module.build(*weights)
    return detector


def _file_of(module: ModuleType, offline: bool, timeout_s: float) -> Path:
    """A detector's file in the cache, downloaded if it must be. Raises _UnavailableError."""
    for file in sorted(detectors_folder().glob(module.CACHED_FILES)):
        if file.is_file() and file_checksum(file) in module.SHA256:
            return file
    target = detectors_folder() / module.FILE
    state = "is damaged" if target.exists() else "is not there"
    if offline:
        raise _UnavailableError(f"its file {state} and must not be downloaded (offline)")
    try:
        write_atomically(target, _download(module.URLS, module.SHA256, timeout_s))
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
