"""Settings of `seqfer annotate-video` and `seqfer prepare-films`. Imports neither torch nor NumPy, so that their `--help` is fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from seqfer.core.errors import SettingsError
from seqfer.core.numbers import is_count
from seqfer.core.settings import Allowed, DeviceName, Field, PathText, device_field, settings, threads_field
from seqfer.film.output.extra_files import OVERLAY, check_format, format_names
from seqfer.models.settings import PrecisionName, RuntimeName, precision_field, runtime_field
from seqfer.traces.request import AUTO, TIME_UNIT_HELP, TimeUnit

FormatName = Annotated[str, Allowed(", ".join(format_names()), lambda name: name in format_names())]
FacesKept = Annotated[
    str,
    Allowed(
        "all, largest, or a number of 1 or more",
        lambda kept: kept in ("all", "largest") or (is_count(kept) and int(kept) > 0),
        lambda kept: str(kept) if isinstance(kept, int) else kept,
    ),
]
DetectPx = Annotated[int, Allowed("0, or 32 or more", lambda px: px == 0 or px >= 32)]
Rotation = Annotated[
    str,
    Allowed(
        "auto, 0, 90, 180 or 270",
        lambda turn: turn in ("auto", "0", "90", "180", "270"),
        lambda turn: str(turn) if isinstance(turn, int) else turn,
    ),
]
DETECT_HZ = 4.0  # searches for faces per second, wherever videos are searched
ENCODE_HZ = 4.0  # times per second a face is encoded at least
GEOMETRY_HZ = 12.0  # times per second a mesh is computed at least: every other frame at 24, 25 and 30 frames a second


def detect_px_field() -> Any:
    """The field `detect_px` of every command that searches videos for faces."""
    return Field(
        default=0,
        description="longest side of the picture that is searched for faces; 0: the detector's own (320, and 1280 where it finds nothing in a larger "
        "picture)",
    )


def min_score_field() -> Any:
    """The field `min_score` of these commands."""
    return Field(
        default=0.0,
        ge=0,
        le=1,
        description="lowest score of a detection; 0: the detector's own (centerface: 0.25, and 0.35 for the detection that confirms a face)",
    )


def detector_field() -> Any:
    """The field `detector` of these commands."""
    return Field(
        default="centerface",
        description="face detector: centerface, which is part of seqfer, haar, or yunet, pico and mtcnn, which need files or a package of their own",
    )


def min_face_px_field() -> Any:
    """The field `min_face_px` of these commands."""
    return Field(default=0.0, ge=0, description="faces narrower than this many pixels of the video are ignored")


def rotate_field() -> Any:
    """The field `rotate` of every command that opens videos to find faces in them."""
    return Field(
        default="auto",
        description="degrees by which the pictures are turned clockwise, beside the rotation that the file states; auto: only where the faces "
        "are clearly not upright",
    )


@settings(frozen=True)
class AnnotateSettings:
    """The settings that the rows of a video depend on."""

    model: PathText = Field(
        default="compact",
        description="an included model (compact, small), a .safetensors file of `seqfer train` or `seqfer train-head`, or a .onnx file of "
        "`seqfer export` without head",
    )
    head: Literal["auto", "average", "temporal", "none"] = Field(
        default="auto",
        description="emotions of a frame: average: averaged over the moments at which the face looks the same; temporal: by the temporal head; none: "
        "every frame by itself; auto: average where the model can, else temporal",
    )
    causal: bool = Field(
        default=False, description="use no later frames: the LSTM in place of the BiLSTM, and no average"
    )
    valence: bool = Field(default=False, description="add valence in [-1, 1] to every row and to the trace at 1 Hz")
    valence_method: Literal["auto", "model", "norms"] = Field(
        default="auto",
        description="model: learned valence; norms: expectation of published valence norms over the emotions; auto: the model where one is included",
    )
    valence_model: PathText = Field(
        default="auto",
        description="a .safetensors file of `seqfer train-valence` or `seqfer train-valence-head`; auto: the one included for the model",
    )
    detector: str = detector_field()
    detector_weights: PathText = Field(default="", description="the detector's weights file, where it needs one")
    detect_px: DetectPx = detect_px_field()
    min_score: float = min_score_field()
    min_face_px: float = min_face_px_field()
    faces_kept: FacesKept = Field(
        default="all", description="faces of a frame that get rows: all, the largest, or so many of the largest"
    )
    min_track_s: float = Field(
        default=0.5,
        ge=0,
        description="seconds of a track from which on the report speaks of it; shorter ones keep their rows and are marked in tracks.csv",
    )
    fps: float = Field(default=0.0, ge=0, description="analyse this many frames per second; 0: all")
    start_s: float = Field(default=0.0, ge=0, description="start at this second of the video's timestamps")
    end_s: float = Field(default=0.0, ge=0, description="stop at this second of the video's timestamps; 0: its end")
    detect_hz: float = Field(
        default=DETECT_HZ,
        gt=0,
        description="detections per second where nothing changes; more where faces move or appear",
    )
    encode_hz: float = Field(
        default=ENCODE_HZ,
        ge=0,
        description="times per second a face is encoded at least, twice as often where it changes; 0: on every frame",
    )
    geometry: bool = Field(
        default=False,
        description="add head pose, gaze, openness of eyes and mouth, and quality to every row; write the mesh of 478 landmarks, and blinks",
    )
    geometry_hz: float = Field(
        default=GEOMETRY_HZ,
        ge=0,
        description="times per second a face's mesh is computed at least, twice as often where the eyes change; 0: on every frame",
    )
    min_quality: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="rows of a lower quality are left out of the means at 1 Hz; needs --geometry",
    )
    precision: PrecisionName = precision_field()
    runtime: RuntimeName = runtime_field()
    max_gap_s: float = Field(
        default=1.0, ge=0, le=60, description="seconds a face may be out of sight and keep its number"
    )
    folder_fps: float = Field(
        default=0.0,
        ge=0,
        description="frames per second at which the pictures of a folder were taken; 0: they are stills, and each is read by itself",
    )
    rotate: Rotation = rotate_field()
    device: DeviceName = device_field()
    threads: int = threads_field(1)

    def __post_init__(self) -> None:
        if "auto" not in (self.precision, self.runtime):
            from seqfer.models.runtime import check_precision  # which imports torch

            check_precision(self.runtime, self.precision)
        if self.min_quality and not self.geometry:
            raise SettingsError(f"min_quality is {self.min_quality:g}, but quality is not computed; add --geometry")
        if self.valence_model != "auto" and (self.valence_method == "norms" or not self.valence):
            raise SettingsError(
                f"valence_model is {self.valence_model!r}, but valence is {'computed from norms' if self.valence else 'not requested'}; "
                "add --valence, or omit --valence-model"
            )
        if self.valence_method != "auto" and not self.valence:
            raise SettingsError(
                f"valence_method is {self.valence_method!r}, but valence is not requested; add --valence"
            )


@settings(frozen=True)
class AnnotateVideoSettings(AnnotateSettings):
    """`seqfer annotate-video`: the settings of the rows, and the files beside them."""

    formats: tuple[FormatName, ...] = Field(default=(), description="more files to write")
    overlay: bool = Field(
        default=False, description="also write overlay.mp4, the video with boxes, names and emotions, and its audio"
    )
    faces: bool = Field(default=True, description="pictures of faces in the report")


@dataclass(frozen=True)
class OutputOptions:
    """Files beside the tables: `faces` puts pictures of the faces into the report, `formats` are names of plug-ins in
    `seqfer/film/output/formats/`, `overlay` adds the format of that name. `command` is the command line, for the summary."""

    faces: bool = True
    overlay: bool = False
    formats: tuple[str, ...] = ()
    command: str = ""

    def __post_init__(self) -> None:
        for name in self.formats:
            check_format(name)

    @property
    def extra_files(self) -> tuple[str, ...]:
        """The formats to write, each once."""
        return tuple(dict.fromkeys((*self.formats, *([OVERLAY] if self.overlay else []))))


@settings(frozen=True)
class ClipSettings:
    """`seqfer prepare-films`: the settings of the clips of annotated videos."""

    lag_s: float = Field(default=0.0, description="delay of the raters in seconds, removed from each")
    fps: float = Field(default=0.0, ge=0, le=1000, description="use this many frames per second; 0: all")
    fusion: Literal["mean", "ewe"] = Field(
        default="mean", description="how several raters are fused: their mean, or weighted by their agreement (ewe)"
    )
    axis: str = Field(
        default="",
        description="the axis, column or tier of the annotation that is valence; several raters as names and patterns: 'ann,rater*'",
    )
    value_range: tuple[float, float] | None = Field(
        default=None, description="lowest and highest value of a plain CSV (default: -1,1)"
    )
    time_unit: TimeUnit = Field(default=AUTO, description=TIME_UNIT_HELP)
    detect_hz: float = Field(
        default=DETECT_HZ,
        gt=0,
        description="detections per second where nothing changes; more where faces move or appear",
    )
    detect_px: DetectPx = detect_px_field()
    min_score: float = min_score_field()
    min_face_px: float = min_face_px_field()
    rotate: Rotation = rotate_field()
    people: PathText = Field(
        default="", description="a CSV with the columns film,person; empty: every video is a person of its own"
    )
    detector: str = detector_field()
    detector_weights: PathText = Field(default="", description="the detector's weights file, where it needs one")
