"""Finds a part by its file name: the file name is the registry.

`find("encoders", "resezap")` is the module `seqfer/encoders/resezap.py`; a dotted path such as `mylab.nets.wide` is an outsider's module of
the same shape. Adding a part is adding one file; nothing else is edited.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from seqfer.errors import SettingsError

KINDS = ("datasets", "encoders", "heads", "baselines")
_SPELLED = {"ck+": "ck_plus"}  # a file name cannot hold a plus sign


def names(kind: str) -> tuple[str, ...]:
    """The names of all parts of a kind, sorted. Nothing is imported but the package itself."""
    package = importlib.import_module(f"seqfer.{kind}")
    back = {v: k for k, v in _SPELLED.items()}
    return tuple(
        sorted(back.get(m.name, m.name) for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))
    )


def find(kind: str, name: str) -> ModuleType:
    """The module of a part. Raises SettingsError that lists the allowed names when there is none."""
    allowed = names(kind)
    if name in allowed:
        return importlib.import_module(f"seqfer.{kind}.{_SPELLED.get(name, name)}")
    if "." in name:
        try:
            return importlib.import_module(name)
        except ImportError as error:
            raise SettingsError(f"{kind[:-1]} {name!r} cannot be imported ({error}); check the dotted path") from None
    raise SettingsError(
        f"unknown {kind[:-1]} {name!r}; allowed: {', '.join(allowed)}, or a dotted path of your own module"
    )
