"""Calibrates valence to a study: fits maps on some videos, scores them on others, never on a training video, and applies them to run folders.

Every video has equal weight in a fit, whatever its length, as in the mean over videos. The annotation's delay, where it is removed, is
estimated against the uncalibrated prediction; an increasing line does not change it.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqfer import __version__
from seqfer.core.csv_text import csv_rows, csv_text
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import file_checksum, write_atomically, write_json
from seqfer.metrics.traces import trace_scores
from seqfer.raters.alignment import FilmTraces, align, applied_shifts, estimated_lags, lag_warnings
from seqfer.raters.calibration_map import AffineMap, Map, fit_map, map_as_dict, map_from_dict
from seqfer.raters.figures import mean_and_sd
from seqfer.raters.films import FilmFiles, Pairing
from seqfer.raters.reading import OnFilm, file_checksums, for_each_film
from seqfer.raters.settings import TraceSettings
from seqfer.runs.folder import machine, versions
from seqfer.runs.names import CALIBRATED_CSV, SECONDS_CSV

Floats = NDArray[np.float64]
Report = dict[str, Any]
SCORED = ("rmse", "ccc")


@dataclass(frozen=True)
class Film:
    """Data for fitting a map: prediction and annotation (time,) in the bins that have both, and checksums of the files by path; `shifts_s` is the
    shift of each rater, `warnings` what a reader must know about the video."""

    name: str
    predicted: Floats
    truth: Floats
    checksums: Mapping[str, str]
    shifts_s: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()


def read_films(
    pairing: Pairing, settings: TraceSettings, on_film: OnFilm | None = None
) -> tuple[list[Film], list[dict[str, str]]]:
    """All videos that can be used, and a {"film", "problem"} for each that cannot. `on_film` is called after every video.

    For a single video raises its SeqferError.
    """

    def prepare(files: FilmFiles, film: FilmTraces) -> Film:
        lags, lag_rate_hz = estimated_lags(film, settings)
        aligned = align(film, settings, applied_shifts(lags, settings))
        both = aligned.both
        values = aligned.prediction[both], aligned.fused.values[both]
        warnings = (*film.notes, *lag_warnings(film, lags, lag_rate_hz, settings))
        shifts_s = tuple(map(float, aligned.shifts_s))
        return Film(files.stem, *values, file_checksums(files, film), shifts_s, warnings)

    return for_each_film(pairing, settings, prepare, on_film)


def film_folds(count: int, folds: int, seed: int) -> list[list[int]]:
    """Folds of `count` videos: every video in one fold, sizes as equal as possible, drawn by `seed`.

    `folds` 0: one fold per video. Raises SettingsError for fewer than 2 folds or more than videos, InputError for fewer than 2 videos.
    """
    if count < 2:
        raise InputError(
            f"{count} video with both prediction and annotation; 2 or more are needed, as a map is never scored on a video it was fitted on"
        )
    folds = folds or count
    if not 2 <= folds <= count:
        raise SettingsError(f"--folds is {folds}; allowed: 2 to {count}, the number of videos")
    order = np.random.default_rng(seed).permutation(count) if folds < count else np.arange(count)
    return [sorted(int(k) for k in order[fold::folds]) for fold in range(folds)]


def cross_calibrate(films: Sequence[Film], kind: str, folds: int = 0, seed: int = 0) -> list[Report]:
    """A row per video: `fold`, `n`, and `before` and `after` (rmse, ccc) with the map that was fitted on the videos of the other folds."""
    rows: dict[int, Report] = {}
    for number, scored in enumerate(film_folds(len(films), folds, seed), 1):
        fitted = fit_films([film for k, film in enumerate(films) if k not in scored], kind)
        for k in scored:
            film = films[k]
            before, after = trace_scores(film.predicted, film.truth), trace_scores(fitted(film.predicted), film.truth)
            rows[k] = {
                "film": film.name,
                "fold": number,
                "n": before.n,
                "before": {name: getattr(before, name) for name in SCORED},
                "after": {name: getattr(after, name) for name in SCORED},
                "map": map_as_dict(fitted),
            }
    return [rows[k] for k in range(len(films))]


def fit_films(films: Sequence[Film], kind: str) -> Map:
    """One map of all these videos with equal weights. Raises as `fit_map`."""
    weights = [np.full(len(film.truth), 1 / len(film.truth)) for film in films]
    return fit_map(
        kind,
        np.concatenate([film.predicted for film in films]),
        np.concatenate([film.truth for film in films]),
        np.concatenate(weights),
    )


def calibration_report(
    films: Sequence[Film], kind: str, folds: int, settings: TraceSettings, command: str = ""
) -> Report:
    """The contents of calibration.json: the map of all videos, and each video's figures with a map of the others."""
    rows = cross_calibrate(films, kind, folds, settings.seed)
    return {
        "seqfer": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "settings": {"map": kind, "folds": folds or len(films), **asdict(settings)},
        "map": map_as_dict(fit_films(films, kind)),
        "films": rows,
        "summary": {
            side: {name: mean_and_sd([row[side][name] for row in rows]) for name in SCORED}
            for side in ("before", "after")
        },
        "shifts_s": {film.name: list(film.shifts_s) for film in films},
        "warnings": {film.name: list(film.warnings) for film in films if film.warnings},
        "checksums": {film.name: dict(film.checksums) for film in films},
        "versions": versions(),
        "machine": machine(),
    }


