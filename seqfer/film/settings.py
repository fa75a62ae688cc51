"""What is asked of `seqfer annotate-video`: what decides the rows, the files beside them, and what a folder of results belongs to."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqfer.core.errors import SettingsError
from seqfer.core.files import file_checksum
from seqfer.core.settings import as_dict
from seqfer.video.source import shown_name
from seqfer.video.sources import CAMERA

FORMATS = ("elan", "webvtt")
VALENCE_METHODS = ("auto", "model", "norms")


@dataclass(frozen=True)
class AnnotateSettings:
    """What decides the rows. `model` is a tier or a .safetensors file; `head` "none" looks at every frame by itself. `valence_method`
    "model" reads valence with `valence_model` (a tier, a .safetensors file, or "auto" for what ships with the model), "norms" takes the expectation
    of the emotions, "auto" the model where there is one. `fps`, `start_s` and `end_s` 0 mean all frames, `encode_hz` 0 every frame through the
    encoder. `runtime` is what runs it, "auto" onnx where that is at hand and the precision is fp32. `detector_weights` is a file, empty for the one
    that is at hand; `folder_fps` the rate at which pictures of a folder were taken."""

    model: str = "compact"
    head: str = "auto"
    causal: bool = False
    valence: bool = False
    valence_method: str = "auto"
    valence_model: str = "auto"
    detector: str = "auto"
    detector_weights: str = ""
    fps: float = 0.0
    start_s: float = 0.0
    end_s: float = 0.0
    detect_hz: float = 4.0
    encode_hz: float = 4.0
    precision: str = "auto"
    runtime: str = "auto"
    max_gap_s: float = 1.0
    folder_fps: float = 25.0

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("head", self.head, ("auto", "none")),
            ("valence_method", self.valence_method, VALENCE_METHODS),
            ("precision", self.precision, ("auto", "fp32", "bf16")),
            ("runtime", self.runtime, ("auto", "torch", "onnx")),
        ):
            if value not in allowed:
                raise SettingsError(f"{name} is {value!r}; allowed: {', '.join(allowed)}")
        if (self.precision, self.runtime) == ("bf16", "onnx"):
            raise SettingsError(
                "precision is 'bf16', but runtime is 'onnx', which computes in fp32; leave one of them out"
            )
        if self.valence_model != "auto" and (self.valence_method == "norms" or not self.valence):
            raise SettingsError(
                f"valence_model is {self.valence_model!r}, but valence is {'read off the norms' if self.valence else 'not asked for'}; "
                "add --valence, or leave --valence-model out"
            )
        if self.valence_method != "auto" and not self.valence:
            raise SettingsError(
                f"valence_method is {self.valence_method!r}, but valence is not asked for; add --valence"
            )
        for name, seconds in (
            ("fps", self.fps),
            ("start", self.start_s),
            ("end", self.end_s),
            ("encode_hz", self.encode_hz),
        ):
            if not (math.isfinite(seconds) and seconds >= 0):
                raise SettingsError(f"{name} is {seconds}; allowed: 0 (everything) or more")
        if not (math.isfinite(self.folder_fps) and self.folder_fps > 0):
            raise SettingsError(f"folder_fps is {self.folder_fps}; allowed: above 0")


@dataclass(frozen=True)
class OutputOptions:
    """Files beside the tables: `faces` puts pictures of the faces into the report, `overlay` draws on a copy of the film."""

    faces: bool = True
    overlay: bool = False
    formats: tuple[str, ...] = ()
    command: str = ""

    def __post_init__(self) -> None:
        if unknown := [name for name in self.formats if name not in FORMATS]:
            raise SettingsError(f"unknown format {unknown[0]!r}; allowed: {', '.join(FORMATS)}")


def film_key(film: str, settings: AnnotateSettings) -> dict[str, Any]:
    """What a folder's results belong to, as far as it can be said without reading the film: settings, the film's name and its checksum."""
    plain = {name: shown_name(value) if isinstance(value, str) else value for name, value in as_dict(settings).items()}
    if film.startswith(CAMERA):
        return {**plain, "film": film, "film_checksum": "live"}
    path = Path(film)
    if not path.is_dir():
        return {**plain, "film": shown_name(path.name), "film_checksum": file_checksum(path)}
    files = sorted((p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in path.iterdir() if p.is_file())
    checksum = hashlib.sha256(ascii(files).encode()).hexdigest()
    return {**plain, "film": shown_name(path.resolve().name), "film_checksum": checksum}
