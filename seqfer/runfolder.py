"""What every run folder holds besides its results: settings, versions, the machine. And the lock that keeps two runs apart."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from seqfer import __version__
from seqfer.errors import InputError
from seqfer.manifest import write_atomically

_PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "scikit-learn",
    "opencv-python-headless",
    "av",
    "safetensors",
    "einops",
)


def versions() -> dict[str, str]:
    """Versions of seqfer, Python and the packages whose numbers enter results."""
    found = {"seqfer": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def machine() -> dict[str, Any]:
    """Processor, cores and system: what a timing needs beside it."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux: the platform's own name has to do
    return {"processor": name, "cores": available_cores(), "system": f"{platform.system()} {platform.machine()}"}


def available_cores() -> int:
    """Cores this process may use, which in a container is fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def write_json(path: Path, value: Any) -> None:
    """JSON, atomically; NaN becomes null, which is what strict JSON readers accept."""
    write_atomically(path, json.dumps(without_nan(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def without_nan(value: Any) -> Any:
    """The same nested value with every NaN or infinity replaced by None."""
    if isinstance(value, dict):
        return {str(k): without_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(v) for v in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def default_folder(stem: str, resume: bool) -> Path:
    """`runs/STEM`, or the next free `runs/STEM-2`, ...; to resume, the newest one that is there."""
    number, folder = 1, Path("runs") / stem
    while (following := folder if number == 1 else Path("runs") / f"{stem}-{number}").exists():
        folder, number = following, number + 1
    return folder if resume else following


def open_run(folder: Path, settings: dict[str, Any], resume: bool) -> None:
    """Claim a run folder: a new one, or with `resume` one that was begun with the same settings.

    Raises InputError when the folder cannot be written, holds something else, or was begun with other settings.
    """
    file = folder / "settings.json"
    if file.exists():
        before = json.loads(file.read_text())
        if not resume:
            raise InputError(f"{folder} already holds a run; add --resume to go on with it, or give another --out")
        different = sorted(key for key in {*before, *settings} if before.get(key) != without_nan(settings).get(key))
        if different:
            key = different[0]
            raise InputError(
                f"{folder} was begun with {key} = {before.get(key)!r}, now {settings.get(key)!r}; use the same settings or another --out"
            )
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is not empty and holds no seqfer run; give another --out")
    write_json(file, settings)
    write_json(folder / "versions.json", {"versions": versions(), "machine": machine()})
