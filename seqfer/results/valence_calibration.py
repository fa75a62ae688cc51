"""`seqfer.calibrate`, `seqfer.read_calibration` and `seqfer calibrate-valence`: predicted valence fitted to a study's ratings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError, SeqferError
from seqfer.core.repeated import counted
from seqfer.results._folders import check_folder, folder_of
from seqfer.results._memory_traces import pairing_of
from seqfer.results._paths import AnyPath
from seqfer.results._settings import settings_of
from seqfer.runs.names import CALIBRATION_JSON, FILMS_CSV

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.raters.calibration_map import Map
    from seqfer.raters.films import Pairing
    from seqfer.raters.settings import CalibrateSettings
    from seqfer.results._memory_traces import Predicted
    from seqfer.results.annotations import Annotations
    from seqfer.runs.kinds.calibrate_valence import CalibrateValenceReport


@dataclass(frozen=True, eq=False)
class ValenceCalibration:
    """A map from predicted to rated valence, and its figures on videos that it was not fitted on.

    `record` is the content of calibration.json, `checksum` the sha256 of that file; `folder` is None where nothing was kept. `unmatched` are
    annotation files that belong to no video.
    """

    record: CalibrateValenceReport
    checksum: str
    folder: Path | None = None
    unmatched: tuple[Path, ...] = ()

    @property
    def map(self) -> Map:
        """The map that was fitted on all videos: `map(values)` maps an array of valence (unsmoothed predictions), NaN is kept."""
        from seqfer.raters.calibration_map import map_from_dict

        return map_from_dict(self.record.map)

    @property
    def table(self) -> pd.DataFrame:
        """A row per `video`, and their mean: `fold`, `n` bins, RMSE and CCC `_before` and `_after` the map of the other folds.

        Where `smooth` was set also of the smoothed prediction, as in `ccc_after_smoothed`, and `smooth_s`, the standard deviation in seconds.
        """
        import pandas as pd

        from seqfer.raters.calibration import scored_columns, sides_of
        from seqfer.report.calibration_text import MEAN_ROW

        known = scored_columns(self.record)
        rows: list[dict[str, Any]] = [
            {
                "video": row.film,
                "fold": row.fold,
                "n": row.n,
                **{f"{name}_{side}": getattr(sides_of(row)[side], name) for name, side in known},
                **({"smooth_s": row.smoothed.smooth_s} if row.smoothed else {}),
            }
            for row in self.record.films
        ]
        means = {f"{name}_{side}": self.record.summary[side][name].mean for name, side in known}
        return pd.DataFrame([*rows, {"video": MEAN_ROW, **means}]).astype({"fold": "Int64", "n": "Int64"})

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know of the videos, and those that could not be used, a line each."""
        from seqfer.report.calibration_text import problems, warnings

        return (*warnings(self.record), *problems(self.record))

    @property
    def failed(self) -> dict[str, str]:
        """The problem of every video that could not be used."""
        return {one["film"]: one["problem"] for one in self.record.failed}

    def apply(self, run: AnyPath) -> list[Path]:
        """Write valence_1hz_calibrated.csv into a folder of `seqfer.annotate(..., out=...)`, or into all those in a folder; returns their paths.

        No other file is changed. Raises InputError for a folder without valence, once those with valence are calibrated.
        """
        written, failed = apply_to_runs(self.map, self.checksum, Path(run))
        if failed:
            raise InputError(f"{failed[0]} ({len(failed)} of {len(failed) + len(written)} folders are not calibrated)")
        return written

    def __str__(self) -> str:
        from seqfer.report.calibration_text import console

        return "\n".join([console(self.record, self.unmatched), *(f"Note: {line}" for line in self.warnings)])

    def __repr__(self) -> str:
        return f"<ValenceCalibration{f' in {self.folder}' if self.folder else ''}: {self.map.in_words()}>"

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, float_format="{:.4f}".format, na_rep=""))


