"""Several annotated videos, with their tables joined; `seqfer.read`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from seqfer.core.errors import InputError, SeqferError
from seqfer.core.one_line import one_line
from seqfer.results.annotation import Annotation, outcome, read_annotation
from seqfer.runs.names import SETTINGS_JSON, SUMMARY_JSON

if TYPE_CHECKING:
    import pandas as pd

NAMED_FAILURES = 3  # in the error where every video failed


@dataclass(frozen=True, eq=False)
class Annotations(Sequence[Annotation]):
    """Several annotated videos: a sequence of Annotation in their order.

    `by_video` maps each video, as it was given, to its Annotation, of which there is one at least; `failed` maps each video that could not be
    annotated to its problem in one line. The tables are those of all videos, with the column `video` first.
    """

    by_video: Mapping[str, Annotation]
    failed: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.by_video:
            first = "; ".join(f"{video} ({why})" for video, why in islice(self.failed.items(), NAMED_FAILURES))
            more = len(self.failed) - NAMED_FAILURES
            raise InputError(
                f"none of {len(self.failed)} videos has results: {first}{f'; and {more} more' if more > 0 else ''}"
                if self.failed
                else "no video is given; give one or more"
            )

    @overload
    def __getitem__(self, place: int) -> Annotation: ...
    @overload
    def __getitem__(self, place: slice) -> list[Annotation]: ...
    def __getitem__(self, place: int | slice) -> Annotation | list[Annotation]:
        return list(self.by_video.values())[place]

    def __len__(self) -> int:
        return len(self.by_video)

    @property
    def frames(self) -> pd.DataFrame:
        """A row per video, analysed frame and face."""
        return self._joined({video: one.frames for video, one in self.by_video.items()})

    @property
    def tracks(self) -> pd.DataFrame:
        """A row per video and face."""
        return self._joined({video: one.tracks for video, one in self.by_video.items()})

    @property
    def valence_1hz(self) -> pd.DataFrame | None:
        """A row per video, face and second; None where no valence was computed."""
        tables = {video: one.valence_1hz for video, one in self.by_video.items() if one.valence_1hz is not None}
        return self._joined(tables) if tables else None

    @property
    def blinks(self) -> pd.DataFrame | None:
        """A row per video and blink; None where no geometry was computed."""
        tables = {video: one.blinks for video, one in self.by_video.items() if one.blinks is not None}
        return self._joined(tables) if tables else None

    def _joined(self, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        import pandas as pd

        return pd.concat(tables, names=["video"]).reset_index(level="video").reset_index(drop=True)

    def __str__(self) -> str:
        width = max((len(video) for video in (*self.by_video, *self.failed)), default=0)
        lines = [f"{video:<{width}}  {outcome(one.summary)}" for video, one in self.by_video.items()]
        return "\n".join([*lines, *(f"{video:<{width}}  failed ({why})" for video, why in self.failed.items())])

    def __repr__(self) -> str:
        from seqfer.report.words import counted

        failed = f", {len(self.failed)} failed" if self.failed else ""
        return f"<Annotations of {counted(len(self), 'video')}{failed}>"

    def _repr_html_(self) -> str:
        from seqfer.results._card import cards

        return cards(self)


@overload
def read(folder: str | os.PathLike[str], *, corrected: bool = False) -> Annotation | Any: ...  # type: ignore[overload-overlap] # a text is iterable, too
@overload
def read(folder: Iterable[str | os.PathLike[str]], *, corrected: bool = False) -> Annotations: ...
def read(
    folder: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], *, corrected: bool = False
) -> Annotation | Annotations:
    """The results of an earlier `seqfer annotate-video` or `seqfer.annotate(..., out=folder)`.

    A folder of one video gives an Annotation. A folder of several such folders, or a list, gives Annotations, whose videos have the names of
    their folders; of these, one that cannot be read is in `failed`. (To a type checker a folder gives `Annotation | Any`, as in `annotate`.)

    `corrected` applies the corrections that were made in `seqfer view`; the files stay as they are.

    Raises InputError for a folder without a finished annotation, and where no folder of several has one.

    Example:
        >>> import seqfer
        >>> from pathlib import Path
        >>> from seqfer.posed import PosedFilm, write_posed_film
        >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=2))
        >>> _ = seqfer.annotate("drawn.mp4", out="results/drawn", detector="haar", progress=False)
        >>> seqfer.read("results/drawn").summary.analysed
        50
        >>> list(seqfer.read("results").by_video)
        ['drawn']
    """
    if not isinstance(folder, str | os.PathLike):
        return _read_all({os.fspath(one): Path(one) for one in folder}, corrected)
    top = Path(folder)
    inside = finished_folders(top)
    if inside:
        return _read_all({one.relative_to(top).as_posix(): one for one in inside}, corrected)
    return _read_one(top, corrected)


def _read_one(folder: Path, corrected: bool) -> Annotation:
    from seqfer.results.correcting import corrected_annotation

    return corrected_annotation(folder) if corrected else read_annotation(folder)


def _read_all(folders: Mapping[str, Path], corrected: bool) -> Annotations:
    done: dict[str, Annotation] = {}
    failed: dict[str, str] = {}
    for name, folder in folders.items():
        try:
            done[name] = _read_one(folder, corrected)
        except SeqferError as error:
            failed[name] = one_line(str(error))
    return Annotations(done, failed)


def finished_folders(top: Path) -> list[Path]:
    """The folders with a finished annotation below a folder that is none itself; none where it is one."""
    return [] if (top / SUMMARY_JSON).exists() else sorted(_finished(top))


def _finished(top: Path) -> Iterator[Path]:
    """The folders below with the summary of a video; folders of results are not searched further, hidden ones not at all."""
    for place, folders, files in os.walk(top):
        if SUMMARY_JSON in files:
            yield Path(place)
        folders[:] = [] if SETTINGS_JSON in files else [name for name in folders if not name.startswith(".")]
