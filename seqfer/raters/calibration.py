"""Calibrates valence to a study: fits maps on some videos, scores them on others, never on a training video, and applies them to run folders.

Every video has equal weight in a fit, whatever its length, as in the mean over videos. The annotation's delay, where it is removed, is
estimated against the uncalibrated prediction; an increasing line does not change it. A smoothed prediction (`--smooth`) is calibrated beside the
unsmoothed one, with an SD and a map from the same videos; the map that `--apply` uses is of unsmoothed predictions, as the rows are.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqfer import __version__
from seqfer.core.csv_text import csv_rows, csv_text
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import file_checksum, write_atomically, write_json
from seqfer.core.input_files import read_json
from seqfer.metrics.traces import ccc, trace_scores
from seqfer.raters.alignment import FilmTraces, align, applied_shifts, estimated_lags, lag_warnings
from seqfer.raters.calibration_map import AffineMap, Map, fit_map, map_as_dict, map_from_dict
from seqfer.raters.figures import mean_and_sd
from seqfer.raters.films import FilmFiles, Pairing
from seqfer.raters.people import people_of
from seqfer.raters.reading import OnFilm, file_checksums, for_each_film
from seqfer.raters.settings import CalibrateSettings, TraceSettings
from seqfer.raters.smoothing import GRID_S, best_sd, check_enough, smoothed_bins
from seqfer.runs.folder import machine, versions
from seqfer.runs.kinds.calibrate_valence import (
    CalibratedFilm,
    CalibrateValenceReport,
    CalibrationScores,
    SmoothedMap,
    SmoothedScores,
)
from seqfer.runs.names import CALIBRATED_CSV, SECONDS_CSV
from seqfer.runs.results import MeanAndSd
from seqfer.traces.request import AUTO

Floats = NDArray[np.float64]
SCORED = ("rmse", "ccc")


@dataclass(frozen=True)
class Film:
    """Data for fitting a map: prediction and annotation (time,) in the bins that have both, and checksums of the files by path; `shifts_s` is the
    shift of each rater, `warnings` what a reader must know about the video, `smoothed` the prediction by the SD of its
    smoothing, if any, `person` who is in it ("" for a person who is in no other video)."""

    name: str
    predicted: Floats
    truth: Floats
    checksums: Mapping[str, str]
    shifts_s: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()
    smoothed: Mapping[float, Floats] = field(default_factory=dict)
    person: str = ""

    def at(self, sd_s: float) -> Film:
        """The same video with its prediction smoothed by this SD."""
        return replace(self, predicted=self.smoothed[sd_s])


def read_films(
    pairing: Pairing, settings: TraceSettings, on_film: OnFilm | None = None
) -> tuple[list[Film], list[dict[str, str]]]:
    """All videos that can be used, and a {"film", "problem"} for each that cannot. `on_film` is called after every video.

    For a single video raises its SeqferError.
    """
    fixed_s = settings.fixed_smooth_s()
    sds = GRID_S if settings.smooth == AUTO else () if fixed_s is None else (fixed_s,)
    stems = [files.stem for files in pairing.films]
    people = dict(zip(stems, people_of(stems, settings.people), strict=True))

    def prepare(files: FilmFiles, film: FilmTraces) -> Film:
        lags, lag_rate_hz = estimated_lags(film, settings)
        aligned = align(film, settings, applied_shifts(lags, settings))
        both = aligned.both
        return Film(
            files.stem,
            aligned.prediction[both],
            aligned.fused.values[both],
            file_checksums(files, film),
            tuple(map(float, aligned.shifts_s)),
            (*film.notes, *lag_warnings(film, lags, lag_rate_hz, settings)),
            {sd_s: smoothed_bins(film.prediction, sd_s, aligned.rate_hz, len(both))[both] for sd_s in sds},
            people[files.stem],
        )

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
        raise SettingsError(
            f"--folds is {folds}; allowed: 2 to {count}, the number of videos (of people, with --people)"
        )
    order = np.random.default_rng(seed).permutation(count) if folds < count else np.arange(count)
    return [sorted(int(k) for k in order[fold::folds]) for fold in range(folds)]


def person_folds(films: Sequence[Film], folds: int, seed: int) -> list[list[int]]:
    """The videos of each fold, by their places: `film_folds` of people, all videos of one person in one fold. Raises as `film_folds`."""
    people = [film.person or film.name for film in films]
    order = list(dict.fromkeys(people))
    if len(order) < 2 <= len(films):
        raise InputError(f"{len(films)} videos of one person ({order[0]}); 2 or more people are needed, or no --people")
    parts = film_folds(len(order), folds, seed)
    return [[k for k, person in enumerate(people) if person in {order[place] for place in part}] for part in parts]


def cross_calibrate(films: Sequence[Film], kind: str, folds: int = 0, seed: int = 0) -> list[CalibratedFilm]:
    """The figures of each video before and after the map that was fitted on the videos of the other folds; where videos have smoothed predictions,
    also those of the prediction smoothed by the SD that was chosen on the same videos as the map."""
    rows: dict[int, CalibratedFilm] = {}
    for number, scored in enumerate(person_folds(films, folds, seed), 1):
        others = [film for k, film in enumerate(films) if k not in scored]
        fitted = fit_films(others, kind)
        smoothing = fit_smoothed(others, kind)
        for k in scored:
            film = films[k]
            rows[k] = CalibratedFilm(
                film=film.name,
                fold=number,
                n=trace_scores(film.predicted, film.truth).n,
                before=_scores(film),
                after=_scores(film, fitted),
                map=map_as_dict(fitted),
                smoothed=smoothing and _smoothed_scores(film, *smoothing),
            )
    return [rows[k] for k in range(len(films))]


def _scores(film: Film, fitted: Map | None = None) -> CalibrationScores:
    scores = trace_scores(fitted(film.predicted) if fitted else film.predicted, film.truth)
    return CalibrationScores(rmse=scores.rmse, ccc=scores.ccc)


def _smoothed_scores(film: Film, sd_s: float, fitted: Map) -> SmoothedScores:
    film = film.at(sd_s)
    return SmoothedScores(smooth_s=sd_s, before=_scores(film), after=_scores(film, fitted), map=map_as_dict(fitted))


def fit_smoothed(films: Sequence[Film], kind: str) -> tuple[float, Map] | None:
    """The SD for these videos and the map of their predictions smoothed by it: of several SDs the one whose map gives these videos the highest mean
    CCC, the smallest of equal ones. None where the videos have no smoothed predictions."""
    sds = list(films[0].smoothed)
    if not sds:
        return None
    fitted = {sd_s: fit_films([film.at(sd_s) for film in films], kind) for sd_s in sds}
    if len(sds) == 1:
        return sds[0], fitted[sds[0]]
    scores = [[ccc(fitted[sd_s](film.smoothed[sd_s]), film.truth) for film in films] for sd_s in sds]
    chosen_s = best_sd(np.array(scores))
    return chosen_s, fitted[chosen_s]


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
    films: Sequence[Film], settings: CalibrateSettings, command: str = "", pairing: Pairing | None = None
) -> CalibrateValenceReport:
    """The contents of calibration.json: the map of all videos, and each video's figures with a map of the others.

    Raises InputError for fewer than two videos, and as `fit_map`; SettingsError for `folds` that the videos do not allow.
    """
    if settings.smooth == AUTO:
        check_enough([film.name for film in films], [film.person or film.name for film in films])
    rows = cross_calibrate(films, settings.map, settings.folds, settings.seed)
    smoothing = fit_smoothed(films, settings.map)
    asked = asdict(settings)
    kind, folds = asked.pop("map"), asked.pop("folds") or len({film.person or film.name for film in films})
    return CalibrateValenceReport(
        seqfer=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        settings={"map": kind, "folds": folds, **asked},
        map=map_as_dict(fit_films(films, kind)),
        smoothed=smoothing
        and SmoothedMap(
            smooth_s=smoothing[0],
            chosen_from=GRID_S if settings.smooth == AUTO else (),
            map=map_as_dict(smoothing[1]),
        ),
        films=tuple(rows),
        summary=_summary(rows),
        shifts_s={film.name: film.shifts_s for film in films},
        warnings={film.name: film.warnings for film in films if film.warnings},
        checksums={film.name: dict(film.checksums) for film in films},
        versions=versions(),
        machine=machine(),
        without_annotation=pairing.unannotated if pairing else (),
    )


def _summary(rows: Sequence[CalibratedFilm]) -> dict[str, dict[str, MeanAndSd]]:
    """Mean and standard deviation over videos by measure, of each of the sides."""
    return {
        side: {name: mean_and_sd([getattr(sides_of(row)[side], name) for row in rows]) for name in SCORED}
        for side in sides_of(rows[0])
    }


def sides_of(row: CalibratedFilm) -> dict[str, CalibrationScores]:
    """The figures of a video by name: before, after, and of the smoothed prediction."""
    sides = {"before": row.before, "after": row.after}
    if row.smoothed:
        sides |= {"before_smoothed": row.smoothed.before, "after_smoothed": row.smoothed.after}
    return sides


def scored_columns(report: CalibrateValenceReport) -> tuple[tuple[str, str], ...]:
    """(measure, side) of every figure of a video, in the order of a table's columns."""
    return tuple((name, side) for name in SCORED for side in sides_of(report.films[0]))


