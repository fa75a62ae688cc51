"""`make demo`: draws a short video whose valence is known, annotates it, and prints how well the two agree.

    python tools/demo.py [--out FOLDER]

Writes into the folder (default: runs/demo, or the next free runs/demo-2, ...) film.mp4, truth.csv (frame, time_s, person, box, valence) and
annotation/ with the output of `seqfer annotate-video`: open annotation/report.html.
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
from seqfer.film.one import annotate_film
from seqfer.film.output.reading import read_rows
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.metrics.traces import ccc, rmse
from seqfer.posed import Absence, FaceTruth, PosedFilm, write_posed_film, write_truth
from seqfer.runs.folder import default_folder
from seqfer.runs.kinds.annotate_video import VideoSummary
from seqfer.runs.process_tuning import tune_for_video
from seqfer.runs.progress import ProgressBar

PEOPLE, SECONDS, SEED, FPS = (1, 2), 20.0, 1, 25.0
CUT_S, AWAY = 15.0, Absence(person=2, start_s=8.0, end_s=12.0)
SAME = 0.3  # least intersection over union at which a detected box counts as that of a drawn face

Means = dict[int, float]  # whole second -> mean valence
Box = tuple[float, float, float, float]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="an empty or new folder")
    out = parser.parse_args().out or default_folder("demo", resume=False)
    started = time.monotonic()
    try:
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise InputError(f"{out} exists and is not an empty folder; give another --out")
        truths = draw(out)
        summary = annotate(out)
    except SeqferError as error:
        print(f"make demo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"make demo: interrupted; {out} holds what was finished", file=sys.stderr)
        return 130
    for line in report_lines(out, truths, summary.faces, summary.detector.name):
        print(line)
    print(f"The demo took {time.monotonic() - started:.0f} s.")
    return 0


def draw(out: Path) -> list[FaceTruth]:
    """film.mp4 and truth.csv."""
    bar = ProgressBar(round(SECONDS * FPS), "frames drawn")
    try:
        film = PosedFilm(PEOPLE, SECONDS, SEED, fps=FPS, cuts_s=(CUT_S,), away=(AWAY,))
        truths = write_posed_film(out / "film.mp4", film, lambda done: bar.advance(done, "drawing"))
    finally:
        bar.close()
    write_truth(out / "truth.csv", truths)
    return truths


def annotate(out: Path) -> VideoSummary:
    """annotation/, as `seqfer annotate-video` writes it."""
    film, folder = out / "film.mp4", out / "annotation"
    command = f"seqfer annotate-video {film} --valence --overlay --formats elan,webvtt --out {folder}"
    print(f"\n$ {command}", file=sys.stderr)
    wanted = OutputOptions(overlay=True, formats=("elan", "webvtt"), command=command)
    tune_for_video()
    return annotate_film(str(film), folder, AnnotateSettings(valence=True), wanted)


def report_lines(out: Path, truths: Sequence[FaceTruth], tracks: int, detector: str) -> list[str]:
    """The lines that summarise the result."""
    folder = out / "annotation"
    owners, covered = match(folder, truths)
    known, found = true_seconds(truths), found_seconds(folder, owners)
    false_tracks = tracks - len(owners)
    lines = [
        "",
        f"Report:  {folder / 'report.html'} (open it in a browser)",
        f"Video:   {out / 'film.mp4'}; with boxes: {folder / 'overlay.mp4'}; true valence: {out / 'truth.csv'}",
        f"Faces:   {len(known)} people drawn, visible in {visible_segments(truths)} segments (one person leaves and returns; a cut ends a segment).",
        f"         {tracks} tracks found by {detector}: {len(owners)} of drawn people, {false_tracks} false.",
        f"         {len(set(owners.values()))} of {len(known)} people found, on {covered:.1%} of the frames that show them.",
        "Valence at 1 Hz, predicted against true:",
        f"         {'person':>6} {'seconds':>8} {'RMSE':>7} {'CCC':>7}   RMSE of a constant 0",
    ]
    for person, trace in known.items():
        both = sorted(trace.keys() & found[person].keys())
        true, predicted = (np.array([means[second] for second in both]) for means in (trace, found[person]))
        figures = rmse(predicted, true), ccc(predicted, true), rmse(np.zeros(len(both)), true)
        lines.append(f"         {person:>6} {len(both):>8} {figures[0]:7.2f} {figures[1]:7.2f}   {figures[2]:.2f}")
    return [
        *lines,
        "The faces are drawn, and the model was trained on photographs with raters' votes; the true values are those of the drawing.",
        "The figures test that video, faces and times are combined correctly; they are no measure of accuracy on real people.",
    ]


def visible_segments(truths: Sequence[FaceTruth], longest_gap_s: float = 1.0) -> int:
    """Number of times a person becomes visible: at the beginning, after a cut, or after an absence of more than `longest_gap_s`."""
    last: dict[int, FaceTruth] = {}
    count = 0
    for truth in truths:
        before = last.get(truth.person)
        count += before is None or before.shot != truth.shot or truth.time_s - before.time_s > longest_gap_s
        last[truth.person] = truth
    return count


def match(folder: Path, truths: Sequence[FaceTruth]) -> tuple[dict[int, int], float]:
    """{track: person} by overlap of the boxes, summed over frames, and the fraction of drawn faces that are covered by a box of their track.

    A track belongs to a person if it overlaps with that person's face on more than half of its frames.
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
    """{person: {second: mean of the true valence}}, over the frames that show the person."""
    values: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for truth in truths:
        values[truth.person][math.floor(truth.time_s + 1e-9)].append(truth.valence)
    return {person: {second: float(np.mean(v)) for second, v in seconds.items()} for person, seconds in values.items()}


def found_seconds(folder: Path, owners: dict[int, int]) -> dict[int, Means]:
    """{person: {second: mean of valence_1hz.csv}}; if two tracks of a person share a second, each is weighted by its number of frames."""
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
