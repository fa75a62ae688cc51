"""`seqfer.apply_corrections` and `seqfer apply-corrections`: tables with what a person corrected in the viewer."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from seqfer.core.errors import InputError
from seqfer.results.annotation import Annotation, read_annotation, read_summary

if TYPE_CHECKING:
    from seqfer.film.corrections import Correction


def apply_corrections(run: str | os.PathLike[str], out: str | os.PathLike[str] | None = None) -> Annotation:
    """The result of a run with its corrections applied, as a folder of its own. The command is `seqfer apply-corrections`.

    `run` is a folder of `seqfer annotate-video` with the `corrections.json` that `seqfer view` writes: faces merged, split, excluded, named. `out` is
    the new folder (default: RUN-corrected), which everything reads that reads runs. The run itself is not changed. `tracks` of the result has the
    names as `person`.

    Raises InputError for a folder without corrections, where they contradict each other, and where `out` has files.

    >>> import json, seqfer
    >>> from pathlib import Path
    >>> from seqfer.posed import PosedFilm, write_posed_film
    >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=1))
    >>> _ = seqfer.annotate("drawn.mp4", out="drawn-seqfer", detector="haar", progress=False)
    >>> actions = [{"action": "exclude", "from_s": 0, "to_s": 0.4, "text": "turned away"}]
    >>> _ = Path("drawn-seqfer/corrections.json").write_text(json.dumps({"format_version": 1, "actions": actions}))
    >>> seqfer.apply_corrections("drawn-seqfer").summary.rows_without_face
    10
    """
    from seqfer.film.corrected_run import write_corrected
    from seqfer.film.corrections import read_corrections
    from seqfer.runs.names import CORRECTIONS_JSON

    folder = Path(run)
    summary, corrections = read_summary(folder), read_corrections(folder)
    if not corrections:
        raise InputError(f"{folder}: has no corrections; make them in `seqfer view`, which writes {CORRECTIONS_JSON}")
    place = Path(out) if out is not None else folder.with_name(f"{folder.resolve().name}-corrected")
    write_corrected(folder, summary, place)
    return _named(read_annotation(place), corrections)


def corrected_annotation(folder: Path) -> Annotation:
    """The result of a folder with its corrections applied, in memory."""
    from seqfer.film.corrected_run import write_corrected
    from seqfer.film.corrections import read_corrections

    with TemporaryDirectory() as scratch:
        write_corrected(folder, read_summary(folder), Path(scratch) / folder.resolve().name)
        made = read_annotation(Path(scratch) / folder.resolve().name, in_memory=True)
    return _named(made, read_corrections(folder))


def _named(made: Annotation, corrections: tuple[Correction, ...]) -> Annotation:
    from seqfer.film.corrections import names_of

    names = names_of(corrections)
    made.tracks["person"] = [names.get(int(face), "") for face in made.tracks["face"]]
    return made
