"""`seqfer.compare_runs` and `seqfer compare`: two finished runs on the clips that both have."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.results._paths import AnyPath
from seqfer.results._result import Result
from seqfer.results._settings import settings_of
from seqfer.runs.names import COMPARISON_JSON, REPORT_HTML

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.experiments.compare_runs import RunComparison
    from seqfer.experiments.settings import CompareSettings


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PairedComparison(Result["RunComparison"]):
    """A paired test of two runs. `record` is the content of comparison.json; its `mcnemar` is McNemar's test, None for valence."""

    @property
    def table(self) -> pd.DataFrame:
        """A row per `measure` (accuracy, a fraction; for valence rmse and ccc): the value of the `first` and the `second` run, the `difference`
        of the second minus the first, and `low` and `high`, the ends of its 95 % interval by person; NaN where undefined."""
        import pandas as pd

        rows = [{"measure": name, **asdict(row)} for name, row in self.record.differences.items()]
        return pd.DataFrame(rows, columns=["measure", "first", "second", "difference", "low", "high"])

    def __str__(self) -> str:
        from seqfer.report.comparison_report import console_text

        return console_text(self.record)


def compare_runs(
    first_run: AnyPath, second_run: AnyPath, *, out: AnyPath | None = None, **settings: Any
) -> PairedComparison:
    """Compare two finished runs on the clips that both have: McNemar's test, bootstrap by person. The command is `seqfer compare`.

    The runs are folders of evaluate, evaluate-valence, stress or cv, or files of predictions. `out` is the folder for comparison.json and the
    page; without it nothing is kept on disk. `settings` are those of `seqfer compare` (docs/commands.md): `first="lstm"` and
    `second="bilstm"` select heads of a cross-validation, or a corruption and level of a stress test (`blur:3`); `samples=2000` draws.

    Raises InputError for runs without a common clip, or of other data; SettingsError for an unknown setting or value.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=2)
        >>> for prior in ("equal", "training"):
        ...     _ = seqfer.evaluate("small", "drawn.jsonl", prior=prior, out=f"runs/{prior}")
        >>> compared = seqfer.compare_runs("runs/equal", "runs/training")
        >>> compared.record.clips, compared.table["measure"].tolist()
        (14, ['accuracy'])
    """
    from seqfer.experiments.settings import CompareSettings

    folder = None if out is None else Path(out)
    chosen = settings_of(CompareSettings, {}, settings)
    record, page = run_comparison(Path(first_run), Path(second_run), chosen, folder, command="seqfer.compare_runs")
    return PairedComparison(record=record, report_html=page, folder=folder)


def run_comparison(
    first: Path, second: Path, settings: CompareSettings, out: Path | None, *, command: str
) -> tuple[RunComparison, str]:
    """(the comparison, its page); with `out` also write comparison.json and report.html into this folder. `command` is recorded in the page."""
    from seqfer.core.files import write_atomically, write_json
    from seqfer.experiments.compare_runs import compare_runs
    from seqfer.report.comparison_report import page
    from seqfer.runs.folder import versions
    from seqfer.runs.records import Provenance, as_json

    record = compare_runs(first, second, settings)
    made_by = Provenance(
        seqfer=versions()["seqfer"], command=command, created=datetime.now(UTC).isoformat(timespec="seconds")
    )
    html = page(record, made_by)
    if out is not None:
        write_json(out / COMPARISON_JSON, as_json(record))
        write_atomically(out / REPORT_HTML, html)
    return record, html
