"""Opens models of single faces for everything that only reads faces: included ones on ONNX Runtime alone, all others with torch.

Without torch, whose import takes longer than reading a few thousand faces by a small network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqfer.models.graph_encoder import no_int8
from seqfer.models.graph_image import GraphValenceModel, open_graph_image, open_graph_valence
from seqfer.models.graph_model import RUNTIMES
from seqfer.models.single_face import SingleFaceModel
from seqfer.runs.device import may_have_cuda
from seqfer.runs.onnx_session import is_available
from seqfer.runs.process_tuning import set_threads_of_torch, usable_cores

if TYPE_CHECKING:
    from seqfer.models.valence_model import ValenceModel


def open_image_model(
    name: str, *, device: str = "auto", runtime: str = "auto", precision: str = "fp32"
) -> SingleFaceModel:
    """A model of single faces: an included one by tier or encoder name, or a .safetensors file. `precision` is fp32 or int8.

    Raises WeightsError for a file that is damaged, of another kind or not known, SettingsError for an unknown tier, device or runtime, and for int8
    where there is none.
    """
    graph = (
        open_graph_image(name, cores=usable_cores(), precision=precision) if may_use_graphs(device, runtime) else None
    )
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
    graph = open_graph_valence(name, cores=usable_cores()) if may_use_graphs(device, runtime) else None
    if graph is not None:
        return graph
    from seqfer.models.opening import open_model
    from seqfer.models.runtime import still_with_runtime

    set_threads_of_torch()
    return still_with_runtime(open_model(name, kind="valence", device=device), runtime)


def may_use_graphs(device: str, runtime: str) -> bool:
    """Whether an included model is to be computed by its graph: on the CPU, where nothing else is asked for."""
    on_cpu = device == "cpu" or (device == "auto" and not may_have_cuda())
    return runtime in RUNTIMES and on_cpu and is_available()
