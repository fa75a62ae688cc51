"""Tests a valence trace from end to end on drawn videos: trains on some people, annotates another one, compares with delayed and noisy raters.

    python tools/exam_valence.py [--out FOLDER] [--films 150] [--film-seconds 10] [--minutes 10]

Draws videos of people whose valence is known, makes training clips from them (`seqfer prepare-films`), trains a network on their frames
(`seqfer train-valence`) and a temporal head on its features (`seqfer train-valence-head`), annotates a video of a person who is not in the training
set, simulates two raters of that video (20 Hz, 2.5 s late, noisy, exported as DARMA does), and evaluates at 1 Hz, with and without correction
of the delay. An existing folder is resumed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqfer.cli import main as seqfer
from seqfer.posed import FaceTruth, PosedFilm, write_posed_film
from seqfer.traces.resampling import resample
from seqfer.traces.trace import Trace
from seqfer.traces.writing import RatedVideo, write_csv, write_darma

TESTED, FIRST_TRAINED = 1, 100  # seeds of people
LAG_S, RATER_HZ, FPS = 2.5, 20.0, 25.0
ANALYSED_HZ = 10  # frames per second used for training and annotated
CONFIG = Path(__file__).parents[1] / "configs" / "film_valence.toml"
MARK_RMSE, MARK_CCC, MARK_LAG_S = 0.0857, 0.9, 0.3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/exam-valence"))
    parser.add_argument("--films", type=int, default=150, help="people to train on, one video each")
    parser.add_argument("--film-seconds", type=float, default=10.0)
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the annotated video")
    parser.add_argument("--head", default="bilstm")
    args = parser.parse_args()
    out: Path = args.out
    out.mkdir(parents=True, exist_ok=True)
    drawn = draw_training(out / "films", args.films, args.film_seconds)
    manifest = out / "films.jsonl"
    if not manifest.exists():
        call("prepare-films", *drawn, "--annotations", out / "films", "--fps", ANALYSED_HZ, "-o", manifest)
    levels, head = out / "levels", out / "head"
    if not (levels / "history.json").exists():
        resume = ["--resume"] if levels.exists() else []
        call("train-valence", "--config", CONFIG, "--data", manifest, "--out", levels, *resume)
    if not (head / "history.json").exists():
        network = levels / "valence.safetensors"
        call("train-valence-head", "--data", manifest, "--encoder", network, "--head", args.head, "--out", head)
    film, raters = draw_test(out, 60 * args.minutes)
    run = out / "annotation"
    if not (run / "summary.json").exists():
        model = head / "sequence.safetensors"
        resume = ["--resume"] if run.exists() else []
        call("annotate-video", film, "--valence", "--valence-model", model, "--fps", ANALYSED_HZ, "--out", run, *resume)
    folder = out / "evaluation"
    call("evaluate-trace", run, *raters, "--axis", "Valence", "--lag", "estimate", "--out", folder)
    return verdict(json.loads((folder / "evaluation.json").read_text())["films"][0])


def call(*words: object) -> None:
    """Runs one command of seqfer as on the command line; exits if it fails."""
    arguments = [str(word) for word in words]
    print("\n$ seqfer " + " ".join(arguments), flush=True)
    code = seqfer(arguments)
    if code:
        raise SystemExit(code)


def draw_training(folder: Path, films: int, seconds: float) -> list[Path]:
    """Videos of one person each, and their true valence as plain tables; existing videos are kept."""
    folder.mkdir(exist_ok=True)
    made = []
    for number in range(films):
        film = folder / f"person{number:02d}.mp4"
        made.append(film)
        if not film.with_suffix(".csv").exists():
            truths = write_posed_film(film, PosedFilm((FIRST_TRAINED + number,), seconds, number, fps=FPS))
            write_csv(film.with_suffix(".csv"), [truth_trace(truths, film.name)])
    return made


def draw_test(out: Path, seconds: float) -> tuple[Path, list[Path]]:
    """The video of a person who is not in the training set, and the exports of two raters."""
    film = out / "test.mp4"
    raters = [out / f"test_rater{number}.csv" for number in (1, 2)]
    if not all(path.exists() for path in raters):
        truths = write_posed_film(film, PosedFilm((TESTED,), seconds, 1000, fps=FPS))
        truth = truth_trace(truths, film.name)
        for number, path in enumerate(raters, 1):
            write_darma(path, simulated_rater(truth, seconds, number), video=RatedVideo(film.name))
    return film, raters


def truth_trace(truths: Sequence[FaceTruth], film: str) -> Trace:
    times = np.array([truth.time_s for truth in truths])
    return Trace("truth", times, times, np.array([truth.valence for truth in truths]), film, FPS)


def simulated_rater(truth: Trace, seconds: float, number: int) -> Trace:
    """A rater's joystick trace: the true values `LAG_S` later, smoothed over a third of a second, with slow and fast noise."""
    rng = np.random.default_rng([25, number])
    bins = int(seconds * RATER_HZ)
    times = (np.arange(bins) + 0.5) / RATER_HZ
    said = np.interp(times - LAG_S, truth.start_s, truth.values, left=0.0)
    said = np.convolve(said, np.ones(7) / 7, mode="same")
    slow = np.convolve(rng.standard_normal(bins + 200), np.exp(-np.arange(200) / 40), mode="valid")[:bins]
    said = said + 0.04 * slow / slow.std() + 0.03 * rng.standard_normal(bins)
    starts = np.arange(bins) / RATER_HZ
    rated = Trace(f"rater {number}", starts, starts + 1 / RATER_HZ, np.clip(said, -1, 1), truth.film, RATER_HZ)
    return resample(rated, RATER_HZ).as_trace(rated.name, truth.film)


def verdict(film: dict[str, Any]) -> int:
    """Prints the figures with their targets; returns 0 if all are met, else 1."""
    raw, corrected = (
        {figure["side"]: figure for figure in film["figures"]}[side] for side in ("as_rated", "lag_corrected")
    )
    lags = [rater["lag_s"] for rater in film["raters"]]
    worst = max(abs(lag - LAG_S) for lag in lags)
    checks = {
        f"RMSE {corrected['rmse']:.4f} (as rated {raw['rmse']:.4f}), at most {MARK_RMSE}": corrected["rmse"]
        <= MARK_RMSE,
        f"CCC {corrected['ccc']:.3f} (as rated {raw['ccc']:.3f}), at least {MARK_CCC}": corrected["ccc"] >= MARK_CCC,
        f"delay {', '.join(f'{lag:.2f}' for lag in lags)} s, true {LAG_S} s, within {MARK_LAG_S} s": worst
        <= MARK_LAG_S,
    }
    print()
    for words, met in checks.items():
        print(f"{'met   ' if met else 'MISSED'}  {words}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
