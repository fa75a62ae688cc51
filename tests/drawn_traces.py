"""Drawn films for the tests of traces: run folders with a known valence, and raters who see it late and noisily."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from seqfer.core.files import write_atomically, write_json
from seqfer.traces.trace import Trace
from seqfer.traces.writing import write_csv

Curve = Callable[[np.ndarray], np.ndarray]


def wave(phase: float = 0.0) -> Curve:
    """Valence that moves on two scales of time."""
    return lambda t: 0.5 * np.sin(t / 7 + phase) + 0.25 * np.sin(t / 2.3 + 2 * phase)


def write_run(
    folder: Path, curve: Curve, seconds: int = 60, film: str = "", hz: int = 5, faces: tuple[int, ...] = (1,)
) -> Path:
    """A run folder with frames.csv and valence_1hz.csv; face 2, if wanted, is seen in the first ten seconds only and always at -0.5."""
    frames, means = ["frame,time_s,shot,face,x1,y1,x2,y2,score,neutral,emotion,valence"], []
    for k in range(seconds * hz):
        for face in faces:
            if face == 1 or k < 10 * hz:
                value = float(np.clip(curve(np.array(k / hz)), -1, 1)) if face == 1 else -0.5
                frames.append(f"{k},{k / hz:.6f},1,{face},0.00,0.00,9.00,9.00,0.9000,1.000000,neutral,{value:.6f}")
    for second in range(seconds):
        values = np.clip(curve(second + np.arange(hz) / hz), -1, 1)
        means.append(f"{second},1,{values.mean():.6f},{values.std(ddof=1):.6f},{hz},1.000000,1.000000")
    write_atomically(folder / "frames.csv", "\n".join(frames) + "\n")
    header = "second,face,valence,valence_sd,frames,coverage,mean_neutral"
    write_atomically(folder / "valence_1hz.csv", "\n".join([header, *means]) + "\n")
    if film:
        write_json(folder / "summary.json", {"film": {"name": film}})
    return folder


def write_rater(path: Path, curve: Curve, seconds: float = 60, hz: float = 10, start_s: float = 0.0) -> Path:
    """A plain table of samples."""
    t = start_s + np.arange(round(seconds * hz)) / hz
    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(path, [Trace("valence", t, t, np.clip(curve(t), -1, 1))])
    return path


def late(curve: Curve, lag_s: float, noise: float = 0.0, seed: int = 0) -> Curve:
    """What a rater who comes `lag_s` late sees of a curve."""
    rng = np.random.default_rng(seed)
    return lambda t: curve(t - lag_s) + rng.normal(0, noise, np.shape(t)) * (noise > 0)
