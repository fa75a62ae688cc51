"""Opens the model of `seqfer annotate-video`: included models on ONNX Runtime alone where that is possible, all others with torch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from seqfer.core.errors import SettingsError
from seqfer.film.settings import AnnotateSettings
from seqfer.models.exported import is_exported, open_exported_video
from seqfer.models.graph_encoder import no_int8
from seqfer.models.graph_model import PRECISIONS, open_graph_model
from seqfer.models.placement import graph_placement
from seqfer.models.video_model import AVERAGE, VideoModel
from seqfer.runs.process_tuning import set_threads_of_torch

if TYPE_CHECKING:
    from seqfer.models.film_model import FilmModel


def open_model(settings: AnnotateSettings, *, stills: bool = False) -> VideoModel:
    """The model with temporal head (none for stills) and valence, on the requested or the fastest runtime. Raises SettingsError or WeightsError.

    An included model on the CPU, in int8 or single precision, is run without torch, whose import would take longer than a short video.
    """
    if is_exported(settings.model):
        return _exported(settings)
    return _graph(settings, stills) or _of_torch(settings, stills)


def _exported(settings: AnnotateSettings) -> VideoModel:
    """The model of single faces in a .onnx file. Raises SettingsError where the settings ask for what such a file does not hold."""
    wanted = {
        "head": ("auto", "none"),
        "precision": ("auto", "fp32"),
        "valence_method": ("auto", "norms"),
        "valence_model": ("auto",),
    }
    for name, allowed in wanted.items():
        if getattr(settings, name) not in allowed:
            raise SettingsError(
                f"{name} is {getattr(settings, name)!r}, but {settings.model} is an exported model of single faces; give {' or '.join(allowed)}, "
                "or the model that was exported"
            )
    place = graph_placement(settings.device, settings.runtime, settings.threads, only_graph=True)
    assert place is not None  # a file that torch cannot read is placed, or refused
    return open_exported_video(settings.model, place)


def _graph(settings: AnnotateSettings, stills: bool) -> VideoModel | None:
    """The model on ONNX Runtime alone, or None where the settings ask for what only torch can do, or for what does not exist."""
    place = (
        graph_placement(settings.device, settings.runtime, settings.threads)
        if settings.precision in PRECISIONS
        else None
    )
    if place is None:
        return None
    own_valence = settings.valence and settings.valence_method != "norms"
    if own_valence and settings.valence_model != "auto":
        return None
    opened = partial(
        open_graph_model,
        settings.model,
        valence=own_valence,
        precision=settings.precision,
        place=place,
    )
    model = opened(_head_of(settings, stills))
    if model is None and settings.head in ("auto", "temporal"):  # no head is included: every frame by itself
        model = opened("none")
    required = own_valence and settings.valence_method == "model"
    return None if model is not None and required and model.valence is None else model


def _head_of(settings: AnnotateSettings, stills: bool) -> str:
    if stills or settings.head == "none":
        return "none"
    if settings.head == AVERAGE or (settings.head == "auto" and not settings.causal):
        return "" if settings.causal else AVERAGE
    return "lstm" if settings.causal else "bilstm"


def _of_torch(settings: AnnotateSettings, stills: bool) -> FilmModel:
    from seqfer import models
    from seqfer.models.runtime import precision_on, with_runtime

    if settings.precision == "int8":
        raise no_int8(settings.model)
    set_threads_of_torch()
    model = models.open(
        settings.model,
        kind="video",
        device=settings.device,
        precision=precision_on(settings.runtime, settings.precision),
        causal=settings.causal,
        frames_alone=settings.head == "none" or stills,
    )
    if settings.head in ("auto", AVERAGE):
        model = model.averaging()
    if settings.head == AVERAGE and model.head_name != AVERAGE and not stills:
        raise SettingsError(
            f"head is {AVERAGE!r}, but {model.name} has no head that averages{' and uses no later frames' if settings.causal else ''}; "
            "give --head auto"
        )
    if settings.valence and settings.valence_method != "norms":
        model = _with_valence(model, settings)
    return with_runtime(model, settings.runtime)


def _with_valence(model: FilmModel, settings: AnnotateSettings) -> FilmModel:
    """The model with its valence model. Raises SettingsError where one is required and none is included, or it is not causal and must be."""
    from seqfer.models.film_files import add_valence

    model = add_valence(model, settings.valence_model)
    if model.valence is None and settings.valence_method == "model":
        raise SettingsError(
            f"no valence weights are included for {model.name}; give --valence-model, or --valence-method norms"
        )
    if settings.causal and not model.causal:
        raise SettingsError(
            f"{settings.valence_model}: this valence model uses later frames; omit --causal, or train one with head=lstm"
        )
    return model
