"""`seqfer.transfer` and `seqfer transfer`: a trained model fine-tuned on another corpus."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.results._folders import folder_of
from seqfer.results._result import Result, row_named
from seqfer.results._settings import settings_of
from seqfer.results._tables import confusion_frame, interval_columns, interval_values, predictions_of
from seqfer.runs.names import ENCODER_WEIGHTS, REPORT_HTML, REPORT_JSON

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.experiments.transfer.settings import TransferSettings
    from seqfer.runs.kinds.transfer import TransferReport


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Transfer(Result["TransferReport"]):
    """A model fine-tuned on another corpus, step by step.

    `record` is the content of report.json. `predictions` has a row per tested clip, `step`, `fold` and `protocol`: `clip`, `person`, `label`,
    `predicted`, and a column per class with its probability.
    """

    predictions: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """A row per `protocol` (`person`, `plain`) and `step`, with its `title`.

        `clips`, then `accuracy`, `macro_f1` and `ece`, each with the ends of its 95 % interval (`accuracy_low`, `accuracy_high`); `error_rate`, its
        mean over folds, and `standard_error`; `trainable` parameters; `chosen`, whether the step has the lowest validation loss. Rates are
        fractions, NaN where undefined.
        """
        import pandas as pd

        columns = [
            "protocol",
            "step",
            "title",
            *interval_columns(),
            "error_rate",
            "standard_error",
            "trainable",
            "chosen",
        ]
        rows = [
            (
                *(protocol, row.name, row.title),
                *interval_values(row),
                *(row.error_rate_mean, row.error_rate_sem, row.trainable, row.name == self.record.chosen),
            )
            for protocol, steps in self.record.protocols.items()
            for row in steps
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def weights(self) -> Path | None:
        """The model file of the chosen step; None where nothing was kept, or with folds, which have a model each."""
        return self.folder / ENCODER_WEIGHTS if self.folder and not self.record.folds else None

    def confusion(self, step: str = "", protocol: str = "") -> pd.DataFrame:
        """Numbers of clips of a step, by default the chosen one: rows are actual, columns predicted classes.

        `protocol` is by default the first of the run. Raises SettingsError for a step or protocol that the run does not have.
        """
        first = next(iter(self.record.protocols))
        rows = row_named(self.record.protocols, protocol or first, "protocol")
        row = row_named({row.name: row for row in rows}, step or self.record.chosen, "step")
        return confusion_frame(row.confusion, self.record.classes)

    def __str__(self) -> str:
        from seqfer.report.transfer_report import console_table

        return console_table(self.record)


def transfer(
    model: str | os.PathLike[str] = "compact",
    data: str | os.PathLike[str] = "",
    *,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    jobs: int = 0,
    progress: bool = True,
    **settings: Any,
) -> Transfer:
    """Fine-tune a trained model on another corpus and test it on people who were not in the training. The command is `seqfer transfer`.

    `model` is a name of `seqfer models` with included weights, or a .safetensors file; `data` a manifest (.jsonl) or an embedded corpus.
    `out` is the run folder, which has the fine-tuned encoder.safetensors too; without it nothing is kept on disk. `resume` continues the
    interrupted run in `out`, whose settings hold where none are given. `jobs` folds are computed at once (0: one per core; the results are
    the same). `progress` shows a progress bar. `settings` are those of `seqfer transfer` (docs/commands.md): `stages=("1", "2")`, `folds=5`, or
    nested: `training={"epochs": 5}`.

    Raises InputError for data that cannot be read, SettingsError for an unknown model, setting or value, WeightsError for damaged weights.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=4)
        >>> brief = {"folds": 2, "unfreeze": "last:1", "head_training": {"epochs": 1}, "training": {"epochs": 1}}
        >>> run = seqfer.transfer("small", "drawn.jsonl", **brief, jobs=1, progress=False)
        >>> run.table["step"].tolist()
        ['zero-shot', 'head', 'last-1']
    """
    from seqfer.experiments.transfer.settings import TransferSettings

    with folder_of(out, resume) as folder:
        named = {"model": model, "data": data}
        chosen = settings_of(TransferSettings, named, settings, resumed=folder if resume else None)
        record = run_transfer(chosen, folder, command="seqfer.transfer", resume=resume, jobs=jobs, quiet=not progress)
        return Transfer.of(record, folder, out, predictions=_predictions(folder, record))


def run_transfer(
    settings: TransferSettings, out: Path, *, command: str, resume: bool = False, jobs: int = 0, quiet: bool = False
) -> TransferReport:
    """Fine-tune into the run folder `out` and write report.json and report.html; `command` is recorded in them."""
    from seqfer.experiments.transfer.run import transfer
    from seqfer.experiments.transfer.summary import summarise
    from seqfer.report.transfer_report import write_transfer_report
    from seqfer.runs.records import write_record
    from seqfer.training.settings import need_data

    need_data(settings.data, "kdef")
    record = summarise(transfer(settings, out, resume=resume, jobs=jobs, quiet=quiet), command)
    write_record(out / REPORT_JSON, record)
    write_transfer_report(record, out / REPORT_HTML)
    return record


def _predictions(folder: Path, record: TransferReport) -> pd.DataFrame:
    """The predictions of all protocols, one below the other."""
    import pandas as pd

    from seqfer.experiments.transfer.run import file_of_protocol

    tables = {name: predictions_of(folder / file_of_protocol("predictions", name, "csv")) for name in record.protocols}
    joined = pd.concat(tables, names=["protocol"]).reset_index("protocol").reset_index(drop=True)
    return joined.drop(columns="repeat").rename(columns={"head": "step"})
