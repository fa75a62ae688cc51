"""Matches predictions with annotation files by the video's stem, in folders of any number of videos and their subfolders.

A prediction is a run folder of `seqfer annotate-video` or a trace file. Annotation files of the video STEM are named `STEM.csv` (with any
extension), `STEM_rater.csv`, or are in a folder STEM, one file per rater; a log of PAGAN belongs to all the videos that its rows name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from seqfer.core.errors import InputError
from seqfer.core.input_files import read_json
from seqfer.runs.names import FRAMES_CSV, SECONDS_CSV, SUMMARY_JSON
from seqfer.traces.reading import films_in, video_key
from seqfer.traces.trace import Trace

RUN_FILES = (FRAMES_CSV, SECONDS_CSV, SUMMARY_JSON)
RUN_TABLES = ("frames", "valence_1hz")
RUN_SUFFIX = "-seqfer"  # of the default folders of annotate-video
TRACE_SUFFIXES = (".csv", ".tsv", ".txt", ".eaf", ".log", ".xlsx")


Prediction = Path | tuple[Trace, ...]
"""A run folder or a trace file; or what such a file holds, a trace per face."""


@dataclass(frozen=True)
class FilmFiles:
    """One video: its stem (with its folders below the given one, `P01/video`), its prediction, and its annotation files, one or more."""

    stem: str
    prediction: Prediction
    annotations: tuple[Path, ...]

    @property
    def where(self) -> str:
        """What messages call the prediction."""
        return str(self.prediction) if isinstance(self.prediction, Path) else f"the prediction of {self.stem}"


@dataclass(frozen=True)
class Pairing:
    """All videos with prediction and annotation, and those without a match: stems of predictions, and annotation files."""

    films: tuple[FilmFiles, ...]
    unannotated: tuple[str, ...] = ()
    unpredicted: tuple[Path, ...] = ()
    many: bool = False  # whether a folder of videos was given


def is_run_folder(path: Path) -> bool:
    """Whether a folder was made by annotate-video."""
    return path.is_dir() and any((path / name).is_file() for name in RUN_FILES)


def pair_films(prediction: Path, annotations: Sequence[Path]) -> Pairing:
    """Match predictions with annotations. A single prediction is matched with all given annotation files, whatever their names.

    Raises InputError when a file is missing, two predictions are of videos of one name, or nothing matches.
    """
    _need_files([prediction])
    if is_run_folder(prediction) or prediction.is_file():
        return pair_one(stem_of(prediction), prediction, annotations)
    return pair_many(_predictions_in(prediction), annotations, f" of {prediction}")


def pair_one(stem: str, prediction: Prediction, annotations: Sequence[Path]) -> Pairing:
    """One prediction with its annotations: all given files, and of given folders those that are named after the video. Raises as `pair_films`."""
    _need_files(annotations)
    parent = f"{prediction.resolve().parent.name}/" if isinstance(prediction, Path) else ""
    found = list[Path]()
    for path in annotations:
        if not path.is_dir():
            found.append(path)
            continue
        here = _files_in(path) if path.name == stem else _of_stem(path, stem)
        here = here or _of_stem(path, f"{parent}{stem}")
        if not here:
            raise InputError(
                f"{path}: no annotation of {stem!r} ({stem}.csv, {stem}_RATER.csv, or a folder {stem}); name the files one by one"
            )
        found += here
    return Pairing((FilmFiles(stem, prediction, _once(found)),))


def pair_many(predictions: Mapping[str, Prediction], annotations: Sequence[Path], where: str = "") -> Pairing:
    """The predictions of several videos, by stem, with the annotations that are named after them. `where` says in a message where they are.

    Raises as `pair_films`.
    """
    _need_files(annotations)
    matched, rest = by_stem(annotations, list(predictions))
    films = tuple(
        FilmFiles(stem, prediction, _once(matched[stem]))
        for stem, prediction in predictions.items()
        if matched.get(stem)
    )
    if not films:
        raise InputError(
            f"no annotation matches any of the {len(predictions)} videos{where}; name the files STEM.csv, STEM_RATER.csv, "
            f"or STEM/RATER.csv, STEM being for example {next(iter(predictions))!r}"
        )
    return Pairing(films, tuple(stem for stem in predictions if not matched.get(stem)), tuple(rest), many=True)


def film_stem(name: str) -> str:
    """The stem of a video's path of any operating system: raters have one video in different folders, often in another container."""
    return PureWindowsPath(name.strip()).stem


def stem_of(prediction: Path) -> str:
    """The stem of a prediction's video: from summary.json, else from the name of the folder or file."""
    if prediction.is_file():
        if not (prediction.name.startswith(RUN_TABLES) and is_run_folder(prediction.resolve().parent)):
            return prediction.stem
        prediction = prediction.resolve().parent  # a run folder's own table, such as valence_1hz_calibrated.csv
    try:
        return film_stem(read_json(prediction / SUMMARY_JSON, "annotate the video again")["film"]["name"])
    except (InputError, KeyError, TypeError, AttributeError):  # no summary, or an incomplete one
        return prediction.resolve().name.removesuffix(RUN_SUFFIX)


