"""`seqfer.ensemble` and `seqfer ensemble`: trained models combined."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import SettingsError
from seqfer.core.one_line import one_line
from seqfer.results._folders import folder_of
from seqfer.results._result import Result, row_named
from seqfer.results._settings import settings_of
from seqfer.results._tables import class_frame, confusion_frame, interval_columns, interval_values
from seqfer.runs.names import ENSEMBLE_HTML, ENSEMBLE_JSON, ENSEMBLE_WEIGHTS

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.experiments.ensemble.settings import EnsembleSettings
    from seqfer.runs.kinds.ensemble import EnsembleReport, EnsembleRow

_FITTING = ("fit_split", "train_split", "fit_share", "seed", "classes", "common_classes", "mirror")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Ensemble(Result["EnsembleReport"]):
    """Models and their combinations on the same clips. `record` is the content of ensemble.json."""

    PAGE_FILE = ENSEMBLE_HTML

    @property
    def table(self) -> pd.DataFrame:
        """A row per member and combination: `name`, `title`, `kind` (`member`, `combination`).

        `clips`, then `accuracy`, `macro_f1` and `ece`, each with the ends of its 95 % interval (`accuracy_low`, `accuracy_high`); `over_best_member`,
        the difference of the accuracy from that of the best member, with its interval. Rates are fractions, NaN where undefined.
        """
        import pandas as pd

        over = ["over_best_member", "over_best_member_low", "over_best_member_high"]
        columns = ["name", "title", "kind", *interval_columns(), *over]
        rows = [
            (row.name, row.title, row.kind, *interval_values(row), gain.value, gain.low, gain.high)
            for row in self.record.rows
            for gain in (row.over_best_member,)
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def weights(self) -> Path | None:
        """The file of the fitted ensemble, which `load` takes; None where nothing was kept or fitted."""
        return self.folder / ENSEMBLE_WEIGHTS if self.folder and not self.record.loaded else None

    def confusion(self, name: str) -> pd.DataFrame:
        """Numbers of clips of a member or combination: rows are actual, columns predicted classes. Raises SettingsError for another name."""
        return confusion_frame(self._row(name).confusion, self.record.classes)

    def per_class(self, name: str) -> pd.DataFrame:
        """A row per class of a member or combination: `class`, `precision`, `recall`, `f1` (fractions, NaN where undefined), `support` and
        `predicted` (numbers of clips). Raises SettingsError for another name."""
        return class_frame(self._row(name).per_class)

    def __str__(self) -> str:
        from seqfer.report.ensemble_report import console_table

        return console_table(self.record)

    def _row(self, name: str) -> EnsembleRow:
        return row_named({row.name: row for row in self.record.rows}, name, "name")


def ensemble(
    models: Sequence[str | os.PathLike[str]] = (),
    data: str | os.PathLike[str] = "",
    *,
    load: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: bool = True,
    **settings: Any,
) -> Ensemble:
    """Combine trained models: averaging, stacking, and logistic regressions on their features. The command is `seqfer ensemble`.

    `models` are two or more names of `seqfer models` with included weights, or .safetensors files; `data` is a manifest (.jsonl) or an embedded
    corpus. `load` is an ensemble.safetensors of an earlier run: it is scored, and nothing is fitted. `out` is the folder for the page,
    ensemble.json and the fitted ensemble.safetensors; without it nothing is kept on disk. `progress` logs what is computed to the logger
    `seqfer`. `settings` are those of `seqfer ensemble` (docs/commands.md): `split="PrivateTest"`, `fit_split="PublicTest"`.

    Raises InputError for data that cannot be read or was fitted on, SettingsError for an unknown model, setting or value, WeightsError for
    damaged weights.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=4)
        >>> run = seqfer.ensemble(["small", "compact"], "drawn.jsonl", fit_share=0.5, progress=False)
        >>> run.table["name"].tolist()
        ['small', 'compact', 'average', 'weighted', 'stacking', 'one_vs_rest', 'multinomial']
    """
    from seqfer.experiments.ensemble.settings import EnsembleSettings

    chosen = settings_of(EnsembleSettings, {"models": models, "data": data}, settings)
    with folder_of(out) as folder:
        loaded = None if load is None else Path(load)
        record = run_ensemble(chosen, folder, load=loaded, command="seqfer.ensemble", quiet=not progress)
        return Ensemble.of(record, folder, out)


def run_ensemble(
    settings: EnsembleSettings, out: Path, *, load: Path | None, command: str, quiet: bool = False
) -> EnsembleReport:
    """Fit, or load, and score; write ensemble.json, ensemble.html and a fitted ensemble into `out`. `command` is recorded in them."""
    from seqfer.report.ensemble_report import write_ensemble_report
    from seqfer.runs.records import write_record

    if not settings.data:
        raise SettingsError("no data; give a manifest (.jsonl) or an embedded corpus with --data")
    record = replace(_fit(settings, out, quiet) if load is None else _score(settings, load, quiet), command=command)
    write_record(out / ENSEMBLE_JSON, record)
    write_ensemble_report(record, out / ENSEMBLE_HTML)
    return record


def _fit(settings: EnsembleSettings, out: Path, quiet: bool) -> EnsembleReport:
    from seqfer.experiments.ensemble.file import save_ensemble
    from seqfer.experiments.ensemble.run import fit_ensemble

    fitted, record = fit_ensemble(settings, _silent if quiet else _logged)
    return replace(record, checksum=save_ensemble(out / ENSEMBLE_WEIGHTS, fitted))


def _score(settings: EnsembleSettings, file: Path, quiet: bool) -> EnsembleReport:
    """Raises SettingsError for options of the fit: a loaded ensemble cannot be changed."""
    from seqfer.experiments.ensemble.run import evaluate_ensemble

    unchanged = type(settings)()
    given = [name for name in _FITTING if getattr(settings, name) != getattr(unchanged, name)]
    if given:
        raise SettingsError(
            f"--{given[0].replace('_', '-')} is an option of the fit, and --load fits nothing; omit one of them"
        )
    record = evaluate_ensemble(
        file,
        settings.data,
        split=settings.split,
        models=settings.models,
        device=settings.device,
        runtime=settings.runtime,
        on_message=_silent if quiet else _logged,
    )
    return replace(record, loaded=str(file))


def _silent(message: str) -> None:
    """Shows nothing."""


def _logged(message: str) -> None:
    from seqfer.runs.progress import logger

    logger.info(one_line(message))
