"""Networks and everything to run them: layers, weights files, features, sequence models, video models, and the runtimes.

`open(name_or_file, device=..., kind=...)` opens every trained model, a tier or a .safetensors file: as a model of single faces (`ImageModel`), of
valence (`ValenceModel`) or of the faces of a video over time (`FilmModel`). What a model can do is an attribute of it: `classes`, `input_size`,
`channels`, `mirrored`, `has_valence`, `temporal`, `causal`, `device`. `open` is imported when it is first used, because torch is slow to import.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqfer.models.opening import open_model as open

__all__ = ["open"]


def __getattr__(name: str) -> Any:
    if name == "open":
        from seqfer.models.opening import open_model

        return open_model
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