def calibrate(
    runs: AnyPath | Annotations | Mapping[str, Predicted],
    annotations: AnyPath | Iterable[AnyPath],
    *,
    out: AnyPath | None = None,
    progress: bool = True,
    **settings: Any,
) -> ValenceCalibration:
    """Fit predicted valence to a study's ratings, by a map that is evaluated on other videos. The command is `seqfer calibrate-valence`.

    `runs` is a folder of folders of `seqfer.annotate(..., out=...)` of two or more videos; or in memory Annotations, or a mapping from names to
    predictions, as in `seqfer.compare_traces`. `annotations` are files named after the videos, or folders of them. `out` is the folder for
    calibration.json and films.csv; without it nothing is kept on disk. `progress` shows a progress bar. `settings` are those of
    `seqfer calibrate-valence` (docs/commands.md): `map="monotone"`, `folds=5`, `lag="estimate"`.

    Videos that cannot be used are in `.failed`. Raises InputError where fewer than two videos can be used or predictions are constant,
    SettingsError for an unknown setting or value.

    Example:
        >>> import numpy as np, pandas as pd, seqfer
        >>> t = np.arange(0, 60, 0.5)
        >>> predicted = {}
        >>> for name, phase in (("a", 0), ("b", 1)):
        ...     pd.DataFrame({"time_s": t, "valence": np.sin(t / 5 + phase)}).to_csv(f"{name}_ann.csv", index=False)
        ...     predicted[name] = pd.DataFrame({"time_s": t, "valence": 0.5 * np.sin(t / 5 + phase) + 0.1})
        >>> calibration = seqfer.calibrate(predicted, ["a_ann.csv", "b_ann.csv"])
        >>> calibration.map([0.35, 0.6]).round(2).tolist()
        [0.5, 1.0]
    """
    from seqfer.core.files import file_checksum
    from seqfer.raters.settings import CalibrateSettings

    chosen = settings_of(CalibrateSettings, {}, settings)
    pairing = pairing_of(runs, annotations, chosen.prediction_axis)
    with folder_of(out) as folder:
        record = run_calibration(pairing, chosen, folder, command="seqfer.calibrate", quiet=not progress)
        checksum = file_checksum(folder / CALIBRATION_JSON)
    return ValenceCalibration(record, checksum, None if out is None else folder, pairing.unpredicted)


def read_calibration(path: AnyPath) -> ValenceCalibration:
    """The calibration of an earlier `seqfer calibrate-valence` or `seqfer.calibrate(..., out=...)`: its folder, or calibration.json.

    Raises InputError for a file that cannot be read or is of something else.

    Example:
        >>> import numpy as np, pandas as pd, seqfer
        >>> t = np.arange(0, 60, 0.5)
        >>> predicted = {}
        >>> for name, phase in (("a", 0), ("b", 1)):
        ...     pd.DataFrame({"time_s": t, "valence": np.sin(t / 5 + phase)}).to_csv(f"{name}_ann.csv", index=False)
        ...     predicted[name] = pd.DataFrame({"time_s": t, "valence": 0.5 * np.sin(t / 5 + phase)})
        >>> _ = seqfer.calibrate(predicted, ["a_ann.csv", "b_ann.csv"], out="study")
        >>> round(seqfer.read_calibration("study").map.slope, 2)
        2.0
    """
    from seqfer.core.files import file_checksum
    from seqfer.runs.kinds.calibrate_valence import CalibrateValenceReport
    from seqfer.runs.records import read_record

    file = Path(path) / CALIBRATION_JSON if Path(path).is_dir() else Path(path)
    return ValenceCalibration(read_record(CalibrateValenceReport, file), file_checksum(file), file.parent)


def run_calibration(
    pairing: Pairing, settings: CalibrateSettings, out: Path, *, command: str, quiet: bool = False
) -> CalibrateValenceReport:
    """Fit, evaluate, and write calibration.json and films.csv into `out`. Raises as `calibrate`, and InputError where `out` is of another command."""
    from dataclasses import replace

    from seqfer.raters.calibration import calibration_report, read_films, write_table
    from seqfer.runs.progress import ProgressBar
    from seqfer.runs.records import write_record

    check_folder(out, CALIBRATION_JSON, FILMS_CSV)
    with ProgressBar(len(pairing.films), "videos", quiet or not pairing.many) as bar:
        films, failed = read_films(pairing, settings, bar.step)
    try:
        record = replace(calibration_report(films, settings, command, pairing), failed=tuple(failed))
    except InputError as error:
        lines = counted(((one["film"], one["problem"]) for one in failed), len(films) + len(failed))
        raise InputError("; ".join([str(error), *lines])) from None
    write_table(record, out / FILMS_CSV)
    write_record(out / CALIBRATION_JSON, record)
    return record


def apply_to_runs(fitted: Map, checksum: str, folder: Path) -> tuple[list[Path], list[str]]:
    """Apply a map to a run folder or to all those in a folder: the files written, and the problem of every folder that could not be calibrated.

    `checksum` is that of the calibration's file. Raises InputError for a single run folder without valence, and where there is none.
    """
    from seqfer.raters.calibration import apply_map
    from seqfer.raters.films import is_run_folder, run_folders

    if is_run_folder(folder):
        return [apply_map(fitted, checksum, folder)], []
    runs = list(run_folders(folder)) if folder.is_dir() else []
    if not runs:
        raise InputError(f"{folder}: not a run folder of annotate-video, nor a folder of them; check the path")
    written, problems = list[Path](), list[str]()
    for run in runs:
        try:
            written.append(apply_map(fitted, checksum, run))
        except SeqferError as error:
            problems.append(str(error))
    return written, problems
