"""Chooses the face detector: the one that was named, or the best at hand; finds yunet's file, and downloads it once.

A file is sought where the user says, then in the cache folder (`detectors/` of `seqfer.runs.cache.cache_folder()`, where one may also be put by
hand), then in the OpenCV Zoo. What is downloaded is kept only after its checksum has been verified. `SEQFER_OFFLINE=1` forbids downloads.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError, WeightsError
from seqfer.core.files import file_checksum, write_atomically
from seqfer.detectors import Detector, pico, yunet
from seqfer.runs.cache import cache_folder

AUTO = "auto"
_LARGEST_BYTES = 1_000_000  # four times yunet's file; whatever is longer is something else
_AUTO_TIMEOUT_S, _NAMED_TIMEOUT_S = 5.0, 30.0


def choose_detector(
    name: str = AUTO, weights: Path | None = None, *, offline: bool | None = None, quiet: bool = False
) -> Detector:
    """The detector of this name: a file in `seqfer/detectors/`, an outsider's dotted path, or `auto`.

    `auto` is yunet when its file is given, cached or can be downloaded now, else haar; one line on stderr says which and why, unless `quiet`.
    `offline` forbids the download; None asks SEQFER_OFFLINE. Raises SettingsError for an unknown name, WeightsError when weights are given
    and do not fit, or a named detector's file is neither there nor to be had.
    """
    if name != AUTO and name not in registry.names("detectors") and "." not in name:
        allowed = ", ".join((AUTO, *registry.names("detectors")))
        raise SettingsError(f"unknown detector {name!r}; allowed: {allowed}, or a dotted path of your own module")
    offline = _is_offline() if offline is None else offline
    if name == AUTO:
        return _best_available(weights, offline, quiet)
    if name == "yunet" and weights is None:
        weights = _named_yunet_file(offline)
    if name == "pico" and weights is None:
        weights = _pico_file()
    return registry.find("detectors", name).build(weights)


def detectors_folder() -> Path:
    """Where the files of detectors are kept, and may be put by hand."""
    return cache_folder() / "detectors"


class _UnavailableError(Exception):
    """Why yunet's file is not there and cannot be had."""


def _best_available(weights: Path | None, offline: bool, quiet: bool) -> Detector:
    try:
        file = weights or _yunet_file(offline, _AUTO_TIMEOUT_S)
    except _UnavailableError as reason:
        place = detectors_folder() / yunet.FILE
        _say(f"detector: haar, which misses turned faces, because {reason}; for yunet put its file at {place}", quiet)
        return registry.find("detectors", "haar").build()
    detector: Detector = registry.find("detectors", "yunet").build(file)
    _say(f"detector: yunet, the best one, from {file}", quiet)
    return detector


def _named_yunet_file(offline: bool) -> Path:
    try:
        return _yunet_file(offline, _NAMED_TIMEOUT_S)
    except _UnavailableError as reason:
        place = detectors_folder() / yunet.FILE
        raise WeightsError(
            f"detector yunet: {reason}; put the file at {place} by hand, or use --detector haar"
        ) from None


def _say(line: str, quiet: bool) -> None:
    if not quiet:
        print(line, file=sys.stderr)


def _is_offline() -> bool:
    return os.environ.get("SEQFER_OFFLINE", "0") not in ("", "0")


def _pico_file() -> Path:
    file = detectors_folder() / pico.FILE
    if not file.is_file():
        raise WeightsError(
            f"detector pico needs its cascade file {pico.FILE}; give it as weights, put it at {file}, or choose haar"
        )
    return file


def _yunet_file(offline: bool, timeout_s: float) -> Path:
    """Yunet's file in the cache, downloaded if it must be. Raises _UnavailableError."""
    for file in sorted(detectors_folder().glob("face_detection_yunet*.onnx")):
        if file.is_file() and file_checksum(file) in yunet.SHA256:
            return file
    target = detectors_folder() / yunet.FILE
    state = "is damaged" if target.exists() else "is not there"
    if offline:
        raise _UnavailableError(f"its file {state} and must not be downloaded (offline)")
    try:
        write_atomically(target, _download(timeout_s))
    except (OSError, HTTPException) as error:
        words = " ".join(str(getattr(error, "reason", None) or error or type(error).__name__).split())
        raise _UnavailableError(f"its file {state} and cannot be downloaded from {yunet.URLS[0]} ({words})") from None
    except InputError as error:
        raise _UnavailableError(f"its file was downloaded but cannot be kept ({error})") from None
    return target


def _download(timeout_s: float) -> bytes:
    """Yunet's file, verified, from the first address that has it. Raises OSError or HTTPException when none does."""
    problem: OSError | HTTPException = OSError("no address is known")
    until = time.monotonic() + timeout_s
    for url in yunet.URLS:
        try:
            return _fetch(url, until)
        except urllib.error.HTTPError as error:  # the server answers, but not with the file: the next address may
            error.close()
            problem = OSError(f"HTTP {error.code} {error.msg}")
        except ValueError as error:
            problem = OSError(str(error))
    raise problem


def _fetch(url: str, until: float) -> bytes:
    """The bytes at an address, complete by `until` on the monotonic clock. ValueError when they are not yunet's."""
    content = b""
    with urllib.request.urlopen(url, timeout=max(until - time.monotonic(), 0.1)) as answer:
        while piece := answer.read1(65_536):
            content += piece
            if len(content) > _LARGEST_BYTES:
                raise ValueError(f"more than {_LARGEST_BYTES} bytes came, which is not that file")
            if time.monotonic() > until:
                raise TimeoutError("too slow")
    checksum = hashlib.sha256(content).hexdigest()
    if checksum not in yunet.SHA256:
        raise ValueError(f"{len(content)} bytes of checksum {checksum[:12]}... came: cut off, or another file")
    return content
