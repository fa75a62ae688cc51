"""Frames per second and memory use of `seqfer annotate-video` on a video, and of decoding alone with the same reader, measured alternately.

    python tools/bench_film.py [VIDEO] [--people 1] [--seconds 60] [--pairs 3] [--detector yunet --detector-weights FILE]

Without VIDEO, a video of `--people` drawn people is made, 1280x720 at 25 frames per second. Prints every pair, the median ratio and the peak memory
use. Each measurement runs in its own process; nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def decoded_per_second(film: str) -> float:
    """Frames per second of decoding alone."""
    from seqfer.video import open_source

    started, count = time.perf_counter(), 0
    with open_source(film) as source:
        for frame in source.frames():
            count += frame.width > 0  # reading this attribute has a cost; no other one is read
    return count / (time.perf_counter() - started)


def annotated(film: str, detector: str, weights: str) -> tuple[float, float, int]:
    """(frames per second, peak memory in MB, faces) of annotating with valence."""
    from seqfer.film.one import annotate_film
    from seqfer.film.settings import AnnotateSettings, OutputOptions

    with tempfile.TemporaryDirectory() as folder:
        settings = AnnotateSettings(valence=True, detector=detector, detector_weights=weights)
        summary = annotate_film(film, Path(folder) / "out", settings, OutputOptions(), quiet=True)
    return summary.speed.frames_per_second, peak_mb(), summary.faces


def peak_mb() -> float:
    """Peak memory use of this process in MB; 0 where the system does not report it."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(float(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000


def main() -> int:
    """Measure the pairs, or one side of a pair."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", nargs="?", metavar="VIDEO", help="a video file")
    parser.add_argument("--people", type=int, default=1, help="number of drawn people")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the drawn video")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--detector", default="centerface")
    parser.add_argument("--detector-weights", default="", help="the file of a detector that needs one")
    parser.add_argument("--one", choices=["decode", "annotate"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        found = (
            [decoded_per_second(args.film)]
            if args.one == "decode"
            else annotated(args.film, args.detector, args.detector_weights)
        )
        print(json.dumps(found))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        film = args.film or drawn(Path(folder) / "drawn.mp4", args.people, args.seconds)
        ratios = []
        for pair in range(1, args.pairs + 1):
            (alone,) = measure("decode", film, args.detector, args.detector_weights)
            rate, memory, faces = measure("annotate", film, args.detector, args.detector_weights)
            ratios.append(rate / alone)
            print(
                f"pair {pair}: {rate:.0f} frames/s annotated with {faces} faces, {alone:.0f} decoded, ratio {ratios[-1]:.2f}, {memory:.0f} MB"
            )
    print(f"median ratio: {statistics.median(ratios):.2f}")
    return 0


def drawn(path: Path, people: int, seconds: float) -> str:
    """A video of drawn people who are visible from beginning to end."""
    from seqfer.posed import PosedFilm, write_posed_film

    write_posed_film(path, PosedFilm(tuple(range(1, people + 1)), seconds, 3, (1280, 720), 25.0))
    return str(path)


def measure(what: str, film: str, detector: str, weights: str) -> list[float]:
    """One measurement, in its own process."""
    command = [sys.executable, __file__, film, "--one", what, "--detector", detector, "--detector-weights", weights]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main())
