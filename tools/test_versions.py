"""`make test-versions`: installs seqfer with the oldest and the newest allowed versions of its requirements and runs the main job with each.

    python tools/test_versions.py [--pythons 3.11,3.12,3.13] [--keep FOLDER]

Environments are made with uv and thrown away: the oldest allowed versions with the first Python, the newest with every one. The job imports every
module, annotates a drawn video (valence, overlay, ELAN) with the detector that OpenCV includes, and evaluates `small` on drawn stills. Pythons that
are not installed are named and skipped. Needs the package registry; takes a few minutes. Exit code 1 when a job fails.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = "3.11,3.12,3.13"
OLDEST, NEWEST = "lowest-direct", "highest"
WORDS = {OLDEST: "oldest allowed versions", NEWEST: "newest allowed versions"}
SHOWN = (
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "scikit-learn",
    "opencv-python-headless",
    "av",
    "onnxruntime",
    "pandas",
    "pyarrow",
    "pydantic",
)

JOB = r"""
import importlib, json, pkgutil, sys
from importlib.metadata import version
from pathlib import Path
import numpy as np
import seqfer
from seqfer.cli import main
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, write_manifest
from seqfer.film.output.reading import read_rows
from seqfer.posed import PosedFilm, write_posed_film

out, shown = Path(sys.argv[1]), sys.argv[2].split(",")
print(", ".join(f"{name} {version(name)}" for name in shown))
for module in pkgutil.walk_packages(seqfer.__path__, "seqfer."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
video = out / "drawn.mp4"
write_posed_film(video, PosedFilm((1, 2), 2.0, 1, fps=25.0))
words = ["annotate-video", str(video), "--valence", "--overlay", "--detector", "haar", "--formats", "elan,webvtt"]
assert main([*words, "--out", str(out / "a"), "--quiet"]) == 0
rows = list(read_rows(out / "a"))
assert any(row.face is not None and -1 <= row.valence <= 1 for row in rows), "no row has a face with a valence"
np.save(out / "s.npy", np.random.default_rng(0).integers(0, 256, (6, 48, 48), np.uint8))
clips = tuple(Clip(f"c{k}", f"p{k}", ("anger", "fear")[k % 2], (f"s.npy#{k}",), "drawn") for k in range(6))
write_manifest(Manifest("drawn", ("anger", "fear"), clips, out), out / "s.jsonl")
for model in ("small", "compact"):
    assert main(["evaluate", model, "--data", str(out / "s.jsonl"), "--out", str(out / model)]) == 0
assert main(["compare", str(out / "small"), str(out / "compact")]) == 0
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pythons", default=PYTHONS, help=f"versions of Python, the oldest first (default: {PYTHONS})")
    parser.add_argument("--keep", type=Path, help="keep the environments and files in this folder")
    args = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory(prefix="seqfer-versions-") as temporary:
        for python, resolution in pairs(args.pythons.split(",")):
            what = f"Python {python}, {WORDS[resolution]}"
            if not python_found(python):
                print(f"skipped: {what}: this Python is not installed", flush=True)
                continue
            passed = tried(python, resolution, (args.keep or Path(temporary)) / f"{python}-{resolution}")
            print(f"{'passed' if passed else 'FAILED'}: {what}", flush=True)
            failed += [] if passed else [what]
    return 1 if failed else 0


def pairs(pythons: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The (Python, resolution) pairs: oldest versions may have no wheels for a newer Python, so they are tried with the first one only."""
    yield pythons[0], OLDEST
    yield from ((python, NEWEST) for python in pythons)


def python_found(python: str) -> bool:
    """Whether uv finds this Python."""
    return not uv("python", "find", "--no-project", python, quiet=True)


def tried(python: str, resolution: str, folder: Path) -> bool:
    """Installs into a new environment below `folder` and runs the job there."""
    environment, work = folder / "environment", folder / "work"
    work.mkdir(parents=True)
    interpreter = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    if uv("venv", "--quiet", "--python", python, str(environment)):
        return False
    if uv("pip", "install", "--quiet", "--python", str(interpreter), "--resolution", resolution, str(ROOT)):
        return False
    settings = {**os.environ, "SEQFER_CACHE": str(work / "cache"), "SEQFER_OFFLINE": "1"}
    job = [str(interpreter), "-c", JOB, str(work), ",".join(SHOWN)]
    return subprocess.run(job, cwd=work, env=settings, check=False).returncode == 0


def uv(*words: str, quiet: bool = False) -> int:
    """The exit code of a uv command."""
    return subprocess.run([sys.executable, "-m", "uv", *words], capture_output=quiet, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
