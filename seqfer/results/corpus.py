"""`seqfer.prepare`, `seqfer.prepare_films` and their commands: a corpus is checked and its manifest written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.one_line import one_line
from seqfer.results._paths import AnyPath, paths_of
from seqfer.results._settings import settings_of

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.corpus.manifest import Manifest
    from seqfer.corpus.settings import PrepareSettings
    from seqfer.film.settings import ClipSettings


@dataclass(frozen=True, eq=False, repr=False)
class PreparedCorpus:
    """A corpus whose manifest is written to `path`. Every function that takes data takes `path`."""

    path: Path
    manifest: Manifest

    @property
    def clips(self) -> int:
        """How many clips; a still image is a clip of one frame."""
        return len(self.manifest.clips)

    @property
    def frames(self) -> int:
        """How many frames all clips have together."""
        return sum(len(clip.frames) for clip in self.manifest.clips)

    @property
    def people(self) -> int:
        """How many people the clips show."""
        return len(self.manifest.people)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a copy lacks, and what was decided in reading it."""
        return self.manifest.notes

    @property
    def table(self) -> pd.DataFrame:
        """A row per class: `class` (missing for clips without a label), and the numbers of its `clips`, `frames` and `people`."""
        import pandas as pd

        rows = []
        for label in (*self.manifest.classes, None):
            clips = [clip for clip in self.manifest.clips if clip.label == label]
            if clips or label:
                rows.append((label, len(clips), sum(len(c.frames) for c in clips), len({c.person for c in clips})))
        return pd.DataFrame(rows, columns=["class", "clips", "frames", "people"])

    def __str__(self) -> str:
        lines = [f"{self.path}: {self.clips} clips, {self.frames} frames, {self.people} people"]
        labels = [clip.label for clip in self.manifest.clips]
        lines += [f"  {label:<10} {labels.count(label):6d}" for label in self.manifest.classes]
        if self.manifest.classes and None in labels:
            lines.append(f"  {'(no label)':<10} {labels.count(None):6d}")
        return "\n".join(map(one_line, [*lines, *(f"  note: {note}" for note in self.notes)]))

    def __repr__(self) -> str:
        return f"<PreparedCorpus {self.path}: {self.clips} clips, {self.frames} frames, {self.people} people>"

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False))


def prepare(name: str, root: AnyPath | None = None, *, out: AnyPath, **settings: Any) -> PreparedCorpus:
    """Check a copy of a corpus and write its manifest to `out` (.jsonl). The command is `seqfer prepare`.

    `name` is one of `seqfer.list_datasets()`, `root` the folder of the copy; the drawn corpus `posed` needs none. `settings` are those of
    `seqfer prepare` (docs/commands.md): `classes="six"`, `test_share=0.2`; for `posed` also `people=4`, the number of drawn people.

    Raises InputError for a folder that is not this corpus, or has a broken picture; SettingsError for an unknown corpus, setting or value.

    Example:
        >>> import seqfer
        >>> corpus = seqfer.prepare("posed", out="drawn.jsonl", people=4)
        >>> corpus.clips, corpus.people
        (28, 4)
        >>> corpus.table["class"].tolist()
        ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral']
    """
    from seqfer.corpus.settings import PrepareSettings

    chosen = settings_of(PrepareSettings, {}, settings)
    return run_prepare(name, None if root is None else Path(root), Path(out), chosen)


def run_prepare(name: str, root: Path | None, out: Path, settings: PrepareSettings) -> PreparedCorpus:
    """Prepare the corpus and write its manifest; raises as `prepare`."""
    from seqfer.core import registry
    from seqfer.corpus.manifest import write_manifest
    from seqfer.corpus.mark_duplicates import mark_duplicates
    from seqfer.corpus.person_split import with_test_people

    corpus = registry.find("datasets", name)
    if root is None and not getattr(corpus, "EMBEDDED", False):
        raise InputError(f"{name} needs the folder of your copy: seqfer prepare {name} ROOT -o {out}")
    if root is not None and not _is_there(root):
        raise InputError(f"{root}: no such folder; give the folder of your copy of {name}")
    manifest = corpus.prepare(root, out, classes=settings.classes, **_own_options(name, corpus, settings))
    if settings.test_share:
        manifest = with_test_people(manifest, settings.test_share, settings.seed)
    if settings.duplicates:
        manifest = mark_duplicates(manifest)
    write_manifest(manifest, out)
    return PreparedCorpus(out, manifest)


