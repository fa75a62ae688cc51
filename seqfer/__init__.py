"""seqfer: facial-emotion analysis over time.

The functions of `seqfer.api` are handed on when they are first used, so that importing the package loads nothing else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqfer.api import *  # noqa: F403 - `__all__` of seqfer.api is the list of the stable names

__version__ = "0.1.0"


if not TYPE_CHECKING:  # with it a type checker would accept every name

    def __getattr__(name: str) -> Any:
        api = importlib.import_module("seqfer.api")  # `from seqfer import api` would ask this function for it
        if name == "__all__":
            return __dir__()
        if name in api.__all__:
            return getattr(api, name)
        raise AttributeError(f"module 'seqfer' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*importlib.import_module("seqfer.api").__all__, "__version__"]
