"""Runs the notebooks of docs/tutorials/ from top to bottom and stores them with what they gave.

    python tools/run_notebooks.py [NAME ...]

Each one runs in an empty folder of its own. What is stored does not depend on the machine: no speeds, no paths, no addresses in memory; a notebook
whose output has a path of this machine, or a picture of more than 150 kB, is refused with one line.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "tutorials"
MOST_PICTURE_BYTES = 150_000
PATIENCE_S = 600  # for one cell, also on a busy machine
_OF_THE_RUN = re.compile(r" at 0x[0-9a-f]+|, \d+ frames/s")  # addresses in memory, and the speed of the machine
_BASE64 = 4 / 3


class NotebookError(Exception):
    """A notebook that does not run, or whose output cannot be stored."""


def main() -> int:
    """Run and store; exit code 1 when one fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="notebooks without .ipynb (default: all)")
    names = parser.parse_args().names or sorted(file.stem for file in FOLDER.glob("*.ipynb"))
    for name in names:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="seqfer-") as folder:
            try:
                text = executed(FOLDER / f"{name}.ipynb", Path(folder))
            except NotebookError as error:
                print(error, file=sys.stderr)
                return 1
        (FOLDER / f"{name}.ipynb").write_text(text, encoding="utf-8")
        print(f"{name}: {time.monotonic() - started:.0f} s")
    return 0


def executed(file: Path, folder: Path) -> str:
    """The text of a notebook after it ran in `folder`. Raises NotebookError."""
    notebook = nbformat.read(file, as_version=4)
    work = folder / "work"
    work.mkdir()
    # nothing of the user's: neither cached features, nor a detector's file, nor the history of IPython
    places = {"SEQFER_CACHE": folder / "cache", "IPYTHONDIR": folder / "ipython", "MPLCONFIGDIR": folder / "matplotlib"}
    environment = {**os.environ, **{name: str(place) for name, place in places.items()}, "SEQFER_OFFLINE": "1"}
    client = NotebookClient(
        notebook,
        timeout=PATIENCE_S,
        startup_timeout=PATIENCE_S,
        coalesce_streams=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(work)}},
    )
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        raise NotebookError(f"{file.name}: {error.ename}: {error.evalue}") from None
    return _clean(file.name, notebook, folder)


def outputs(notebook: Any) -> Iterator[Any]:
    """All outputs of a notebook, in order."""
    for cell in notebook.cells:
        yield from cell.get("outputs", ())


def _clean(name: str, notebook: Any, folder: Path) -> str:
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "alt"}
    for output in outputs(notebook):
        data = output.get("data", {})
        for kind in ("text/plain", "text/html"):
            if kind in data:
                data[kind] = _OF_THE_RUN.sub("", data[kind])
        if len(data.get("image/png", "")) > MOST_PICTURE_BYTES * _BASE64:
            raise NotebookError(f"{name}: a picture of more than {MOST_PICTURE_BYTES:,} bytes; draw a smaller one")
    text: str = nbformat.writes(notebook, ensure_ascii=False) + "\n"
    places = "|".join(re.escape(str(place)) for place in (folder, Path.home(), FOLDER.parents[1]))
    if found := re.search(rf".{{0,80}}(?:{places})/.{{0,40}}", text):
        raise NotebookError(
            f"{name}: an output names a folder of this machine; print names of files only: {found.group()!r}"
        )
    return text


if __name__ == "__main__":
    sys.exit(main())
