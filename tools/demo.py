"""What `make demo` does: draws a short film whose valence is known, annotates it, and says how the two agree.

    python tools/demo.py [--out FOLDER]

Leaves in the folder (default: runs/demo, or the next free runs/demo-2, ...) film.mp4, truth.csv (frame, time_s, person, box, valence) and
annotation/ with all that `seqfer annotate-video` makes: open annotation/report.html.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError, SeqferError
from seqfer.film.one import AnnotateSettings, OutputOptions, annotate_film
from seqfer.film.output.reading import read_rows
from seqfer.metrics.traces import ccc, rmse
from seqfer.posed import Absence, FaceTruth, write_posed_film, write_truth
from seqfer.runs.folder import default_folder
from seqfer.runs.progress import ProgressBar

PEOPLE, SECONDS, SEED, FPS = (1, 2), 20.0, 1, 25.0
CUT_S, AWAY = 15.0, Absence(person=2, start_s=8.0, end_s=12.0)
SAME = 0.3  # overlap (intersection over union) from which a found box is that of a drawn face

Means = dict[int, float]  # whole second -> mean valence
Box = tuple[float, float, float, float]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="an empty or new folder")
    out = parser.parse_args().out or default_folder("demo", resume=False)
    started = time.monotonic()
    try:
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise InputError(f"{out} is there and no empty folder; give another --out")
        truths = draw(out)
        summary = annotate(out)
    except SeqferError as error:
        print(f"make demo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"make demo: interrupted; what there is of it is in {out}", file=sys.stderr)
        return 130
    for line in told(out, truths, summary["faces"], summary["detector"]["name"]):
        print(line)
    print(f"All of it took {time.monotonic() - started:.0f} s.")
    return 0


def draw(out: Path) -> list[FaceTruth]:
    """film.mp4 and truth.csv."""
    bar = ProgressBar(round(SECONDS * FPS), "frames drawn")
    try:
        truths = write_posed_film(
            out / "film.mp4",
            PEOPLE,
            seconds=SECONDS,
            seed=SEED,
            fps=FPS,
            cuts=(CUT_S,),
            away=(AWAY,),
            on_frame=lambda done: bar.advance(done, "drawing"),
        )
    finally:
        bar.close()
    write_truth(out / "truth.csv", truths)
    return truths


def annotate(out: Path) -> dict:
    """annotation/, as the command would make it."""
    film, folder = out / "film.mp4", out / "annotation"
    command = f"seqfer annotate-video {film} --valence --overlay --format elan,webvtt --out {folder}"
    print(f"\n$ {command}", file=sys.stderr)
    wanted = OutputOptions(overlay=True, formats=("elan", "webvtt"), command=command)
    return annotate_film(str(film), folder, AnnotateSettings(valence=True), wanted)


def told(out: Path, truths: Sequence[FaceTruth], tracks: int, detector: str) -> list[str]:
    """The outcome in plain words."""
    folder = out / "annotation"
    owners, covered = match(folder, truths)
    known, found = true_seconds(truths), found_seconds(folder, owners)
    strangers = tracks - len(owners)
    lines = [
        "",
        f"Report:  {folder / 'report.html'} (open it in a browser)",
        f"Film:    {out / 'film.mp4'}; drawn over: {folder / 'overlay.mp4'}; its true valence: {out / 'truth.csv'}",
        f"Faces:   {len(known)} people drawn, seen in {stays(truths)} stays (one leaves and comes back, and a cut ends every stay).",
        f"         {tracks} faces found by {detector}: {len(owners)} are theirs, {strangers} nobody's.",
        f"         {len(set(owners.values()))} of {len(known)} people found, on {covered:.1%} of their frames.",
        "Valence at 1 Hz, found against true:",
        f"         {'person':>6} {'seconds':>8} {'RMSE':>7} {'CCC':>7}   RMSE of always saying 0",
    ]
    for person, trace in known.items():
        both = sorted(trace.keys() & found[person].keys())
        true, said = (np.array([means[second] for second in both]) for means in (trace, found[person]))
        figures = rmse(said, true), ccc(said, true), rmse(np.zeros(len(both)), true)
        lines.append(f"         {person:>6} {len(both):>8} {figures[0]:7.2f} {figures[1]:7.2f}   {figures[2]:.2f}")
    return [
        *lines,
        "These faces are drawn, and the model learned from photographs and their raters' votes; the truth is that of the drawing.",
        "So the figures show that film, faces and times are put together rightly; how well people are read they do not show.",
    ]


def stays(truths: Sequence[FaceTruth], longest_gap_s: float = 1.0) -> int:
    """How often somebody comes into view: after a cut, or after having been away."""
    last: dict[int, FaceTruth] = {}
    count = 0
    for truth in truths:
        before = last.get(truth.person)
        count += before is None or before.shot != truth.shot or truth.time_s - before.time_s > longest_gap_s
        last[truth.person] = truth
    return count


def match(folder: Path, truths: Sequence[FaceTruth]) -> tuple[dict[int, int], float]:
    """{track: person} by overlap of the boxes, summed over frames, and the share of drawn faces that a box of theirs lies on.

    A track belongs to a person when it lies on that person's face on more than half of its frames.
    """
    drawn: dict[int, list[FaceTruth]] = defaultdict(list)
    for truth in truths:
        drawn[truth.frame].append(truth)
    length: dict[int, int] = defaultdict(int)
    on: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in read_rows(folder):
        if row.face is None or row.box_xyxy_px is None:
            continue
        length[row.face] += 1
        for truth in drawn[row.frame]:
            if overlap(row.box_xyxy_px, (truth.x1, truth.y1, truth.x2, truth.y2)) >= SAME:
                on[row.face][truth.person].add(row.frame)
    best = {track: max(people, key=lambda person: len(people[person])) for track, people in on.items()}
    owners = {track: person for track, person in best.items() if 2 * len(on[track][person]) > length[track]}
    seen = {(person, frame) for track, person in owners.items() for frame in on[track][person]}
    return owners, len(seen) / len(truths)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes x1 y1 x2 y2."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def true_seconds(truths: Sequence[FaceTruth]) -> dict[int, Means]:
    """{person: means of the true valence over whole seconds, of the frames on which the person is}."""
    values: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for truth in truths:
        values[truth.person][math.floor(truth.time_s + 1e-9)].append(truth.valence)
    return {person: {second: float(np.mean(v)) for second, v in seconds.items()} for person, seconds in values.items()}


def found_seconds(folder: Path, owners: dict[int, int]) -> dict[int, Means]:
    """{person: means of valence_1hz.csv}; where two tracks of a person share a second, each counts by its frames."""
    sums: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    with (folder / "valence_1hz.csv").open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if int(line["face"]) in owners and line["valence"]:
                held, frames = sums[owners[int(line["face"])]][int(line["second"])], int(line["frames"])
                held[0] += frames * float(line["valence"])
                held[1] += frames
    means = {person: {second: v / n for second, (v, n) in seconds.items()} for person, seconds in sums.items()}
    return defaultdict(dict, means)


if __name__ == "__main__":
    sys.exit(main())
