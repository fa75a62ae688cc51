"""Which videos a command line names, and the folder of each one's results.

A video is named by itself, by its folder, by a pattern that the shell did not expand (`cmd.exe` and PowerShell hand over `*.mp4` as it is), or in a
list file. The results of several videos mirror the folders below their common parent, so that `P01/video.mp4` and `P02/video.mp4` stay apart.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import home_expanded
from seqfer.core.input_files import LARGEST_TEXT_BYTES, read_bytes
from seqfer.runs.names import SETTINGS_JSON
from seqfer.video import SUFFIXES
from seqfer.video.images import SUFFIXES as PICTURE_SUFFIXES
from seqfer.video.source import shown_name
from seqfer.video.sources import CAMERA, natural


def videos_of(named: Sequence[str], list_file: Path | None = None) -> list[str]:
    """The videos, folders of pictures and cameras that are named here and in a list file, in this order.

    A folder with videos and no pictures stands for its videos, or for those of its subfolders where it has none itself; a folder with pictures
    stays one video. Raises InputError for a folder with both, a pattern without a match, and a list file that cannot be read; SettingsError
    where nothing is named.
    """
    every = [*named, *(_listed(list_file) if list_file else [])]
    if not every:
        raise SettingsError("no video is given; name one or more videos, a folder of them, or a text file with --list")
    return [video for name in every for video in _expanded(name)]


def folders_for(films: Sequence[str], out: Path | None, *, alone: bool = True) -> list[tuple[str, Path]]:
    """(video, its folder). A video that was named `alone` gets `out` itself; several get folders in it that mirror theirs below the common parent.

    Raises SettingsError where a video is given twice, or two videos would have the same folder.
    """
    if len(films) == 1 and alone and out is not None:
        return [(films[0], out)]
    files = [film for film in films if not film.startswith(CAMERA)]
    parents = [os.path.dirname(os.path.abspath(film)) for film in files]
    top = _common(parents)
    stems = Counter(os.path.splitext(os.path.abspath(film))[0] for film in set(files))
    taken: dict[Path, str] = {}
    for film in films:
        folder = _folder(film, top, stems, out)
        if (before := taken.get(folder)) is not None:
            same = os.path.abspath(before) == os.path.abspath(film)
            raise SettingsError(
                f"{film} is given twice; give every video once"
                if same
                else f"{before} and {film} would both go to {folder}; rename one, or annotate them with different --out"
            )
        taken[folder] = film
    return [(film, folder) for folder, film in taken.items()]


def names_of(films: Sequence[str]) -> list[PurePosixPath]:
    """The name of each video below the common parent of all, without its suffix: `P01/video` and `P02/video`, or `video` where there is one only.

    Raises SettingsError where a video is given twice, or two videos would have the same name.
    """
    if len(films) == 1:
        return [PurePosixPath(shown_name(Path(films[0]).stem))]
    return [PurePosixPath(folder.as_posix()) for _, folder in folders_for(films, Path(), alone=False)]


def _folder(film: str, top: str, stems: Counter[str], out: Path | None) -> Path:
    """The folder of one video's results, see `folders_for`."""
    ending = "" if out else "-seqfer"
    if film.startswith(CAMERA):
        return (out or Path()) / f"{film.replace(':', '')}{ending}"
    path = Path(os.path.abspath(film))
    below = path.parent.relative_to(top) if top else Path(*path.parent.parts[1:])
    name = path.name.replace(".", "_") if stems[os.path.splitext(path)[0]] > 1 else path.stem
    return (out or Path()) / shown_name(str(below)) / f"{shown_name(name)}{ending}"


def _common(parents: Sequence[str]) -> str:
    """The folder that contains all of these; empty where there is none, as on two drives."""
    try:
        return os.path.commonpath(parents) if parents else os.getcwd()
    except ValueError:
        return ""


def _expanded(name: str) -> Iterator[str]:
    if name.startswith(CAMERA):
        yield name
    elif os.path.isdir(name):
        yield from _in_folder(Path(name), name)
    elif not os.path.lexists(name) and glob.has_magic(name):
        yield from _matching(name)
    else:
        yield name  # of one that is missing, the reader says so


def _in_folder(folder: Path, name: str) -> Iterator[str]:
    pictures, videos = _kinds(folder)
    if pictures and videos:
        raise InputError(
            f"{folder}: has {pictures} pictures and {len(videos)} videos, and a folder is either; "
            f"name the videos themselves ({os.path.join(name, '*' + videos[0].suffix)}), or move one kind to another folder"
        )
    yield from map(str, videos) if videos else [name] if pictures else (list(map(str, _below(folder))) or [name])


def _kinds(folder: Path) -> tuple[int, list[Path]]:
    """The number of pictures in a folder, and its videos by name, numbers by value."""
    try:
        files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    except OSError as error:
        raise InputError(f"{folder}: cannot be listed ({error.strerror}); check its permissions") from None
    pictures = sum(path.suffix.lower() in PICTURE_SUFFIXES for path in files)
    return pictures, sorted((path for path in files if path.suffix.lower() in SUFFIXES), key=natural)


def _below(folder: Path) -> Iterator[Path]:
    """The videos in the subfolders, but not those in hidden folders and in folders of results, such as overlay.mp4."""
    inner = (path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    for path in sorted(inner, key=natural):
        if not path.name.startswith(".") and not (path / SETTINGS_JSON).exists():
            yield from _kinds(path)[1]
            yield from _below(path)


def _matching(pattern: str) -> list[str]:
    """The videos and folders that a pattern matches; files of other kinds only where it matches nothing else."""
    found = sorted(
        map(Path, glob.glob(pattern, recursive=True)), key=lambda path: (natural(path.parent), natural(path))
    )
    wanted = [
        path
        for path in found
        if (path.is_dir() and not (path / SETTINGS_JSON).exists()) or path.suffix.lower() in SUFFIXES
    ]
    if not found:
        raise InputError(f"{pattern}: matches no file; check the folder and the pattern")
    return [video for path in wanted or found for video in _expanded(str(path))]


LIST_ADVICE = "give a text file with one path per line"


def _listed(file: Path) -> list[str]:
    """The paths in a list file. Raises InputError. Quotation marks around a path, as Windows copies it, are removed."""
    try:
        data = read_bytes(file, LIST_ADVICE, LARGEST_TEXT_BYTES)
        text = data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else os.fsdecode(data)
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: cannot be read ({error}); {LIST_ADVICE}") from None
    lines = [line.strip().strip('"') for line in text.removeprefix("\ufeff").splitlines()]
    paths = [home_expanded(line) for line in lines if line]
    if not paths:
        raise InputError(f"{file}: names no video; write one path per line")
    return [path if _is_here(path) else _beside(file, path) for path in paths]


def _is_here(path: str) -> bool:
    return path.startswith(CAMERA) or os.path.lexists(path) or bool(glob.has_magic(path) and glob.glob(path))


def _beside(file: Path, path: str) -> str:
    """A path relative to the list file, where there is such a file; else the path as it is."""
    beside = os.path.join(file.parent, path)
    return beside if _is_here(beside) else path
