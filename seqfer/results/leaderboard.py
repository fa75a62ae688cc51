"""`seqfer.leaderboard` and `seqfer leaderboard`: finished runs that were tested on the same clips, ranked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError
from seqfer.core.one_line import one_line
from seqfer.results._paths import AnyPath, paths_of
from seqfer.results._result import Result
from seqfer.results._settings import settings_of
from seqfer.runs.names import LEADERBOARD_HTML

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.experiments.settings import LeaderboardSettings
    from seqfer.runs.ranking import LeaderboardRecord


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Leaderboard(Result["LeaderboardRecord"]):
    """Ranked runs. `record` is the content of leaderboard.json; numbers that are undefined or not measured are NaN in it, and null in the file."""

    PAGE_FILE = LEADERBOARD_HTML

    @property
    def table(self) -> pd.DataFrame:
        """The content of leaderboard.csv: a row per model, the best of each `group` first, with the run and the test protocol.

        `rank`, `error`, its `standard_error`, `macro_f1` and `ece` (fractions), `parameters`, `multiplications` of the convolutions for one image,
        `ms_per_face` (milliseconds of processor time on one thread, measured on this machine); missing where undefined or not measured.
        """
        import pandas as pd

        from seqfer.report.leaderboard_report import COLUMNS, all_rows
        from seqfer.runs.records import as_json

        frame = pd.DataFrame(all_rows(as_json(self.record)), columns=list(COLUMNS))
        whole = dict.fromkeys(("rank", "clips", "parameters", "multiplications"), "Int64")
        return frame.astype(
            {**whole, **dict.fromkeys(("error", "standard_error", "macro_f1", "ece", "ms_per_face"), float)}
        )

    def __str__(self) -> str:
        from seqfer.report.leaderboard_report import console_tables
        from seqfer.runs.records import as_json

        return console_tables(as_json(self.record))


def leaderboard(
    runs: AnyPath | Iterable[AnyPath], *, out: AnyPath | None = None, progress: bool = True, **settings: Any
) -> Leaderboard:
    """Rank finished runs that were tested on the same clips in one table. The command is `seqfer leaderboard`.

    `runs` are folders of cv, evaluate, train, ensemble or transfer; others are skipped with a warning. `out` is the folder for
    leaderboard.html, leaderboard.csv and leaderboard.json; without it nothing is kept on disk. `progress` shows a progress bar. `settings` are
    those of `seqfer leaderboard` (docs/commands.md): `by="macro_f1"`, `groups=True` for a table of each set of runs that can be compared.

    Raises InputError for folders that cannot be ranked, or not together; SettingsError for an unknown setting or value.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=2)
        >>> for prior in ("equal", "training"):
        ...     _ = seqfer.evaluate("small", "drawn.jsonl", prior=prior, out=f"runs/{prior}")
        >>> board = seqfer.leaderboard(["runs/equal", "runs/training"], progress=False)
        >>> sorted(board.table["run"])
        ['runs/equal', 'runs/training']
    """
    from seqfer.experiments.settings import LeaderboardSettings
    from seqfer.report.leaderboard_report import page
    from seqfer.runs.records import as_json

    folder = None if out is None else Path(out)
    chosen = settings_of(LeaderboardSettings, {}, settings)
    record = run_leaderboard(paths_of(runs), chosen, folder, command="seqfer.leaderboard", quiet=not progress)
    return Leaderboard(record=record, report_html=page(as_json(record)), folder=folder)


def run_leaderboard(
    runs: Sequence[Path], settings: LeaderboardSettings, out: Path | None, *, command: str, quiet: bool = False
) -> LeaderboardRecord:
    """Read, time and rank; with `out` also write the table, the page and the JSON file into this folder. `command` is recorded in them."""
    from seqfer.experiments.leaderboard import leaderboard, networks_of, reasons
    from seqfer.experiments.leaderboard_runs import read_runs
    from seqfer.report.leaderboard_report import write_leaderboard
    from seqfer.runs.progress import ProgressBar, logger
    from seqfer.runs.records import as_json

    groups = read_runs(runs, lambda message: logger.warning(one_line(message)))
    if len(groups) > 1 and not settings.groups:
        for reason in reasons(groups):
            logger.warning(one_line(reason))
        raise InputError(
            f"these runs cannot be ranked together: they are {len(groups)} groups that were tested differently; "
            "omit runs, or add --groups for a table of each"
        )
    with ProgressBar(len(networks_of(groups)), "models timed", quiet) as bar:
        record = leaderboard(groups, settings.by, command, bar.step)
    if out is not None:
        write_leaderboard(as_json(record), out)
    return record
