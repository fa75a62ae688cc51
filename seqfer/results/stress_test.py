"""`seqfer.stress` and `seqfer stress`: the robustness of a model of still faces."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.results._folders import folder_of
from seqfer.results._result import Result
from seqfer.results._settings import settings_of
from seqfer.results._tables import predictions_of
from seqfer.runs.names import STRESS_CSV, STRESS_HTML, STRESS_JSON

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.experiments.stress.settings import StressSettings
    from seqfer.runs.kinds.stress import StressReport


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class StressTest(Result["StressReport"]):
    """A model on the same faces, uncorrupted and under corruptions at five severities.

    `record` is the content of stress.json. `predictions` has a row per clip, `corruption` (`none` with `level` 0: the faces as they are) and
    `level`: `clip`, `person`, `label`, `predicted`, and a column per class with its probability.
    """

    PAGE_FILE = STRESS_HTML

    predictions: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """The content of stress.csv: a row per `corruption` (worst first) and `level`, with its `kind` and `strength`.

        `clips` (their number), `accuracy` with the ends of its 95 % interval, `low` and `high`, `macro_f1`, `ece`: fractions, NaN without clips.
        `group` is empty in the rows of all clips, which come first, and a value of the attribute `groups` in those of each group.
        """
        import pandas as pd

        from seqfer.report.stress_report import COLUMNS, score_rows

        return pd.DataFrame(score_rows(self.record), columns=list(COLUMNS))

    @property
    def drops(self) -> pd.DataFrame:
        """A row per `corruption`, worst first: `kind`, `mean_accuracy` over its levels from 1 on, `mean_drop`, the accuracy without corruption less
        this mean, and its standard error over clips, `mean_drop_se`. All are fractions."""
        import pandas as pd

        columns = ["corruption", "kind", "mean_accuracy", "mean_drop", "mean_drop_se"]
        rows = [(r.name, r.kind, r.mean_accuracy, r.mean_drop, r.mean_drop_se) for r in self.record.corruptions]
        return pd.DataFrame(rows, columns=columns)

    def __str__(self) -> str:
        from seqfer.report.stress_report import console_table

        return console_table(self.record)


def stress(
    model: str | os.PathLike[str],
    data: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: bool = True,
    **settings: Any,
) -> StressTest:
    """Test the robustness of a model of still faces: light, pose, detail and occlusion at five severities. The command is `seqfer stress`.

    `model` is a name of `seqfer models` with included weights, or a .safetensors file; `data` a manifest (.jsonl) or an embedded corpus.
    `out` is the run folder; without it nothing is kept on disk. `resume` continues the interrupted run in `out`, with the same model, data and
    settings. `progress` shows a progress bar. `settings` are those of `seqfer stress` (docs/commands.md): `only=("blur", "light")`,
    `images=400`, `groups="sex"`.

    Raises InputError for data that cannot be read, SettingsError for an unknown model, corruption, setting or value, WeightsError for damaged
    weights.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=2)
        >>> test = seqfer.stress("small", "drawn.jsonl", images=7, only=["mirror"], progress=False)
        >>> test.drops["corruption"].tolist()
        ['mirror']
    """
    from seqfer.experiments.stress.settings import StressSettings

    chosen = settings_of(StressSettings, {"model": model, "data": data}, settings)
    with folder_of(out, resume) as folder:
        record = run_stress(chosen, folder, command="seqfer.stress", resume=resume, quiet=not progress)
        return StressTest.of(record, folder, out, predictions=predictions_of(folder))


def run_stress(
    settings: StressSettings, out: Path, *, command: str, resume: bool = False, quiet: bool = False
) -> StressReport:
    """Score in the run folder `out` and write stress.json, stress.csv and stress.html; `command` is recorded in them."""
    from seqfer.core.files import write_atomically
    from seqfer.experiments.stress.run import stress_model
    from seqfer.report.stress_report import csv_table, write_stress_report
    from seqfer.runs.records import write_record

    record = stress_model(settings, out, resume=resume, quiet=quiet, command=command)
    write_record(out / STRESS_JSON, record)
    write_atomically(out / STRESS_CSV, csv_table(record))
    write_stress_report(record, out / STRESS_HTML)
    return record
