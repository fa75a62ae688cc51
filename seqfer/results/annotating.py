"""`seqfer.annotate` and `seqfer annotate-video`: videos to annotations."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, overload

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import home_expanded
from seqfer.results._folders import folder_of
from seqfer.results.annotation import Annotation, read_annotation
from seqfer.results.annotations import Annotations

if TYPE_CHECKING:
    import numpy as np

    from seqfer.film.many import VideoResult
    from seqfer.film.settings import AnnotateVideoSettings
    from seqfer.video.sources import Video

Path_ = str | os.PathLike[str]
OneVideo = Union[Path_, "Iterable[tuple[float, np.ndarray]]"]
ONE_VIDEO = "a path, camera:0, or frames as pairs (time_s, picture)"


@overload
def annotate(
    video: Path_,
    *,
    out: Path_ | None = ...,
    resume: bool = ...,
    jobs: int = ...,
    progress: bool = ...,
    **settings: Any,
) -> Annotation | Any: ...
@overload
def annotate(
    video: Iterable[tuple[float, np.ndarray]],
    *,
    out: Path_ | None = ...,
    resume: bool = ...,
    jobs: int = ...,
    progress: bool = ...,
    **settings: Any,
) -> Annotation: ...
@overload
def annotate(
    video: Iterable[Path_],
    *,
    out: Path_ | None = ...,
    resume: bool = ...,
    jobs: int = ...,
    progress: bool = ...,
    **settings: Any,
) -> Annotations: ...
def annotate(
    video: Path_ | Iterable[Path_] | Iterable[tuple[float, np.ndarray]],
    *,
    out: Path_ | None = None,
    resume: bool = False,
    jobs: int = 1,
    progress: bool = True,
    **settings: Any,
) -> Annotation | Annotations:
    """Annotate videos: find and track their faces, and compute emotions (and valence) of every face on every frame.

    `video` is a file, a folder of pictures, `camera:0`, or frames from memory: pairs of a time in seconds and a picture, uint8 (height width 3)
    RGB, in a list or from a generator. These give an Annotation. A list of paths, a folder of videos and a pattern give Annotations; of
    these, a video that cannot be annotated is in `failed`, and the others go on. (A type checker cannot know whether a path is a folder of videos:
    to it a path gives `Annotation | Any`, which `isinstance` narrows, and a list, as in `["videos"]`, gives Annotations.)

    `out` is the folder for all files that `seqfer annotate-video` writes; without it nothing is kept on disk. `resume` continues an
    interrupted annotation in `out`. `jobs` videos are annotated at once (0: one per core). `progress` shows a progress bar. `settings` are
    those of `seqfer annotate-video` (docs/commands.md), by their names: `valence=True`, `model="small"`, `start_s=10`.

    Raises InputError for a single video that cannot be read and where all of several fail, SettingsError for an unknown setting or value,
    WeightsError for damaged weights.

    Example:
        >>> import seqfer
        >>> from pathlib import Path
        >>> from seqfer.posed import PosedFilm, write_posed_film
        >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=2))
        >>> result = seqfer.annotate("drawn.mp4", valence=True, detector="haar", progress=False)
        >>> list(result.frames.columns[:4])
        ['frame', 'time_s', 'shot', 'face']
        >>> seqfer.annotate(["drawn.mp4", "lost.mp4"], detector="haar", progress=False).failed
        {'lost.mp4': 'lost.mp4: no such video file; check the path'}
    """
    films, alone = _named(video)
    given = {"resume": resume, "jobs": jobs, "progress": progress, **settings}
    return _one(films[0], out, **given) if alone else _several(films, out, **given)


def annotate_one(video: OneVideo, **given: Any) -> Annotation:
    """`annotate` of a single video. Raises SettingsError for several."""
    return _one(single_video(video), **given)


def single_video(video: OneVideo) -> Video:
    """The video that an argument stands for. Raises SettingsError for several."""
    films, alone = _named(video)
    if not alone:
        raise SettingsError(f"{len(films)} videos are given where one is taken; give {ONE_VIDEO}")
    return films[0]


def run_annotation(
    folders: Sequence[tuple[Video, Path]],
    settings: AnnotateVideoSettings,
    *,
    command: str,
    resume: bool = False,
    jobs: int = 1,
    quiet: bool = False,
) -> list[VideoResult]:
    """Annotate every video into its folder, as `seqfer.film.many.annotate_all` does; `command` is recorded in the summaries."""
    from seqfer.core.settings import narrowed
    from seqfer.film.many import annotate_all
    from seqfer.film.settings import AnnotateSettings, OutputOptions

    options = OutputOptions(settings.faces, settings.overlay, settings.formats, command)
    return annotate_all(folders, narrowed(settings, AnnotateSettings), options, jobs=jobs, resume=resume, quiet=quiet)


def _one(film: Video, out: Path_ | None = None, *, resume: bool = False, **given: Any) -> Annotation:
    from seqfer.video.memory import MemorySource

    if resume and isinstance(film, MemorySource):
        raise SettingsError(f"resume is True, but {film} cannot be compared with those of an earlier run; omit resume")
    chosen, running = _chosen(**given)
    with folder_of(out, resume) as folder:
        run_annotation([(film, folder)], chosen, resume=resume, **running)
        return read_annotation(folder, in_memory=out is None)


def _several(films: Sequence[Video], out: Path_ | None, *, resume: bool, **given: Any) -> Annotations:
    from seqfer.film.batch import folders_for
    from seqfer.video.source import shown_name

    names = [shown_name(str(film)) for film in films]
    chosen, running = _chosen(**given)
    with folder_of(out, resume) as top:
        folders = folders_for(list(map(str, films)), top, alone=False)
        results = run_annotation(folders, chosen, resume=resume, **running)
        done = {
            name: read_annotation(result.out, in_memory=out is None)
            for name, result in zip(names, results, strict=True)
            if result.summary
        }
    failed = {name: result.problem or "" for name, result in zip(names, results, strict=True) if not result.summary}
    return Annotations(done, failed)


def _chosen(jobs: int = 1, progress: bool = True, **settings: Any) -> tuple[AnnotateVideoSettings, dict[str, Any]]:
    """The settings, and how `run_annotation` runs."""
    from seqfer.core.settings_files import read_settings
    from seqfer.film.settings import AnnotateVideoSettings

    given = {name: os.fspath(value) if isinstance(value, os.PathLike) else value for name, value in settings.items()}
    running = {"command": "seqfer.annotate", "jobs": jobs, "quiet": not progress}
    return read_settings(AnnotateVideoSettings, overrides=[given]), running


def _named(video: Any) -> tuple[list[Video], bool]:
    """The videos that an argument stands for, and whether it is a single one."""
    from seqfer.film.batch import videos_of
    from seqfer.video.memory import MemorySource

    if isinstance(video, str | os.PathLike):
        name = home_expanded(os.fspath(video))
        films = videos_of([name])
        return list(films), films == [name]
    if not isinstance(video, Iterable):
        raise InputError(f"video is a {type(video).__name__}; give {ONE_VIDEO}, or a list of paths")
    items = iter(video)
    first = next(items, None)
    if first is None:
        raise InputError(f"no video and no frame is given; give {ONE_VIDEO}, or a list of paths")
    if not isinstance(first, str | os.PathLike):
        return [MemorySource(video if isinstance(video, Sequence) else chain((first,), items))], True
    names = [first, *items]
    if other := next((name for name in names if not isinstance(name, str | os.PathLike)), None):
        raise InputError(f"a list of paths has a {type(other).__name__}; give paths only")
    return list(videos_of([home_expanded(os.fspath(name)) for name in names])), False
