"""`seqfer.export` and `seqfer export`: a trained model as one file for other programs, checked against seqfer before it is written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.results.face_model import FaceModel

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from seqfer.models.export_modules import ExportModule
    from seqfer.models.film_model import FilmModel
    from seqfer.models.image_model import ImageModel
    from seqfer.models.settings import ExportSettings

LARGEST_DIFFERENCE = 1e-4  # of a probability, between the exported model and seqfer
_TRIED = 7  # random faces that both compute


@dataclass(frozen=True)
class ExportRecord:
    """What an exported file says of itself: metadata of the ONNX graph, or `seqfer.json` in a .pt2.

    `inputs` and `outputs` say name, shape and meaning; `crop` is how a face must lie in its picture, as fractions of the side;
    `largest_difference` is that of a probability from seqfer's own, on random faces. `corpus` and `class_shares` are of the training of a model of
    single faces, empty where its file does not say them.
    """

    seqfer: str
    model: str
    encoder: str
    head: str
    sha256: Mapping[str, str]
    classes: tuple[str, ...]
    temperature: float
    softmax: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    input_size_px: int
    channels: int
    colour: str
    pixel_range: tuple[float, float]
    normalisation: str
    crop: Mapping[str, float]
    mirrored_view: str
    largest_difference: float
    parameters: int
    corpus: str
    class_shares: tuple[float, ...]


@dataclass(frozen=True)
class ExportedModel:
    """A file that was written, and what it says of itself."""

    record: ExportRecord
    path: Path

    def __str__(self) -> str:
        record, size = self.record, self.path.stat().st_size
        takes = "; ".join(f"{name}: {text}" for name, text in record.inputs.items())
        return (
            f"{self.path}: {record.encoder}, head {record.head}, {size:,} bytes\n{takes}\n"
            f"Probabilities differ from those of seqfer by at most {record.largest_difference:.1e} on {_TRIED} random faces"
        )


def export(
    model: str | os.PathLike[str] | FaceModel = "compact",
    out: str | os.PathLike[str] | None = None,
    *,
    format: str = "onnx",
    **settings: Any,
) -> ExportedModel:
    """Write a trained model as one file for other programs. The command is `seqfer export`.

    `model` is an included one by name, a .safetensors file, or what `seqfer.load_model` gave; `out` the file to write (default: the model's name
    in the current folder); `format` "onnx" (.onnx, needs `seqfer[onnx]`) or "torch" (.pt2 of torch.export). `settings` are those of
    `seqfer export`: `head`, `causal`.

    The exported model takes `images`, float32 (face channel height width) in [0, 1], and returns logits and calibrated probabilities (face class);
    with a temporal head the faces are those of one track in time order, and `times_s` their times. Classes, temperature and preprocessing are
    in its metadata.

    Raises SettingsError where the package onnx is missing, and for a model or head that the format cannot hold; WeightsError for a damaged file.

    Example:
        >>> import json
        >>> import seqfer
        >>> exported = seqfer.export("small", "small.onnx")
        >>> import onnxruntime
        >>> session = onnxruntime.InferenceSession("small.onnx")
        >>> json.loads(session.get_modelmeta().custom_metadata_map["classes"])[3]
        'happiness'
    """
    from seqfer.core.settings_files import read_settings
    from seqfer.models.settings import ExportSettings

    given = {"model": _name_of(model), "format": format, **settings}
    return run_export(read_settings(ExportSettings, overrides=[given]), None if out is None else Path(out))


def run_export(settings: ExportSettings, out: Path | None = None) -> ExportedModel:
    """Open the model, write it to `out` and return what was written. Nothing is written where the file would compute other numbers."""
    import torch

    from seqfer.core.errors import SettingsError
    from seqfer.core.files import write_atomically
    from seqfer.models.export_formats import FORMATS

    path, form = _path(settings, out), FORMATS[settings.format]
    model = _open(settings)
    module = _module_of(model)
    form.check(module)
    try:
        with torch.no_grad():
            converted = form.convert(module)
            differs = _difference(model, module, lambda inputs: form.run(converted, inputs))
    except Exception as error:  # an encoder of one's own may do anything that cannot be exported
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SettingsError(f"{settings.model} cannot be exported as {settings.format} ({reason})") from None
    if not differs <= LARGEST_DIFFERENCE:
        raise SettingsError(
            f"{settings.model} as {settings.format} gives probabilities that differ by {differs:.1e}; at most {LARGEST_DIFFERENCE} is "
            "allowed, so nothing is written; give another format"
        )
    record = _record(model, module, differs)
    write_atomically(path, form.pack(converted, asdict(record)))
    return ExportedModel(record, path)


def _name_of(model: str | os.PathLike[str] | FaceModel) -> str:
    """What a model is opened by. Raises WeightsError for an opened one whose file has other weights by now."""
    if not isinstance(model, FaceModel):
        return os.fspath(model)
    from seqfer.core.errors import WeightsError
    from seqfer.models.opening import model_checksum

    opened = model.model
    if model_checksum(opened.name) != opened.checksum:
        raise WeightsError(f"{opened.name}: has other weights than the model that was loaded from it; load it again")
    return opened.name


def _path(settings: ExportSettings, out: Path | None) -> Path:
    """The file to write. Raises SettingsError for a suffix of another format."""
    from seqfer.core.errors import SettingsError
    from seqfer.models.settings import SUFFIXES

    suffix = SUFFIXES[settings.format]
    path = out or Path(Path(settings.model).stem + suffix)
    if path.suffix != suffix:
        raise SettingsError(f"{path}: format {settings.format} is written to a file that ends in {suffix}")
    return path


def _open(settings: ExportSettings) -> ImageModel | FilmModel:
    """The model with the head that is asked for, on the CPU."""
    from seqfer.core.errors import SettingsError
    from seqfer.models.film_model import FilmModel
    from seqfer.models.opening import open_model
    from seqfer.models.valence_model import ValenceModel
    from seqfer.models.video_model import AVERAGE

    name, head = settings.model, settings.head
    film: FilmModel
    if head in ("auto", "none") and not settings.causal:
        opened = open_model(name, device="cpu")
        if isinstance(opened, ValenceModel):
            raise SettingsError(f"{name}: is a valence model; give a model of emotions")
        if not isinstance(opened, FilmModel):
            return opened
        if head == "none":
            raise SettingsError(f"{name}: is a model with a temporal head; give the file of its encoder, or head auto")
        film = opened
    else:
        film = open_model(name, kind="video", device="cpu", causal=settings.causal)
    if head in ("auto", AVERAGE):
        film = film.averaging()
    if film.head is None or (head == AVERAGE and film.head_name != AVERAGE):
        raise SettingsError(f"head is {head!r}, but {name} has no head that is {head}; give head none or auto")
    return film


def _module_of(model: ImageModel | FilmModel) -> ExportModule:
    from seqfer.models.export_modules import FaceModule, TrackModule
    from seqfer.models.image_model import ImageModel

    return FaceModule(model).eval() if isinstance(model, ImageModel) else TrackModule(model).eval()


def _difference(
    model: ImageModel | FilmModel, module: ExportModule, run: Callable[[Mapping[str, Tensor]], np.ndarray]
) -> float:
    """The largest difference of a probability from the model's own, on random faces."""
    import numpy as np

    from seqfer.models.image_model import ImageModel

    faces = module.random_faces(_TRIED)
    inputs = module.inputs_of(faces)
    if isinstance(model, ImageModel):
        wanted = model.predict(faces)
    else:
        times_s = inputs["times_s"].numpy() if "times_s" in inputs else np.zeros(_TRIED)
        mask = np.ones((1, _TRIED), dtype=bool)
        wanted = model.read(model.look(model.encode(faces)[None], mask, times_s[None])[0])[0]
    return float(np.abs(run(inputs) - wanted).max())


