"""`seqfer.compare_traces` and `seqfer evaluate-trace`: predicted valence beside raters' annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.results._folders import check_folder, folder_of
from seqfer.results._memory_traces import pairing_of
from seqfer.results._paths import AnyPath
from seqfer.results._result import Result
from seqfer.results._settings import settings_of
from seqfer.runs.names import ALIGNED_CSV, ALIGNED_FOLDER, EVALUATION_JSON, REPORT_HTML, SUMMARY_JSON

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.raters.alignment import Aligned
    from seqfer.raters.films import Pairing
    from seqfer.raters.settings import EvaluateTraceSettings
    from seqfer.results._memory_traces import Predicted
    from seqfer.results.annotations import Annotations
    from seqfer.runs.kinds.evaluate_trace import EvaluateTraceReport

_KIND = ["side", "every_s", "smoothed"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TraceComparison(Result["EvaluateTraceReport"]):
    """Predictions compared with raters. `record` is the content of evaluation.json.

    `aligned` has a row per video and bin: `video`, `start_s` in seconds, `prediction`, `prediction_smoothed` where it is compared, `annotation`
    (the raters fused), `spread` between raters, `raters` (how many rated), and a column per rater; missing where there is no value. Delays
    are removed where `lag` says so. Figures of one kind have in common `side` (as_rated or lag_corrected), `every_s` (missing where
    all bins are compared) and `smoothed` (whether the prediction was).
    """

    aligned: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """A row per kind of figure and `video`, and of several videos their mean and the pooled values: `n` pairs, RMSE, CCC, PCC, SAGR and MAE, each
        with the ends of its interval (`rmse`, `rmse_low`, `rmse_high`), missing where undefined."""
        import pandas as pd

        from seqfer.metrics.traces import MEASURES
        from seqfer.report.trace_text import MEAN_ROW, POOLED_ROW

        rows: list[dict[str, Any]] = []
        for kind in self.record.summary:
            about = dict(zip(_KIND, kind.kind, strict=True))
            for film in self.record.films:
                rows += [
                    {"video": film.film, **about, "n": one.n, **_with_ends(asdict(one), one.intervals)}
                    for one in film.figures
                    if one.kind == kind.kind
                ]
            if len(self.record.films) > 1:
                rows.append({"video": MEAN_ROW, **about, **_with_ends(kind.mean)})
                rows += [{"video": POOLED_ROW, **about, **asdict(kind.pooled)}] if kind.pooled else []
        columns = ["video", *_KIND, "n", *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high"))]
        return pd.DataFrame(rows, columns=columns).astype({"n": "Int64", "every_s": float})

    @property
    def summary(self) -> pd.DataFrame:
        """A row per kind of figure and `measure`: `mean` and `sd` over `count` videos, and `pooled`, that of all values of all videos."""
        import pandas as pd

        rows = [
            (*kind.kind, name, mean, kind.sd[name], kind.count[name], getattr(kind.pooled, name, None))
            for kind in self.record.summary
            for name, mean in kind.mean.items()
        ]
        table = pd.DataFrame(rows, columns=[*_KIND, "measure", "mean", "sd", "count", "pooled"])
        return table.astype({"every_s": float})

    @property
    def raters(self) -> pd.DataFrame:
        """A row per `video` and rater (`name`): seconds rated, fraction missing, weight in the fusion, estimated delay `lag_s` with its correlation,
        and removed delay `shift_s`."""
        import pandas as pd

        columns = ["name", "rated_s", "missing", "weight", "lag_s", "lag_correlation", "lag_at_edge", "shift_s"]
        rows = [[film.film, *(getattr(r, name) for name in columns)] for film in self.record.films for r in film.raters]
        return pd.DataFrame(rows, columns=["video", *columns])

    @property
    def agreement(self) -> pd.DataFrame:
        """A row per `video` with several raters and `side`: ICC(2,k), ICC(3,k), Krippendorff's alpha, and how many bins all of the raters rated."""
        import pandas as pd

        columns = ["icc2k", "icc3k", "alpha", "complete", "raters"]
        rows = [
            [film.film, side, *(getattr(found, name) for name in columns)]
            for film in self.record.films
            for side, found in film.agreement.items()
        ]
        return pd.DataFrame(rows, columns=["video", "side", *columns])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know of the videos, those that failed, and files without a match, a line each."""
        from seqfer.report.trace_text import warnings

        return tuple(warnings(self.record))

    @property
    def failed(self) -> dict[str, str]:
        """The problem of every video that could not be compared."""
        return {one["film"]: one["problem"] for one in self.record.failed}

    def __str__(self) -> str:
        from seqfer.report.trace_text import console

        return console(self.record)


def compare_traces(
    prediction: Predicted | Annotations | Mapping[str, Predicted],
    annotations: AnyPath | Iterable[AnyPath],
    *,
    out: AnyPath | None = None,
    progress: bool = True,
    **settings: Any,
) -> TraceComparison:
    """Compare predicted valence with raters' annotations: RMSE, CCC, PCC, SAGR and MAE with intervals. The command is `seqfer evaluate-trace`.

    `prediction` is a folder of `seqfer.annotate(..., out=...)`, a trace file, or a folder of these; or in memory an Annotation, or a data frame with
    the column `time_s` (or `second`, for means over whole seconds) and values in [-1, 1] in `valence`, in its only other column, or in
    the one that `prediction_axis` names; a column `face` tells faces apart. Several videos are Annotations, or a mapping from names to these.
    `annotations` are files of one or more raters, or folders of them, named after the videos (STEM.csv, STEM_RATER.csv or STEM/RATER.csv); both
    begin at video time 0. `out` is the folder for all files of the command; without it nothing is kept on disk. `settings` are those of `seqfer
    evaluate-trace` (docs/commands.md): `lag="estimate"`, `fusion="ewe"`, `every_s=2.0`, `smooth="auto"`.

    Of several videos those that cannot be compared are in `.failed`, and the others are compared. Raises InputError where a file is missing or cannot
    be read, nothing matches, or prediction and annotation do not overlap in time; SettingsError for an unknown setting or value.

    Example:
        >>> import numpy as np, pandas as pd, seqfer
        >>> t = np.arange(0, 60, 0.2)
        >>> rated = pd.DataFrame({"time_s": t, "valence": np.sin((t - 2) / 5)})
        >>> rated.to_csv("ann.csv", index=False)
        >>> predicted = pd.DataFrame({"time_s": t, "valence": 0.8 * np.sin(t / 5)})
        >>> agreement = seqfer.compare_traces(predicted, "ann.csv", lag="estimate")
        >>> agreement.table[["side", "ccc"]].round(2).values.tolist()
        [['as_rated', 0.9], ['lag_corrected', 0.97]]
        >>> round(float(agreement.raters["lag_s"].iloc[0]), 1)
        2.0
    """
    from seqfer.raters.settings import EvaluateTraceSettings

    chosen = settings_of(EvaluateTraceSettings, {}, settings)
    pairing = pairing_of(prediction, annotations, chosen.prediction_axis)
    with folder_of(out) as folder:
        record, aligned = run_trace_comparison(
            pairing, chosen, folder, command="seqfer.compare_traces", quiet=not progress
        )
        return TraceComparison.of(record, folder, out, aligned=_joined(record, aligned))


def run_trace_comparison(
    pairing: Pairing, settings: EvaluateTraceSettings, out: Path, *, command: str, quiet: bool = False
) -> tuple[EvaluateTraceReport, Mapping[str, Aligned]]:
    """Compare and write evaluation.json, report.html and the aligned bins into `out`; returns the record, and the bins by video.

    Raises as `compare_traces`, and InputError where `out` is of another command.
    """
    from seqfer.core.settings import narrowed
    from seqfer.raters.evaluation import evaluate_films
    from seqfer.raters.settings import TraceSettings
    from seqfer.raters.table import write_aligned, write_annotation
    from seqfer.report.trace_report import write_trace_report
    from seqfer.runs.progress import ProgressBar
    from seqfer.runs.records import write_record

    check_folder(out, EVALUATION_JSON, REPORT_HTML, SUMMARY_JSON)
    with ProgressBar(len(pairing.films), "videos", quiet or not pairing.many) as bar:
        record, aligned = evaluate_films(pairing, narrowed(settings, TraceSettings), command, bar.step)
    for stem, film in aligned.items():
        write_aligned(film, record, stem, out / ALIGNED_FOLDER / f"{stem}.csv" if pairing.many else out / ALIGNED_CSV)
        write_annotation(film, record, stem, settings.formats, out / "traces")
    write_record(out / EVALUATION_JSON, record)
    write_trace_report(record, aligned, out / REPORT_HTML)
    return record, aligned


def _joined(record: EvaluateTraceReport, aligned: Mapping[str, Aligned]) -> pd.DataFrame:
    """The bins of all videos in one table."""
    import pandas as pd

    from seqfer.raters.table import aligned_columns

    tables = [
        pd.DataFrame({"video": film.film, **aligned_columns(aligned[film.film], [r.name for r in film.raters])})
        for film in record.films
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["video", "start_s"])


def _with_ends(values: Mapping[str, Any], intervals: Mapping[str, tuple[float, float]] | None = None) -> dict[str, Any]:
    """Measures with the ends of their intervals, where they have any."""
    ends = {
        f"{name}_{end}": value for name, both in (intervals or {}).items() for end, value in zip(("low", "high"), both)
    }
    return {**values, **ends}
