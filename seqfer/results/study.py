"""`seqfer.open_study` and `seqfer study`: a study from recordings to a report. (`seqfer.study` is a package, hence the name of the function.)"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError, SettingsError
from seqfer.results._folders import check_folder, folder_of
from seqfer.results._result import Result
from seqfer.results._settings import settings_of
from seqfer.runs.names import EVALUATION_FOLDER, EVALUATION_JSON, REPORT_HTML, STUDY_JSON, SUMMARY_JSON

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.film.many import VideoResult
    from seqfer.film.settings import AnnotateVideoSettings
    from seqfer.results.rating import RatingServer
    from seqfer.runs.kinds.evaluate_trace import EvaluateTraceReport
    from seqfer.runs.kinds.study import StudyReport
    from seqfer.study.study_file import Recording, StudyFile
    from seqfer.web.settings import StudySettings

REPORT = "report"
DONE, NOT = "done", "not"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class StudyComparison(Result["StudyReport"]):
    """The report of a study. `record` is the content of study.json.

    `series` has a row per stimulus, source (model or raters), participant and bin: `stimulus`, `source`, `participant`, `start_s` of the stimulus in
    seconds, `valence`."""

    series: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """Model against raters: a row per kind of figure (`side`, `every_s`, `smoothed`) and part of the study (`by`, `name`): `recordings`, and of
        every measure the mean, `_sd`, and the ends of the interval of the mean, `_low` and `_high`."""
        import pandas as pd

        from seqfer.study.tables import figure_columns

        return pd.DataFrame(figure_columns(self.record)).astype({"every_s": float})

    def __str__(self) -> str:
        from seqfer.report.study_text import console

        return console(self.record)


class Study:
    """A study that was opened. `file` is the content of study.toml, `settings` are those of `seqfer study`."""

    def __init__(
        self,
        file: StudyFile,
        settings: StudySettings,
        *,
        out: Path | None = None,
        browser: bool = True,
        progress: bool = True,
        command: str = "seqfer.open_study",
    ) -> None:
        self.file, self.settings, self.command = file, settings, command
        self.out = out or file.path.parent / REPORT
        self.browser, self.progress = browser, progress
        self.annotation = _annotation_settings(file)

    def status(self) -> pd.DataFrame:
        """A row per recording: `recording`, `participant`, `stimulus`, `group`, `annotated` (done, begun or not), and a column per rater: done, not,
        or up to which minute and second of the video."""
        import pandas as pd

        from seqfer.study.attempts import rated

        group = {one.name: one.group for one in self.file.participants}
        raters = self.file.raters or tuple(
            dict.fromkeys(name for names in rated(self.file.ratings).values() for name in names)
        )
        rows = [
            {
                "recording": one.name,
                "participant": one.participant,
                "stimulus": one.stimulus,
                "group": group[one.participant],
                "annotated": self._annotated(one),
                **{rater: _rated(self.file.ratings, one.name, rater) for rater in raters},
            }
            for one in self.file.recordings
        ]
        return pd.DataFrame(rows)

    def rate(self) -> RatingServer:
        """Serve the pages on which the raters rate, with a link for each rater in `rater_links`. Raises as `seqfer.rate`."""
        from seqfer.results.rating import RatingServer

        return RatingServer(self.file.plan(), self.settings, browser=self.browser)

    def run(self) -> list[VideoResult]:
        """Annotate the recordings that are not annotated, and resume those that were interrupted. Each result has the `problem` of a recording
        that could not be annotated, else None. Raises SettingsError where the settings of unfinished ones have changed."""
        from seqfer.results.annotating import run_annotation

        missing = [one for one in self.file.recordings if self._annotated(one) != DONE]
        if not missing:
            return []
        folders = [(str(one.video), self.file.results / one.name) for one in missing]
        with folder_of(self.file.results, resume=True):
            return run_annotation(folders, self.annotation, command=self.command, resume=True, quiet=not self.progress)

    def report(self) -> StudyComparison:
        """Compare model, raters and participants, and write study.json, report.html and tables.

        Raises InputError where nothing is rated or annotated, SettingsError for groups that the study does not have."""
        from seqfer.report.study_report import write_study_report
        from seqfer.runs.records import write_record
        from seqfer.study.analysis import chosen_groups
        from seqfer.study.series import stimulus_series
        from seqfer.study.tables import series_table, write_tables

        settings = replace(self.settings, axis=self._axis())
        chosen_groups(self.file, settings.groups)
        check_folder(self.out, STUDY_JSON, REPORT_HTML, SUMMARY_JSON, EVALUATION_JSON)
        compared, problems = self._compared(settings)
        series, unread = stimulus_series(self.file, settings, compared)
        if not series:
            raise InputError(
                f"{self.file.path}: nothing is annotated or rated yet{f' ({unread[0]})' if unread else ''}; "
                "use `seqfer study run` and `seqfer study rate`"
            )
        record = self._record(settings, compared, series, [*problems, *unread])
        write_tables(record, series, self.out)
        write_study_report(record, series, compared, self.out / REPORT_HTML)
        write_record(self.out / STUDY_JSON, record)
        return StudyComparison.of(record, self.out, self.out, series=series_table(series))

    def __repr__(self) -> str:
        return f"<Study {self.file.path}: {len(self.file.recordings)} recordings, {len(self.file.raters)} raters>"

    def _annotated(self, one: Recording) -> str:
        from seqfer.study.series import is_annotated

        return DONE if is_annotated(self.file, one) else "begun" if (self.file.results / one.name).exists() else NOT

    def _axis(self) -> str:
        """The axis that is compared with the predicted valence."""
        axes = self.file.rating.axes
        asked = self.settings.axis or ("valence" if "valence" in axes else "")
        if asked not in axes:
            raise SettingsError(
                f"axis: the raters rate {', '.join(axes)}{f', not {asked}' if asked else ', and the model predicts valence'}; "
                f"allowed: one of these, as in --axis {axes[0]}"
            )
        return asked

    def _compared(self, settings: StudySettings) -> tuple[EvaluateTraceReport | None, list[str]]:
        """The figures of the recordings that are rated and annotated, None without any, and what could not be compared."""
        from seqfer.core.settings import narrowed
        from seqfer.raters.films import FilmFiles, Pairing
        from seqfer.raters.settings import EvaluateTraceSettings
        from seqfer.results.trace_comparison import run_trace_comparison
        from seqfer.study.series import is_annotated, rating_files
        from seqfer.study.tables import write_people

        files = {one.name: rating_files(self.file, one) for one in self.file.recordings}
        annotated = [one.name for one in self.file.recordings if is_annotated(self.file, one)]
        films = tuple(FilmFiles(name, self.file.results / name, files[name]) for name in annotated if files[name])
        if not films:
            return None, []
        rest = tuple(path for name, found in files.items() if name not in annotated for path in found)
        pairing = Pairing(films, tuple(name for name in annotated if not files[name]), rest, many=True)
        if not settings.people:
            settings = replace(settings, people=str(write_people(self.file, self.out)))
        chosen = narrowed(settings, EvaluateTraceSettings)
        record, _ = run_trace_comparison(
            pairing, chosen, self.out / EVALUATION_FOLDER, command=self.command, quiet=not self.progress
        )
        problems = [f"{one['film']}: {one['problem']}" for one in record.failed]
        problems += [f"{film.film}: {line}" for film in record.films for line in film.warnings]
        return record, problems

    def _record(
        self, settings: StudySettings, compared: EvaluateTraceReport | None, series: Any, problems: Iterable[str]
    ) -> StudyReport:
        from datetime import UTC, datetime

        from seqfer import __version__
        from seqfer.core.settings import as_dict
        from seqfer.runs.folder import machine, versions
        from seqfer.runs.kinds.study import StudyReport
        from seqfer.study.analysis import alike, figures_by
        from seqfer.study.tables import recordings_of

        return StudyReport(
            seqfer=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            command=self.command,
            settings={
                key: value for key, value in as_dict(settings).items() if key not in ("host", "port", "allow_network")
            },
            title=self.file.title or self.file.path.resolve().parent.name,
            recordings=recordings_of(self.file),
            figures=figures_by(self.file, compared, settings.level) if compared else (),
            stimuli=alike(self.file, series, settings),
            warnings=tuple(dict.fromkeys(problems)),
            versions=versions(),
            machine=machine(),
        )


def open_study(
    file: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    browser: bool = True,
    progress: bool = True,
    **settings: Any,
) -> Study:
    """Open a study: `.status()` is a table, `.rate()` serves the pages of the raters, `.run()` annotates what is missing, `.report()` compares model,
    raters and participants. The command is `seqfer study`.

    `file` is a study.toml (docs/how-to/study.md; `seqfer.new_study` writes a first one). `out` is the folder of the report (default: `report`
    beside the file). `browser` opens the page of the raters, `progress` shows progress bars. `settings` are those of `seqfer study`: `every_s=2.0`,
    `lag="estimate"`, `window_s=20.0`, `port=0`.

    Raises InputError, with file and line, for a study file that is wrong, and SettingsError for an unknown setting or value.

    Example:
        >>> import seqfer
        >>> from pathlib import Path
        >>> from seqfer.posed import PosedFilm, write_posed_film
        >>> for name in ("P01_comedy.mp4", "P02_comedy.mp4"):
        ...     _ = write_posed_film(Path(name), PosedFilm(people=(int(name[2]),), seconds=2))
        >>> study = seqfer.open_study(seqfer.new_study("."), progress=False)
        >>> study.status()[["recording", "annotated", "rater1"]].values.tolist()
        [['P01-comedy', 'not', 'not'], ['P02-comedy', 'not', 'not']]
        >>> [result.problem for result in study.run()]
        [None, None]
        >>> [source.source for source in study.report().record.stimuli[0].sources]
        ['model']
    """
    from seqfer.study.study_file import read_study
    from seqfer.web.settings import StudySettings

    chosen = settings_of(StudySettings, {}, settings)
    return Study(
        read_study(Path(file)), chosen, out=None if out is None else Path(out), browser=browser, progress=progress
    )


def new_study(folder: str | os.PathLike[str]) -> Path:
    """Write a first study.toml for the videos in a folder (P01_comedy.mp4: participant P01 watched the stimulus comedy), and return its path.

    The command is `seqfer study init`. Raises InputError where there are no videos, and where a study.toml is there.

    >>> import seqfer
    >>> from pathlib import Path
    >>> from seqfer.posed import PosedFilm, write_posed_film
    >>> _ = write_posed_film(Path("P07_drama.mp4"), PosedFilm(seconds=0.2))
    >>> print(seqfer.new_study("."))
    study.toml
    """
    from seqfer.core.files import write_atomically
    from seqfer.study.new_study import study_text
    from seqfer.study.study_file import STUDY_TOML

    path = Path(folder) / STUDY_TOML
    if path.exists():
        raise InputError(f"{path}: is there already; edit it, or remove it to write a new one")
    write_atomically(path, study_text(Path(folder)))
    return path


def transcode(
    videos: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], *, progress: bool = True
) -> list[Path]:
    """Write a copy of each video that every browser plays, beside it: clip.avi as clip-h264.mp4 (H.264 with AAC, upright, the frames' times as they
    were). Returns the paths. The command is `seqfer study transcode`. A copy that is there is not made again.

    Raises InputError for a file that cannot be read to its end, and where the disk refuses; copies that were finished before stay.

    >>> import seqfer
    >>> from pathlib import Path
    >>> from seqfer.posed import PosedFilm, write_posed_film
    >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=0.2))
    >>> [path.name for path in seqfer.transcode("drawn.mp4", progress=False)]
    ['drawn-h264.mp4']
    """
    from seqfer.runs.progress import ProgressBar
    from seqfer.video.film import FilmSource
    from seqfer.video.transcoding import transcode as write_copy
    from seqfer.video.transcoding import transcoded_path

    given = [videos] if isinstance(videos, str | os.PathLike) else list(videos)
    made = list[Path]()
    for path in map(Path, given):
        target = transcoded_path(path)
        made.append(target)
        if target.exists():
            continue
        source = FilmSource(path)
        total = source.info.container_frames or 0
        with ProgressBar(total, path.name, not progress) as bar:
            write_copy(source, target, lambda done, bar=bar: bar.advance(done, "frames"))  # type: ignore[misc]
    return made


def _annotation_settings(file: StudyFile) -> AnnotateVideoSettings:
    """The settings of annotate-video of a study, with valence. Raises SettingsError with file and line."""
    from seqfer.core.settings_files import read_settings
    from seqfer.film.settings import AnnotateVideoSettings

    given = dict(file.annotation)
    if given.get("valence") is False:
        raise SettingsError(f"{file.where('annotation', 'valence')}a study compares valence; remove this line")
    for key in ("model", "valence_model", "detector_weights"):
        given.update(_beside(file, given, key))
    try:
        return read_settings(AnnotateVideoSettings, overrides=[{"valence": True, **given}])
    except SettingsError as error:
        from seqfer.study.study_file import key_in

        raise SettingsError(f"{file.where('annotation', key_in(str(error), given))}{error}") from None


def _beside(file: StudyFile, given: Mapping[str, Any], key: str) -> dict[str, str]:
    """The path of a weights file, which starts at the folder of the study file; names of included models stay."""
    value = given.get(key)
    path = file.path.parent / value if isinstance(value, str) else None
    return {key: str(path)} if path is not None and path.is_file() else {}


def _rated(out: Path, video: str, rater: str) -> str:
    from seqfer.study.attempts import attempts_of
    from seqfer.study.rating_files import RATINGS

    if (out / RATINGS / video / f"{rater}.csv").is_file():
        return DONE
    attempts = attempts_of(out, video, rater)
    last = max((one.last_s for one in attempts), default=0.0)
    return f"up to {int(last // 60)}:{int(last % 60):02d}" if attempts else NOT