def write_table(report: Report, path: Path) -> None:
    """`films.csv`: a row per video with its fold and its figures before and after; undefined values are empty."""
    columns = [(name, side) for name in SCORED for side in ("before", "after")]
    table = [["film", "fold", "n", *(f"{name}_{side}" for name, side in columns)]]
    for row in report["films"]:
        values = [row[side][name] for name, side in columns]
        table.append([row["film"], row["fold"], row["n"], *("" if math.isnan(v) else f"{v:.6f}" for v in values)])
    write_atomically(path, csv_text(table))


def read_calibration(path: Path) -> Map:
    """The map of a calibration.json. Raises InputError when the file cannot be read or has none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); make it with `seqfer calibrate-valence`") from None
    return map_from_dict(value.get("map") if isinstance(value, dict) else None, str(path))


def apply_calibration(calibration: Path, run: Path) -> Path:
    """Write `valence_1hz_calibrated.csv` beside a run folder's `valence_1hz.csv`, which is not changed; returns its path.

    Same rows and columns, with `valence` mapped. The spread within a second is scaled by a line's slope; with a curve it is unknown
    and left empty. A JSON file beside it has the map. Raises InputError for a run folder without valence.
    """
    fitted, source, target = read_calibration(calibration), run / SECONDS_CSV, run / CALIBRATED_CSV
    try:
        with open(source, encoding="utf-8", newline="") as file:
            header, *rows = csv_rows(file)
        value, spread = header.index("valence"), header.index("valence_sd")
        for row in rows:
            if row[value]:
                row[value] = f"{float(fitted(float(row[value]))) + 0.0:.6f}"
            slope = fitted.slope if isinstance(fitted, AffineMap) else math.nan
            row[spread] = f"{slope * float(row[spread]):.6f}" if row[spread] and math.isfinite(slope) else ""
    except FileNotFoundError:
        raise InputError(f"{run}: no {SECONDS_CSV}; annotate the video with --valence first") from None
    except (OSError, ValueError, IndexError, csv.Error) as error:
        raise InputError(
            f"{source}: cannot be read as seconds of valence ({error}); annotate the video again"
        ) from None
    write_atomically(target, csv_text([header, *rows]))
    about = {
        "seqfer": __version__,
        "map": map_as_dict(fitted),
        "calibration_checksum": file_checksum(calibration),
        "valence_1hz_checksum": file_checksum(source),
    }
    write_json(target.with_suffix(".json"), about)
    return target
