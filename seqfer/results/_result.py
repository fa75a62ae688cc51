"""What results of runs share: the typed record, the page, the text of the command line, and the table that a notebook shows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from seqfer.core.errors import SettingsError
from seqfer.results.page import Page
from seqfer.runs.names import REPORT_HTML

if TYPE_CHECKING:
    import pandas as pd

Record = TypeVar("Record")
Row = TypeVar("Row")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Result(ABC, Generic[Record]):
    """A finished run. `record` is the content of its JSON file. `folder` is None where nothing was kept. `str(...)` is the command's table."""

    PAGE_FILE: ClassVar[str] = REPORT_HTML

    record: Record
    report_html: str
    folder: Path | None = None

    @property
    @abstractmethod
    def table(self) -> pd.DataFrame:
        """The figures of the run."""

    @abstractmethod
    def __str__(self) -> str:
        """What the command prints."""

    @classmethod
    def of(cls, record: Record, folder: Path, out: object, **fields: Any) -> Self:
        """The result of a run in `folder`, which stays only where it was asked for as `out`; `fields` are those of the subclass."""
        page = (folder / cls.PAGE_FILE).read_text(encoding="utf-8")
        return cls(record=record, report_html=page, folder=None if out is None else folder, **fields)

    def report(self) -> Page:
        """The page: a notebook shows it, `.open()` opens it in the browser, `.save(path)` writes it."""
        return Page(self.report_html, self.folder / self.PAGE_FILE if self.folder else None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{f' in {self.folder}' if self.folder else ''}>"

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, float_format="{:.4f}".format))


def row_named(rows: Mapping[str, Row], name: str, what: str) -> Row:
    """The row of this name; `what` is the argument that names it. Raises SettingsError for a name that the run does not have."""
    if name not in rows:
        raise SettingsError(f"{what} = {name!r}: this run does not have it; allowed: {', '.join(rows)}")
    return rows[name]
