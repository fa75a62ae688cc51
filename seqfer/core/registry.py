"""The plug-in registry: finds a plug-in of any kind by the name of its module's file.

A kind is named by its folder: `find("encoders", "resezap")` is the module `seqfer/encoders/resezap.py`, `find("film.output.formats", "elan")` is
`seqfer/film/output/formats/elan.py`. A dotted path such as `mylab.nets.wide` is a module outside the package that offers the same. To add a plug-in,
add one file; nothing else is edited. To add a kind of plug-in, add its folder to `KINDS`. A baseline is accepted wherever an encoder is: it has
`build` too, and only its fitting differs.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType

from seqfer.core.errors import SettingsError
from seqfer.core.input_files import from_environment


@dataclass(frozen=True)
class PluginKind:
    """A kind of plug-in: what one is called in messages, and the names that its module must define (`build` for a function)."""

    word: str
    offers: tuple[str, ...]


# Folder below seqfer/, with dots -> the kind of plug-in in it.
KINDS: Mapping[str, PluginKind] = MappingProxyType(
    {
        "baselines": PluginKind("baseline", ("fit_predict",)),
        "datasets": PluginKind("dataset", ("prepare",)),
        "detectors": PluginKind("detector", ("build",)),
        "encoders": PluginKind("encoder", ("build",)),
        "film.output.formats": PluginKind("format", ("write", "FILE", "ABOUT", "NEEDS_VIDEO_FILE")),
        "heads": PluginKind("head", ("build",)),
        "raters.formats": PluginKind("trace format", ("write", "ABOUT")),
        "runs.kinds": PluginKind("kind of run", ("FILE", "RECORD")),
        "traces.readers": PluginKind("kind of trace", ("read", "recognise", "ABOUT", "PRIORITY")),
        "models.runtimes": PluginKind("runtime", ("ABOUT", "PRECISIONS", "AUTO_RANK", "suits", "prepare")),
    }
)
OWN_MODULES = "SEQFER_PLUGINS"
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
        f"unknown {KINDS[kind].word} {name!r}; allowed: {', '.join(allowed)}, or a dotted path of your own module"
    )


def find_builtin(kind: str, name: object) -> ModuleType:
    """The module of a plug-in that a file names: of the package only, because a dotted path out of a file would run code that its reader never chose.

    Raises SettingsError that lists the allowed names; dotted paths are for the user's own options and settings.
    """
    if isinstance(name, str) and ("." not in name or name in own_modules()):
        return find(kind, name)
    allowed = names(kind) + (names("baselines") if kind == "encoders" else ())
    raise SettingsError(
        f"{KINDS[kind].word} {str(name)[:60]!r} is named by a file, where only included ones are allowed: {', '.join(allowed)}; "
        f"a module of your own is run only where {OWN_MODULES} has its dotted path"
    )


def own_modules() -> frozenset[str]:
    """The dotted paths in the environment variable SEQFER_PLUGINS, separated by commas: modules of the user's own that files may name."""
    return frozenset(filter(None, map(str.strip, from_environment(OWN_MODULES).split(","))))


def find_all(kind: str) -> dict[str, ModuleType]:
    """Name -> module of every plug-in of a kind, sorted by name. Imports all of them."""
    return {name: find(kind, name) for name in names(kind)}


def _outsiders(kind: str, path: str) -> ModuleType:
    """A module outside the package that offers what this kind of plug-in must offer."""
    word = KINDS[kind].word
    try:
        module = importlib.import_module(path)
    except (ImportError, TypeError, ValueError) as error:
        raise SettingsError(f"{word} {path!r} cannot be imported ({error}); check the dotted path") from None
    for name in KINDS[kind].offers:
        if not hasattr(module, name):
            what = f"function {name}()" if name.islower() else f"constant {name}"
            raise SettingsError(f"{word} {path!r} has no {what}; see docs/map.md for what a plug-in offers")
    return module
