"""`seqfer.evaluate_aus` and `seqfer evaluate-aus`: estimates of action units against a coder's labels."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.results._folders import check_folder, folder_of
from seqfer.results._result import Result
from seqfer.results._settings import settings_of
from seqfer.runs.names import EVALUATION_JSON, REPORT_HTML, SUMMARY_JSON

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.experiments.action_units.matching import EstimatedVideo, MatchedVideo
    from seqfer.experiments.settings import EvaluateAusSettings
    from seqfer.runs.kinds.evaluate_aus import EvaluateAusReport


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ActionUnitEvaluation(Result["EvaluateAusReport"]):
    """Estimates of action units against a coder's labels. `record` is the content of evaluation.json."""

    @property
    def table(self) -> pd.DataFrame:
        """A row per `action_unit` and `measure` (pcc, icc31, mae, f1, auc): `value`, and `low` and `high`, the ends of its interval; NaN where
        undefined. MAE is in intensities (0 to 5)."""
        import pandas as pd

        from seqfer.metrics.action_units import MEASURES

        rows = [
            (f"AU{unit.action_unit:02d}", measure, getattr(unit, measure), *unit.intervals[measure])
            for unit in self.record.units
            for measure in MEASURES
        ]
        return pd.DataFrame(rows, columns=["action_unit", "measure", "value", "low", "high"])

    @property
    def videos(self) -> pd.DataFrame:
        """A row per labelled video: `video`, `person`, `prediction`, `labelled` frames, and how many of them are `matched` with an estimate."""
        import pandas as pd

        return pd.DataFrame([vars(video) for video in self.record.videos])

    def __str__(self) -> str:
        from seqfer.report.evaluate_aus_report import console

        return console(self.record)


def evaluate_aus(
    results: str | os.PathLike[str],
    labels: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> ActionUnitEvaluation:
    """Evaluate estimates of action units against a coder's labels (DISFA, BP4D, or a CSV). The command is `seqfer evaluate-aus`.

    `results` is a folder with the run folders of `seqfer.annotate(..., geometry=True, out=...)`, named after the labelled videos; `labels` the
    folder `ActionUnit_Labels` of DISFA, `AU_OCC` of BP4D, or a CSV with the columns video, frame, AU01, AU12, ... and, where a person is in several
    videos, person. `out` is the folder for evaluation.json and the page; without it nothing is kept on disk. `settings` are those of `seqfer
    evaluate-aus` (docs/commands.md): `least_intensity=2.0`, `folds=3`.

    Raises InputError for labels that cannot be read, where nothing matches, and for fewer than two people; SettingsError for an unknown setting or
    value.

    Example:
        >>> import seqfer
        >>> evaluation = seqfer.evaluate_aus("results", "ActionUnit_Labels", folds=3)  # doctest: +SKIP
        >>> evaluation.table.query("measure == 'icc31'")  # doctest: +SKIP
    """
    from seqfer.experiments.settings import EvaluateAusSettings

    chosen = settings_of(EvaluateAusSettings, {}, settings)
    with folder_of(out) as folder:
        record = run_au_evaluation(Path(results), Path(labels), chosen, folder, command="seqfer.evaluate_aus")
        return ActionUnitEvaluation.of(record, folder, out)


def run_au_evaluation(
    results: Path, labels: Path, settings: EvaluateAusSettings, out: Path, *, command: str
) -> EvaluateAusReport:
    """Evaluate, and write evaluation.json and report.html into `out`. Raises as `evaluate_aus`, and InputError where `out` is of another command."""
    from seqfer import __version__
    from seqfer.core.settings import as_dict
    from seqfer.experiments.action_units.evaluation import evaluate_units, mean_of
    from seqfer.experiments.action_units.labels import DISFA, read_labels
    from seqfer.experiments.action_units.matching import check_matched, match, pair_names
    from seqfer.report.evaluate_aus_report import write_evaluate_aus_report
    from seqfer.runs.folder import machine, versions
    from seqfer.runs.kinds.evaluate_aus import EvaluateAusReport
    from seqfer.runs.records import write_record

    started = time.monotonic()
    check_folder(out, EVALUATION_JSON, REPORT_HTML, SUMMARY_JSON)
    coded, folders = read_labels(labels, settings.kind), _run_folders(results)
    pairs = pair_names([video.name for video in coded.videos], list(folders))
    first = settings.first_frame if settings.first_frame is not None else int(coded.kind == DISFA)
    videos = [
        match(video, pairs[video.name], _rows(folders[pairs[video.name]]), first)
        for video in coded.videos
        if video.name in pairs
    ]
    check_matched(videos)
    units = evaluate_units(coded, videos, settings)
    record = EvaluateAusReport(
        seqfer=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        settings={**as_dict(settings), "first_frame": first},
        labels=str(labels),
        labels_kind=coded.kind,
        intensities=coded.intensities,
        units=units,
        mean=mean_of(units),
        videos=tuple(_facts(video) for video in videos),
        without_estimate=tuple(sorted({*coded.units} - {unit.action_unit for unit in units})),
        without_labels=tuple(name for name in folders if name not in pairs.values()),
        without_prediction=tuple(video.name for video in coded.videos if video.name not in pairs),
        seconds=time.monotonic() - started,
        versions=versions(),
        machine=machine(),
    )
    write_record(out / EVALUATION_JSON, record)
    write_evaluate_aus_report(record, out / REPORT_HTML)
    return record


def _run_folders(results: Path) -> Mapping[str, Path]:
    """Name of the video, with its folders below the given one -> run folder. Raises InputError where there is none, or two have one name."""
    from seqfer.core.errors import InputError
    from seqfer.raters.films import is_run_folder, run_folders, stem_of, stems_in

    if not results.is_dir():
        raise InputError(f"{results}: is no folder; give the run folders of `seqfer annotate-video --geometry`")
    if is_run_folder(results):
        return {stem_of(results): results}
    found = stems_in(results, run_folders(results))
    if not found:
        raise InputError(f"{results}: has no run folder; make them with `seqfer annotate-video --geometry`")
    return found


def _rows(folder: Path) -> EstimatedVideo:
    """What an annotated video says of action units. Raises InputError as `read_table`."""
    import numpy as np

    from seqfer.experiments.action_units.matching import EstimatedVideo
    from seqfer.film.output.reading import read_table
    from seqfer.geometry.action_units import number_of

    table = read_table(folder)
    columns = {name: table.column(name) for name in table.schema.names}
    return EstimatedVideo(
        frames=columns["frame"].to_numpy(),
        faces=columns["face"].fill_null(-1).to_numpy(),
        units={
            number: np.asarray(column.to_numpy(), np.float64)
            for name, column in columns.items()
            if (number := number_of(name)) is not None
        },
        pictures=columns["picture"].to_pylist() if "picture" in columns else (),
    )


def _facts(video: MatchedVideo) -> Any:
    from seqfer.runs.kinds.evaluate_aus import LabelledVideoFacts

    return LabelledVideoFacts(
        video=video.labels.name,
        person=video.labels.person,
        prediction=video.prediction,
        labelled=len(video.labels.frames),
        matched=video.matched,
    )