def run_folders(folder: Path) -> Iterator[Path]:
    """The run folders in a folder and its subfolders, in order, but not those inside a run folder and in hidden folders."""
    for path in sorted(folder.iterdir()):
        if is_run_folder(path):
            yield path
        elif path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            yield from run_folders(path)


def _of_stem(place: Path, stem: str) -> list[Path]:
    return by_stem([place], [stem])[0].get(stem, [])


def _predictions_in(folder: Path) -> dict[str, Prediction]:
    """The trace files and run folders in a folder, by the stems of their videos."""
    found = stems_in(folder, sorted([*filter(_is_trace_file, folder.iterdir()), *run_folders(folder)]))
    if not found:
        raise InputError(
            f"{folder}: has no run folder of annotate-video and no trace file; give one, or a folder of them"
        )
    return dict[str, Prediction](found)


def stems_in(folder: Path, predictions: Iterable[Path]) -> dict[str, Path]:
    """Predictions below a folder by the stems of their videos, with the folders below it. Raises InputError where two have one stem."""
    found = dict[str, Path]()
    for path in predictions:
        stem = (path.relative_to(folder).parent / stem_of(path)).as_posix()
        if stem in found:
            raise InputError(f"{found[stem]} and {path} are both predictions of {stem!r}; remove one of them")
        found[stem] = path
    return found


def _need_files(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: does not exist; check the path")


def by_stem(places: Iterable[Path], stems: Sequence[str]) -> tuple[dict[str, list[Path]], list[Path]]:
    """Annotation files of every stem, and those of none. A file belongs to the longest stem it begins with: `a_b_AP` to `a_b`, not to `a`.

    A stem with folders, `P01/video`, is looked for in folders that mirror those of the videos, `ratings/P01/video_AP.csv`; as `P01_video_AP.csv`; and
    as `video_AP.csv` where no other stem ends in `video`, or where the given place is a folder P01.
    """
    found, rest = dict[str, list[Path]](), list[Path]()
    for place in places:
        folder = place if place.is_dir() else place.parent
        for files, owners in _owned(place, _names_in(folder.resolve(), stems), stems, PurePosixPath()):
            for owner in owners:
                found.setdefault(owner, []).extend(files)
            if not owners:
                rest += files
    return found, rest


def _names_in(folder: Path, stems: Sequence[str]) -> dict[str, str]:
    """How the files of a given folder may call each stem -> the stem."""
    paths = {stem: PurePosixPath(stem) for stem in stems}
    last = Counter(path.name for path in paths.values())
    names = {"_".join(path.parts): stem for stem, path in sorted(paths.items(), key=lambda one: -len(one[1].parts))}
    for stem, path in paths.items():
        if last[path.name] == 1:
            names.setdefault(path.name, stem)
        elif path.parts[:-1] and folder.parts[1 - len(path.parts) :] == path.parts[:-1]:
            names[path.name] = stem
    return names


def _owned(
    place: Path, names: Mapping[str, str], stems: Sequence[str], below: PurePosixPath
) -> Iterator[tuple[list[Path], list[str]]]:
    """Files and the stems they belong to; `place` is a file, or a folder that is `below` the given one. Each of `names` stands for a stem."""
    for path in sorted(place.iterdir()) if place.is_dir() else [place]:
        if path.name.startswith("."):
            continue
        inner = below / path.name
        if path.is_dir() and path.name not in names and any(inner in PurePosixPath(stem).parents for stem in stems):
            mirrored = {PurePosixPath(stem).name: stem for stem in stems if PurePosixPath(stem).parent == inner}
            yield from _owned(path, mirrored, stems, inner)
            continue
        files = _files_in(path) if path.is_dir() else [path] if _is_trace_file(path) or not place.is_dir() else []
        name = path.name if path.is_dir() else path.stem
        owners = [own for own in names if name == own or (path.is_file() and name.startswith(f"{own}_"))]
        yield files, [names[max(owners, key=len)]] if owners else _named_inside(files, stems)


def _named_inside(files: Sequence[Path], stems: Sequence[str]) -> list[str]:
    """The stems of the videos that a file of several videos names in its rows."""
    inside = {video_key(name) for path in files if path.is_file() for name in films_in(path)}
    keys = [video_key(stem) for stem in stems]
    return [stem for stem, key in zip(stems, keys, strict=True) if key in inside and keys.count(key) == 1]


def _files_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if _is_trace_file(path)]


def _is_trace_file(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in TRACE_SUFFIXES and not path.name.startswith(".")


def _once(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The files. Raises InputError for one that is given twice: it would count as two raters."""
    seen = set[Path]()
    for path in paths:
        if path.resolve() in seen:
            raise InputError(f"{path}: is given twice, and would count as two raters; name every file once")
        seen.add(path.resolve())
    return tuple(paths)
