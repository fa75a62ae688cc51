"""The page of a result, as it is shown in a notebook, opened in a browser or saved."""

from __future__ import annotations

import os
import tempfile
import webbrowser
from dataclasses import dataclass
from html import escape
from pathlib import Path

from seqfer.core.files import write_atomically
from seqfer.runs.names import REPORT_HTML

_FRAME_HEIGHT_PX = 640


@dataclass(frozen=True)
class Page:
    """One self-contained HTML page. A notebook shows it in a frame of its own, so that its styles do not change the notebook's."""

    html: str
    file: Path | None = None

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page; returns its path. Raises InputError when it cannot be written."""
        write_atomically(Path(path), self.html)
        return Path(path)

    def open(self) -> None:
        """Open the page in the default browser; one that is in no folder is first written to the folder of temporary files."""
        file = self.file
        if file is None:
            file = self.save(Path(tempfile.mkdtemp(prefix="seqfer-")) / REPORT_HTML)
        webbrowser.open(file.resolve().as_uri())

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts" style="width:100%;height:{_FRAME_HEIGHT_PX}px;border:0"></iframe>'

    def __repr__(self) -> str:
        return f"<Page{f' {self.file}' if self.file else ''} of {len(self.html):,} characters>"