def write_table(report: CalibrateValenceReport, path: Path) -> None:
    """`films.csv`: a row per video with its fold and its figures before and after, also smoothed where that was set; undefined values are empty."""
    columns = scored_columns(report)
    smooth = ["smooth_s"] if report.smoothed else []
    table: list[list[object]] = [["film", "fold", "n", *(f"{name}_{side}" for name, side in columns), *smooth]]
    for row in report.films:
        values = [getattr(sides_of(row)[side], name) for name, side in columns]
        sd_s = [f"{row.smoothed.smooth_s:g}"] if row.smoothed else []
        table.append([row.film, row.fold, row.n, *("" if math.isnan(v) else f"{v:.6f}" for v in values), *sd_s])
    write_atomically(path, csv_text(table))


def read_calibration(path: Path) -> Map:
    """The map of a calibration.json. Raises InputError when the file cannot be read or has none."""
    value = read_json(path, "make it with `seqfer calibrate-valence`")
    return map_from_dict(value.get("map") if isinstance(value, dict) else None, str(path))


def apply_map(fitted: Map, checksum: str, run: Path) -> Path:
    """Write `valence_1hz_calibrated.csv` beside a run folder's `valence_1hz.csv`, which is not changed; returns its path.

    Same rows and columns, with `valence` mapped. The spread within a second is scaled by a line's slope; with a curve it is unknown
    and left empty. A JSON file beside it has the map, and the `checksum` of the calibration. Raises InputError for a run folder without valence.
    """
    source, target = run / SECONDS_CSV, run / CALIBRATED_CSV
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
        "calibration_checksum": checksum,
        "valence_1hz_checksum": file_checksum(source),
    }
    write_json(target.with_suffix(".json"), about)
    return target
