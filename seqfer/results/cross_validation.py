"""`seqfer.cross_validate` and `seqfer cv`: a cross-validation, its tables and its page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError
from seqfer.results._folders import folder_of
from seqfer.results._result import Result, row_named
from seqfer.results._settings import settings_of
from seqfer.results._tables import confusion_frame, predictions_of
from seqfer.runs.names import REPORT_HTML, REPORT_JSON

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.experiments.crossval.settings import CvSettings
    from seqfer.runs.kinds.cv import CvReport
    from seqfer.runs.kinds.cv_valence import CvValenceReport


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CrossValidation(Result["CvReport | CvValenceReport"]):
    """A finished cross-validation.

    `record` is the content of report.json, `predictions` that of predictions.csv: a row per test clip (valence: per frame), head and repeat.
    `folder` is None where nothing was kept.
    """

    predictions: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """A row per head and measure: `head`, `title`, `measure`, `mean`, `standard_error` (over repeats, or over folds where there is one).

        The measure is `error_rate`, a fraction of the clips, or for valence RMSE, CCC, PCC and SAGR.
        """
        import pandas as pd

        return pd.DataFrame(list(self._scores()), columns=["head", "title", "measure", "mean", "standard_error"])

    @property
    def comparison(self) -> pd.DataFrame:
        """A row per tested pair of heads: `first`, `second`, `measure`, `difference` of the first minus the second, `standard_error`, `df`, `t`,
        `p_value`, `test`. The first row is the pair of the report's first sentence."""
        import pandas as pd

        columns = ["first", "second", "measure", "difference", "standard_error", "df", "t", "p_value", "test"]
        return pd.DataFrame(list(self._tests()), columns=columns)

    def confusion(self, head: str) -> pd.DataFrame:
        """Numbers of clips over all repeats: rows are actual, columns predicted classes. Raises SettingsError for a head that was not tested,
        InputError for valence."""
        if self.record.kind != "cv":
            raise InputError("a cross-validation of valence has no confusion matrix; .table has its scores")
        return confusion_frame(row_named(self.record.heads, head, "head").confusion, self.record.protocol.classes)

    def __str__(self) -> str:
        return console_table(self.record)

    def _scores(self) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        heads: dict[str, Any] = dict(self.record.heads)
        for name, head in heads.items():
            if self.record.kind == "cv":
                rows.append((name, head.title, "error_rate", head.error_rate_mean, head.error_rate_sem))
            else:
                rows += [(name, head.title, measure, s.mean, s.sem) for measure, s in head.scores.items()]
        return rows

    def _tests(self) -> list[tuple[Any, ...]]:
        first: Any = self.record.comparison
        pairs = [first] if self.record.kind == "cv" else (first or {}).values()
        return [
            (
                *c.heads,
                getattr(c, "measure", "error_rate"),
                c.difference,
                c.standard_error,
                c.df,
                c.t,
                c.p_value,
                c.test,
            )
            for c in (*filter(None, pairs), *self.record.comparisons)
        ]


def cross_validate(
    data: str | os.PathLike[str] = "posed",
    *,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    jobs: int = 0,
    progress: bool = True,
    **settings: Any,
) -> CrossValidation:
    """Cross-validate temporal heads on expression clips; no person is in two folds. The command is `seqfer cv`.

    `data` is a manifest (.jsonl) or an embedded corpus. `out` is the run folder; without it nothing is kept on disk. `resume` continues the
    interrupted run in `out`, whose settings hold where none are given. `jobs` folds are computed at once (0: one per core; the results are
    the same). `progress` shows a progress bar. `settings` are those of `seqfer cv` (docs/commands.md): `folds=5`, `heads=("lstm", "bilstm")`,
    `task="valence"`, or nested: `head_training={"epochs": 10}`.

    Raises InputError for data that cannot be read, SettingsError for an unknown setting or value, TrainingError where a loss is undefined.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=4)
        >>> run = seqfer.cross_validate("drawn.jsonl", folds=2, heads=["lstm"], encoder="resezap_mirrored", jobs=1, progress=False)
        >>> run.table[["head", "measure"]].values.tolist()
        [['lstm', 'error_rate'], ['mean', 'error_rate']]
    """
    from seqfer.experiments.crossval.settings import CvSettings

    with folder_of(out, resume) as folder:
        chosen = settings_of(CvSettings, {"data": data}, settings, resumed=folder if resume else None)
        record = run_cross_validation(
            chosen, folder, command="seqfer.cross_validate", resume=resume, jobs=jobs, quiet=not progress
        )
        return CrossValidation.of(record, folder, out, predictions=predictions_of(folder))


def run_cross_validation(
    settings: CvSettings, out: Path, *, command: str, resume: bool = False, jobs: int = 0, quiet: bool = False
) -> CvReport | CvValenceReport:
    """Cross-validate into the run folder `out` and write report.json and report.html; `command` is recorded in them."""
    from seqfer.experiments.crossval.run import cross_validate
    from seqfer.experiments.crossval.summary import summarise
    from seqfer.experiments.crossval.valence_summary import summarise_valence
    from seqfer.report import cv_report, valence_report
    from seqfer.runs.records import write_record

    run = cross_validate(settings, out, resume=resume, jobs=jobs, quiet=quiet)
    record: CvReport | CvValenceReport
    if settings.task == "valence":
        record = summarise_valence(run, command)
        write_record(out / REPORT_JSON, record)
        valence_report.write_valence_report(record, out / REPORT_HTML)
    else:
        record = summarise(run, command)
        write_record(out / REPORT_JSON, record)
        cv_report.write_cv_report(record, out / REPORT_HTML)
    return record


def console_table(record: CvReport | CvValenceReport) -> str:
    """The table as text."""
    from seqfer.report import cv_report, valence_report

    known: Any = record
    return str((cv_report if record.kind == "cv" else valence_report).console_table(known))
