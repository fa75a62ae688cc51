"""The settings of a call: its arguments that are settings, further keyword arguments, and those of the run that it resumes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def settings_of(
    cls: type[T], named: Mapping[str, Any], settings: Mapping[str, Any], *, resumed: Path | None = None
) -> T:
    """The settings of a call. `named` are the function's own arguments that are settings too; paths may be given as text or as `Path`.

    `resumed` is the folder of a run that is resumed: its settings hold where none are given, an argument with the default value being none.
    Raises SettingsError, also where there is no run in `resumed`.
    """
    from seqfer.core.settings import declared
    from seqfer.core.settings_files import read_settings, saved_settings

    known = declared(cls)
    given = {name: value for name, value in named.items() if resumed is None or value != known[name].default}
    base = None if resumed is None else saved_settings(resumed)
    return read_settings(cls, overrides=[_as_text({**given, **settings})], base=base)


def _as_text(value: Any) -> Any:
    """The same nested value with paths as text, as settings are stored."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {key: _as_text(one) for key, one in value.items()}
    return [_as_text(one) for one in value] if isinstance(value, list | tuple) else value