def _record(model: ImageModel | FilmModel, module: ExportModule, difference: float) -> ExportRecord:
    from seqfer import __version__
    from seqfer.models.image_model import ImageModel
    from seqfer.models.layers import parameter_counts
    from seqfer.tracks.crops import EYE_DISTANCE, EYES_Y, MOUTH_Y

    mirrored = isinstance(model, ImageModel) and model.mirrored
    meta: Mapping[str, Any] = model.meta if isinstance(model, ImageModel) else {}
    return ExportRecord(
        seqfer=__version__,
        model=Path(model.name).name,
        encoder=model.encoder_name,
        head="none" if isinstance(model, ImageModel) else model.head_name,
        sha256={"encoder": model.checksum} if isinstance(model, ImageModel) else dict(model.checksums),
        classes=model.classes,
        temperature=model.temperature,
        softmax="in the model: probabilities = softmax(logits / temperature)",
        inputs=module.inputs,
        outputs=module.outputs,
        input_size_px=module.encoder.input_size,
        channels=module.encoder.channels,
        colour="grey" if module.encoder.channels == 1 else "RGB",
        pixel_range=(0.0, 1.0),
        normalisation="in the model",
        crop={"margin": 0.0, "eyes_y": EYES_Y, "eye_distance": EYE_DISTANCE, "mouth_y": MOUTH_Y},
        mirrored_view="in the model: mean of the logits of the face and its mirror image"
        if mirrored
        else "none, except where the encoder has one itself",
        largest_difference=difference,
        parameters=model.parameters if isinstance(model, ImageModel) else parameter_counts(module)[0],
        corpus=str(meta.get("corpus", "")),
        class_shares=tuple(meta.get("class_shares", ())),
    )
