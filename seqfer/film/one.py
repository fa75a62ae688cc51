"""`seqfer annotate-video` for one video: opens it, writes its rows to the tables as they come, and finishes the folder of results.

The tables get their names when they are complete. Detections and encoded faces are stored block by block: a run that was killed decodes the video
again with `resume`, computes only the blocks that are missing, and ends with the same files.
"""

from __future__ import annotations

from pathlib import Path

from seqfer.film.block_log import BlockLog
from seqfer.film.finishing import finish, record_checksums, write_extra_files
from seqfer.film.opening import check_places, open_video
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.film.writing import AnnotationRun
from seqfer.runs.folder import open_run
from seqfer.runs.kinds.annotate_video import VideoSummary
from seqfer.runs.names import WORK_FOLDER
from seqfer.runs.process_tuning import torch_threads
from seqfer.video.sources import Video


def annotate_film(
    film: Video,
    out: Path,
    settings: AnnotateSettings,
    options: OutputOptions,
    *,
    resume: bool = False,
    quiet: bool = False,
) -> VideoSummary:
    """Annotate a video (a file, a folder of pictures, `camera:0`, frames in memory) into the folder `out`; returns the content of summary.json.

    A video that is damaged in the middle gives the rows up to there, with `partial` in the summary. Raises InputError, SettingsError or
    WeightsError where annotation cannot start or results cannot be written; finished blocks are kept for `resume`. Nothing is written for
    a video that has none of the requested frames.
    """
    check_places(film, out, options)
    with torch_threads(settings.threads), open_video(film, settings, quiet=quiet) as opened:
        open_run(out, opened.key, resume)
        log = None if opened.source.is_live else BlockLog(out / WORK_FOLDER, opened.key)
        run = AnnotationRun(opened, out)
        with run.ended_by_interrupt():
            run.write_tables(log, quiet)
        summary = finish(opened, run, options)
        record_checksums(out, options)  # before the blocks are removed: a folder without checksums is annotated again
        if log is not None:
            log.discard()
    write_extra_files(film, out, summary, options)
    return summary
