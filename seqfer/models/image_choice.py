"""Opens models of single faces for everything that only reads faces: included and exported ones on ONNX Runtime alone, all others with torch.

Without torch, whose import takes longer than reading a few thousand faces by a small network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqfer.models.exported import is_exported, open_exported
from seqfer.models.graph_encoder import no_int8
from seqfer.models.graph_image import GraphValenceModel, open_graph_image, open_graph_valence
from seqfer.models.placement import graph_placement
from seqfer.models.single_face import SingleFaceModel
from seqfer.runs.process_tuning import set_threads_of_torch

if TYPE_CHECKING:
    from seqfer.models.valence_model import ValenceModel


def open_image_model(
    name: str, *, device: str = "auto", runtime: str = "auto", precision: str = "fp32"
) -> SingleFaceModel:
    """A model of single faces: an included one by tier or encoder name, a .safetensors file, or a .onnx file of `seqfer export`.

    `precision` is fp32 or int8.
    Raises WeightsError for a file that is damaged, of another kind or not known, SettingsError for an unknown tier, device or runtime, and for int8
    where there is none.
    """
    place = graph_placement(device, runtime, only_graph=is_exported(name))
    if place is not None and is_exported(name) and precision != "int8":
        return open_exported(name, place)
    graph = None if place is None else open_graph_image(name, place, precision)
    if graph is not None:
        return graph
    if precision == "int8":
        raise no_int8(name)
    from seqfer.models.opening import open_model
    from seqfer.models.runtime import still_with_runtime

    set_threads_of_torch()
    return still_with_runtime(open_model(name, kind="image", device=device), runtime)


def open_valence_model(name: str, *, device: str = "auto", runtime: str = "auto") -> GraphValenceModel | ValenceModel:
    """A model of the valence of single faces: an included one by name, or a .safetensors file, which torch computes. Errors as above."""
    place = graph_placement(device, runtime)
    graph = None if place is None else open_graph_valence(name, place)
    if graph is not None:
        return graph
    from seqfer.models.opening import open_model
    from seqfer.models.runtime import still_with_runtime

    set_threads_of_torch()
    return still_with_runtime(open_model(name, kind="valence", device=device), runtime)