def prepare_films(
    videos: AnyPath | Iterable[AnyPath],
    annotations: AnyPath | Iterable[AnyPath],
    *,
    out: AnyPath,
    progress: bool = True,
    **settings: Any,
) -> PreparedCorpus:
    """Make training clips from annotated videos: crops of faces, with the raters' valence on every frame. The command is `seqfer prepare-films`.

    `videos` are files, or folders of them; `annotations` are files named after the videos (STEM.csv, STEM_RATER.csv), or folders of them. The
    manifest `out` (.jsonl) is for `seqfer.train_valence_head` and `seqfer.cross_validate(task="valence")`; the faces are beside it. `progress`
    shows a progress bar. `settings` are those of `seqfer prepare-films` (docs/commands.md): `lag_s=2.5`, `fusion="ewe"`, `value_range=(-100, 100)`.

    Raises InputError where no annotation belongs to a video or no video gives a clip, SettingsError for an unknown setting or value.

    Example:
        >>> import seqfer
        >>> from pathlib import Path
        >>> from seqfer.posed import PosedFilm, write_posed_film
        >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=2))
        >>> _ = Path("drawn.csv").write_text("time_s,valence\\n" + "".join(f"{k / 10},{k / 20}\\n" for k in range(20)))
        >>> clips = seqfer.prepare_films("drawn.mp4", "drawn.csv", out="clips.jsonl", detector="haar", progress=False)
        >>> clips.clips, clips.people
        (1, 1)
    """
    from seqfer.film.batch import videos_of
    from seqfer.film.settings import ClipSettings

    chosen = settings_of(ClipSettings, {}, settings)
    films = videos_of([str(video) for video in paths_of(videos)])
    return run_prepare_films(films, paths_of(annotations), Path(out), chosen, quiet=not progress)


def run_prepare_films(
    videos: Sequence[str], annotations: Sequence[Path], out: Path, settings: ClipSettings, *, quiet: bool = False
) -> PreparedCorpus:
    """Track, crop, and write the manifest. Raises as `prepare_films`."""
    from seqfer.corpus.manifest import write_manifest
    from seqfer.film.clips import film_clips
    from seqfer.film.detector_choice import choose_detector
    from seqfer.runs.progress import ProgressBar

    weights = Path(settings.detector_weights) if settings.detector_weights else None
    detector = choose_detector(settings.detector, weights)
    with ProgressBar(len(videos), "videos", quiet) as bar:
        manifest = film_clips([Path(video) for video in videos], annotations, out, detector, settings, bar.step)
    write_manifest(manifest, out)
    return PreparedCorpus(out, manifest)


def _own_options(name: str, corpus: Any, settings: PrepareSettings) -> dict[str, Any]:
    """The options that only some corpora have. Raises SettingsError where one is given for a corpus without it."""
    own, options = getattr(corpus, "TAKES", ()), dict[str, Any]()
    if settings.also:
        if "also" not in own:
            raise SettingsError(f"{name} has no words that need --also; omit it")
        options["also"] = _also(settings.also)
    if settings.people:
        if "people" not in own:
            raise SettingsError(f"people = {settings.people}: {name} is prepared with all its people; omit it")
        options["people"] = settings.people
    return options


def _also(given: Sequence[str]) -> dict[str, str]:
    """`--also` as a mapping. Raises SettingsError for another form."""
    pairs = [part.strip().partition("=") for part in given]
    if not all(word and equals and emotion for word, equals, emotion in pairs):
        raise SettingsError(
            f"--also {','.join(given)!r}: write it as WORD=EMOTION, for example squint=contempt,scream=fear"
        )
    return {word.strip(): emotion.strip() for word, _, emotion in pairs}


def _is_there(path: Path) -> bool:
    """Path.exists, but False instead of an error for a name that is too long or in a folder without access."""
    try:
        return path.exists()
    except OSError:
        return False
