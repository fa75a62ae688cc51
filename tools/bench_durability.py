"""What flushing to the disk and checksums cost: the demo's annotation and `seqfer cv`, each with and without them, alternately.

    python tools/bench_durability.py [--what annotate,cv] [--pairs 5] [-- OPTIONS OF cv]

Without: `os.fsync` does nothing, and the checksums of finished files, of blocks, of parts, of checkpoints and of cached arrays are constants.
Each run is a process with a new folder and an empty cache. Prints the seconds of every pair, the median ratio, and the share of the run's time
inside those functions (the sum over all processes, so it may count what runs beside the computing).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

TIMINGS = (
    "SEQFER_BENCH_TIMINGS"  # the file to which each timed call appends its seconds; unset: the functions are replaced
)


def patch(timings: str | None) -> None:
    """Time these functions, or replace them by constants. Worker processes import this file and do the same."""
    from seqfer.core import files
    from seqfer.experiments import clip_plan
    from seqfer.film import block_log, finishing, many
    from seqfer.runs import cache, checksums
    from seqfer.training import checkpoint

    def change(owner: Any, name: str, constant: Any) -> None:
        setattr(owner, name, timed(getattr(owner, name), timings) if timings else lambda *_, **__: constant)

    for owner, name, constant in (
        (os, "fsync", None),
        (block_log, "_checksum", "0"),
        (clip_plan, "_checksum", "0"),
        (checkpoint, "_checksum", "0"),
        (cache, "_block_checksums", b""),
        (checksums, "write_checksums", None),
    ):
        change(owner, name, constant)
    if not timings:
        change(cache, "is_whole", True)
        change(files, "_sync_folder", None)
    finishing.write_checksums = many.write_checksums = checksums.write_checksums


def timed(function: Callable[..., Any], timings: str) -> Callable[..., Any]:
    """The function, whose seconds are appended to a file."""

    def call(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            with open(timings, "a") as out:
                out.write(f"{time.perf_counter() - started}\n")

    return call


def one(what: str, folder: Path, film: str, options: Sequence[str]) -> None:
    """A run in this process; prints its seconds."""
    from seqfer.cli import main

    if what == "annotate":
        from seqfer.film.one import annotate_film
        from seqfer.film.settings import AnnotateSettings, OutputOptions

        started = time.perf_counter()
        annotate_film(film, folder / "out", AnnotateSettings(valence=True), OutputOptions(), quiet=True)
    else:
        started = time.perf_counter()
        if main(["cv", "--folds", "5", "--out", str(folder / "out"), *options]):
            raise SystemExit("cv failed")
    print(json.dumps(time.perf_counter() - started))


def draw_demo(folder: Path) -> Path:
    """The video of `make demo`."""
    demo = [sys.executable, Path(__file__).with_name("demo.py"), "--out", folder / "demo"]
    subprocess.run(demo, check=True, capture_output=True)
    return folder / "demo" / "film.mp4"


def measure(what: str, film: Path, timings: Path | None, options: Sequence[str]) -> float:
    """Seconds of a run in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "SEQFER_CACHE": str(folder / "cache"), TIMINGS: str(timings or "")}
        command = [sys.executable, __file__, "--one", what, str(folder), str(film), "--", *options]
        done = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
    return float(done.stdout.splitlines()[-1])


def compare(what: str, pairs: int, film: Path, timings: Path, options: Sequence[str]) -> None:
    """Measure the pairs and print them; which side is first alternates."""
    ratios, shares = [], []
    for pair in range(pairs):
        timings.write_text("")
        order = (True, False) if pair % 2 == 0 else (False, True)
        runs = {durable: measure(what, film, timings if durable else None, options) for durable in order}
        inside = sum(map(float, timings.read_text().split()))
        ratios.append(runs[True] / runs[False])
        shares.append(inside / runs[True])
        print(
            f"{what}, pair {pair + 1}: {runs[True]:.2f} s with, {runs[False]:.2f} s without, {inside:.3f} s inside",
            flush=True,
        )
    print(f"{what}: median ratio {statistics.median(ratios):.3f}, median share inside {statistics.median(shares):.2%}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--what", default="annotate,cv")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("options", nargs="*", help="options of cv")
    args = parser.parse_args()
    if args.one:
        one(args.one[0], Path(args.one[1]), args.one[2], args.options)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = draw_demo(folder) if "annotate" in args.what else Path()
        for what in args.what.split(","):
            compare(what, args.pairs, film, folder / f"timings-{what}", args.options)
    return 0


if TIMINGS in os.environ:
    patch(os.environ[TIMINGS] or None)
if __name__ == "__main__":
    sys.exit(main())
