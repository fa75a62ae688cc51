"""Puts a video model on a runtime: the one that was named, or the fastest that can compute it. Runtimes are files in `runtimes/`."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.models.film_model import FilmModel
from seqfer.models.image_model import ImageModel
from seqfer.models.valence_model import ValenceModel

StillModel = TypeVar("StillModel", ImageModel, ValenceModel)

AUTO, KIND = "auto", "models.runtimes"


def with_runtime(model: FilmModel, runtime: str = AUTO) -> FilmModel:
    """The same model whose encoders are computed by a runtime; `auto` is the first in the order of `AUTO_RANK` that can.

    Raises SettingsError for an unknown runtime, and where the named one cannot compute the model.
    """
    if runtime != AUTO:
        prepared: FilmModel = registry.find(KIND, runtime).prepare(model)
        return prepared
    for module in sorted(registry.find_all(KIND).values(), key=lambda module: module.AUTO_RANK):
        if module.suits(model):
            with suppress(SettingsError):  # an encoder that only another runtime can compute
                prepared = module.prepare(model)
                return prepared
    raise SettingsError(f"no runtime can compute {model.name}; installed are {', '.join(registry.names(KIND))}")


def still_with_runtime(model: StillModel, runtime: str = AUTO) -> StillModel:
    """The same model of single faces on a named runtime; `auto` leaves it as it is. Raises SettingsError where it cannot compute the model."""
    prepared: StillModel = model if runtime == AUTO else registry.find(KIND, runtime).prepare_still(model)
    return prepared


def precision_on(runtime: str, precision: str) -> str:
    """The precision to open a model in for a runtime: `auto` becomes fp32 for one that knows no other."""
    if runtime == AUTO or precision != AUTO:
        return precision
    return AUTO if "bf16" in registry.find(KIND, runtime).PRECISIONS else "fp32"


def check_precision(runtime: str, precision: str) -> None:
    """Raises SettingsError where a named runtime does not compute in a named precision."""
    if AUTO in (runtime, precision):
        return
    known = registry.find(KIND, runtime).PRECISIONS
    if precision not in known:
        raise SettingsError(
            f"precision is {precision!r}, but runtime is {runtime!r}, which computes in {' and '.join(known)}; omit one of them"
        )
