"""seqfer: facial-emotion analysis over time.

`seqfer.annotate`, `seqfer.read` and `seqfer.load_model` are handed on from `seqfer.api` when they are first used, so that importing the package
loads nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqfer.api import (
        InputError,
        SeqferError,
        SettingsError,
        TrainingError,
        WeightsError,
        annotate,
        load_model,
        read,
    )

__version__ = "0.1.0"
__all__ = [
    "InputError",
    "SeqferError",
    "SettingsError",
    "TrainingError",
    "WeightsError",
    "__version__",
    "annotate",
    "load_model",
    "read",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from seqfer import api

        return getattr(api, name)
    raise AttributeError(f"module 'seqfer' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
