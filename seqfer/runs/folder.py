"""Run folders: their settings, package versions and machine description, and the lock that stops two runs from using one folder."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from seqfer import __version__
from seqfer.core.errors import InputError
from seqfer.core.files import file_checksum, is_part, without_nan, write_json
from seqfer.core.settings_files import present_names
from seqfer.runs.lock import LOCK, lock_folder, unlock_folder
from seqfer.runs.names import SETTINGS_JSON, VERSIONS_JSON
from seqfer.runs.records import read_object

ANOTHER_OUT = "use another --out"
SETTINGS_CHECKSUM = "settings_checksum"  # in versions.json
THREADS = "threads"  # of torch
DATA_CHECKSUM = "data_checksum"  # the key of settings.json that identifies the data

_PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "scikit-learn",
    "opencv-python-headless",
    "onnxruntime",
    "av",
    "safetensors",
    "einops",
)


def versions() -> dict[str, str]:
    """Versions of seqfer, Python and the packages whose numbers enter results."""
    found = {package: _installed_version(package) for package in _PACKAGES}
    return {"seqfer": __version__, "python": platform.python_version(), **found}


@cache  # the package's whole description is parsed for it
def _installed_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def machine() -> dict[str, Any]:
    """Processor, cores and system, to be stored with every timing, and the threads that torch computes on where it is called."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux: keep the name that `platform` gives
    torch = sys.modules.get("torch")  # not imported for this: a run without it has no such number
    threads = {"threads": torch.get_num_threads()} if torch is not None else {}
    system = f"{platform.system()} {platform.machine()}"
    return {"processor": name, "cores": available_cores(), **threads, "system": system}


def available_cores() -> int:
    """Cores this process may use, which in a container is fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def model_stem(model: str) -> str:
    """The part of a run folder's name that stands for a model: its name, or its file's name, with the folder's name where that is generic."""
    path = Path(model)
    named = path.stem in ("encoder", "head", "valence", "ensemble") and path.resolve().parent.name
    return f"{path.resolve().parent.name}-{path.stem}" if named else path.stem


def default_folder(stem: str, resume: bool) -> Path:
    """`runs/STEM`, or the next free `runs/STEM-2`, ...; to resume, the newest one that is there."""
    number, folder = 1, Path("runs") / stem
    while (following := folder if number == 1 else Path("runs") / f"{stem}-{number}").exists():
        folder, number = following, number + 1
    return folder if resume else following


SameData = Callable[[object], bool]


def open_run(folder: Path, settings: dict[str, Any], resume: bool, same_data: SameData | None = None) -> None:
    """Claim a run folder for the life of this process: a new one, or with `resume` one that was started with the same settings.

    `same_data` says of a recorded `data_checksum` other than the present one whether it is of the same data, as versions before recorded it.
    Raises InputError when the folder cannot be written, holds something else, is in use by another process, or was started with other
    settings, another seqfer or another torch.
    """
    if not (folder / SETTINGS_JSON).exists() and not _is_free(folder):
        raise InputError(f"{folder} is not empty and holds no seqfer run; give another --out")
    new = lock_folder(folder)
    try:
        _begin_or_resume(folder, settings, resume, same_data)
    except BaseException:
        if new:  # refused: another process may have the folder
            unlock_folder(folder)
        raise


def run_of(file: Path) -> str:
    """Which run a file belongs to: the checksum of the settings of its run folder, in which or below which it is; empty outside of one."""
    for folder in (file.parent, file.parent.parent):
        if (folder / SETTINGS_JSON).is_file():
            return file_checksum(folder / SETTINGS_JSON)
    return ""


def first_difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """The key to name of two settings that are not the same, or None. A setting that differs explains a checksum that does, so it comes first."""
    different = (k for k in {*before, *now} if before.get(k) != now.get(k))
    return min(different, key=lambda k: (k.endswith("_checksum"), k), default=None)


def _begin_or_resume(folder: Path, settings: dict[str, Any], resume: bool, same_data: SameData | None) -> None:
    file, packages = folder / SETTINGS_JSON, folder / VERSIONS_JSON
    if file.exists():
        if not resume:
            raise InputError(f"{folder} already holds a run; add --resume to go on with it, or give another --out")
        check_settings(folder)
        before, now = present_names(read_object(file, ANOTHER_OUT)), without_nan(settings)
        key = first_difference(before, now)
        if key == DATA_CHECKSUM and same_data is not None and same_data(before.get(key)):
            key = first_difference({**before, key: now[key]}, now)
        if key == DATA_CHECKSUM:
            raise InputError(
                f"{folder} was started with other data ({_start(before.get(key))}, now {_start(now.get(key))}), or before checksums were of "
                "content and under another name; use the manifest that it was started with, or another --out"
            )
        if key == THREADS and key not in before:
            raise InputError(
                f"{folder} was started before the number of threads was stored, so numbers might mix; {ANOTHER_OUT}"
            )
        if key is not None:
            raise InputError(
                f"{folder} was started with {key} = {before.get(key)!r}, now {now.get(key)!r}; use the same settings or another --out"
            )
    else:
        write_json(file, settings)
    if packages.exists():
        _check_versions(folder, read_object(packages, ANOTHER_OUT).get("versions"))
    else:  # a new run, or one that was killed between the two files
        write_json(packages, {"versions": versions(), "machine": machine(), SETTINGS_CHECKSUM: file_checksum(file)})


def check_settings(folder: Path) -> None:
    """Raises InputError for settings that are not those which the run was started with: its numbers would be said to be of others."""
    file, packages = folder / SETTINGS_JSON, folder / VERSIONS_JSON
    expected = read_object(packages, ANOTHER_OUT).get(SETTINGS_CHECKSUM) if packages.exists() else None
    if expected is not None and expected != file_checksum(file):
        raise InputError(f"{file}: damaged or changed since the run was started; restore it, or {ANOTHER_OUT}")


def _start(checksum: object) -> str:
    return f"checksum {str(checksum)[:12]}..."


def _check_versions(folder: Path, before: Any) -> None:
    now = versions()
    for package in ("seqfer", "torch"):
        was = before.get(package) if isinstance(before, dict) else None
        if was != now[package]:
            raise InputError(
                f"{folder} was started with {package} {was}, now {now[package]}; numbers would mix: use another --out"
            )


def _is_free(folder: Path) -> bool:
    """Whether the folder is missing or empty, or has only the files of a run that was killed before its first file was complete."""
    if not folder.exists():
        return True
    return folder.is_dir() and all(entry.name == LOCK or is_part(entry.name) for entry in folder.iterdir())
