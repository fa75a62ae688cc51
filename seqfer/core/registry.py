"""The plug-in registry: finds an encoder, head, baseline, detector or corpus by the name of its module's file.

`find("encoders", "resezap")` is the module `seqfer/encoders/resezap.py`; a dotted path such as `mylab.nets.wide` is a module outside the
package with the same functions. To add a plug-in, add one file; nothing else is edited. A baseline is accepted wherever an encoder is: it has
`build` too, and only its fitting differs.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from seqfer.core.errors import SettingsError

KINDS = ("datasets", "detectors", "encoders", "heads", "baselines")
_CALLED_BY = {
    "datasets": "prepare",
    "detectors": "build",
    "encoders": "build",
    "heads": "build",
    "baselines": "fit_predict",
}
_SPELLED = {"ck+": "ck_plus"}  # a file name cannot hold a plus sign


def names(kind: str) -> tuple[str, ...]:
    """The names of all plug-ins of a kind, sorted. Imports only the package of that kind, none of its modules."""
    package = importlib.import_module(f"seqfer.{kind}")
    back = {v: k for k, v in _SPELLED.items()}
    return tuple(
        sorted(back.get(m.name, m.name) for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))
    )


def find(kind: str, name: str) -> ModuleType:
    """The module of a plug-in. Raises SettingsError that lists the allowed names when there is none."""
    allowed = names(kind)
    if name in allowed:
        return importlib.import_module(f"seqfer.{kind}.{_SPELLED.get(name, name)}")
    if kind == "encoders":
        if name in names("baselines"):
            return find("baselines", name)
        allowed += names("baselines")
    if "." in name:
        return _outsiders(kind, name)
    raise SettingsError(
        f"unknown {kind[:-1]} {name!r}; allowed: {', '.join(allowed)}, or a dotted path of your own module"
    )


def _outsiders(kind: str, path: str) -> ModuleType:
    """A module outside the package that has the function this kind of plug-in must have."""
    try:
        module = importlib.import_module(path)
    except (ImportError, TypeError, ValueError) as error:
        raise SettingsError(f"{kind[:-1]} {path!r} cannot be imported ({error}); check the dotted path") from None
    if not callable(getattr(module, _CALLED_BY[kind], None)):
        raise SettingsError(
            f"{kind[:-1]} {path!r} has no function {_CALLED_BY[kind]}(); see docs/map.md for what a plug-in offers"
        )
    return module
