"""A study on the disk whose valence is known: recordings, annotations and ratings as the programs write them, without a video or a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqfer.traces.trace import Trace
from seqfer.traces.writing import write_csv

SECONDS, OFFSET_S = 60, 2.0
PEOPLE = ("P01", "P02", "P03", "P04", "P05", "P06")
GROUP_OF = dict(zip(PEOPLE, ("a", "a", "a", "b", "b", "b")))
STIMULI = ("comedy", "drama")
DIFFERENCE = (20, 35)  # seconds of comedy in which group a is higher


def valence(person: int, stimulus: str, seconds: np.ndarray) -> np.ndarray:
    """True valence at seconds of the stimulus: common to all, with a part of each participant's own."""
    common = 0.4 * np.sin(seconds / 5) if stimulus == "comedy" else 0.3 * np.cos(seconds / 7)
    own = 0.15 * np.random.default_rng(person + 10 * STIMULI.index(stimulus)).normal(size=len(seconds))
    raised = (
        0.45 * ((seconds >= DIFFERENCE[0]) & (seconds < DIFFERENCE[1])) if stimulus == "comedy" and person < 3 else 0
    )
    return np.clip(common + own + raised, -1, 1)


def write_study(folder: Path, raters: Sequence[str] = ("ann", "ben"), groups: bool = True, annotated: int = 99) -> Path:
    """study.toml with everything that it names; the first `annotated` recordings are annotated, and `raters` have rated all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ['title = "Two films"', f"raters = [{', '.join(repr(name) for name in raters)}]"]
    lines += [f'[[stimulus]]\nname = "{name}"' for name in STIMULI]
    for name in PEOPLE:
        lines.append(f'[[participant]]\nname = "{name}"' + (f'\ngroup = "{GROUP_OF[name]}"' if groups else ""))
    recordings = [(person, stimulus) for stimulus in STIMULI for person in range(len(PEOPLE))]
    for number, (person, stimulus) in enumerate(recordings):
        name = f"{PEOPLE[person]}-{stimulus}"
        (folder / f"{name}.mp4").write_bytes(b"a video")
        lines.append(
            f'[[recording]]\nparticipant = "{PEOPLE[person]}"\nstimulus = "{stimulus}"\nvideo = "{name}.mp4"\noffset_s = {OFFSET_S}'
        )
        times = np.arange(SECONDS + OFFSET_S)
        true = valence(person, stimulus, times - OFFSET_S)
        if number < annotated:
            _write_annotation(folder / "results" / name, times, np.clip(0.8 * true + 0.05, -1, 1))
        for k, rater in enumerate(raters):
            noise = 0.05 * np.random.default_rng(100 * number + k).normal(size=len(true))
            trace = Trace("valence", times, times + 1, np.clip(true + noise, -1, 1))
            write_csv(folder / "ratings" / "ratings" / name / f"{rater}.csv", [trace])
    path = folder / "study.toml"
    path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return path


def _write_annotation(folder: Path, times: np.ndarray, values: np.ndarray) -> None:
    folder.mkdir(parents=True)
    rows = [f"{int(time)},1,{value:.6f},25" for time, value in zip(times, values)]
    (folder / "valence_1hz.csv").write_text("\n".join(["second,face,valence,frames", *rows]) + "\n")
    (folder / "summary.json").write_text('{"film": {"name": "another-name.mp4"}}')
