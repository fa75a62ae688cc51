"""Annotate videos: tracks all faces, writes emotions per frame, valence at 1 Hz, and a report.

A video is a file, a folder of pictures, or camera:0; a folder of videos, a quoted pattern and a list file name several. Each gets a folder with
frames.csv, frames.parquet, tracks.csv, valence_1hz.csv, summary.json and report.html. An interrupted run resumes with --resume and writes the same
files.

Example:
  seqfer annotate-video movie.mp4 --valence
  seqfer annotate-video movie.mp4 --valence --overlay --formats elan,webvtt --out results/movie
  seqfer annotate-video P01/video.mp4 P02/video.mp4 --out results    (to results/P01/video and results/P02/video)
  seqfer annotate-video videos --valence --jobs 2 --out results      (all videos of the folder)
  seqfer annotate-video camera:0 --causal --valence --end-s 60
"""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import TYPE_CHECKING

from seqfer.commands._options import add_settings, as_path, as_whole_number, settings_from
from seqfer.commands._runs import add_list, add_quiet
from seqfer.core.files import home_expanded
from seqfer.core.one_line import one_line
from seqfer.core.settings import declared
from seqfer.film.settings import AnnotateVideoSettings

if TYPE_CHECKING:
    from seqfer.film.many import VideoResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer annotate-video`."""
    parser.add_argument(
        "films",
        nargs="*",
        type=home_expanded,
        metavar="VIDEO",
        help="a video, a folder of pictures, a folder of videos, a pattern such as '*.mp4', or camera:0",
    )
    add_list(parser)
    parser.add_argument(
        "--out",
        type=as_path,
        help="folder of the results; of several videos the folder of their folders, which mirror the videos' (default: VIDEO-seqfer)",
    )
    add_settings(parser, AnnotateVideoSettings, *declared(AnnotateVideoSettings))
    parser.add_argument(
        "--jobs",
        type=as_whole_number,
        default=1,
        metavar="N",
        help="videos at the same time (0: one per core; default: 1)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="resume interrupted videos; finished videos are not annotated again"
    )
    add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Annotate one or several videos; of several, one that fails does not stop the others."""
    from seqfer.film.batch import folders_for, videos_of
    from seqfer.results.annotating import run_annotation
    from seqfer.runs.process_tuning import tune_for_video

    tune_for_video()
    settings = settings_from(args, AnnotateVideoSettings)
    command = shlex.join(["seqfer", *sys.argv[1:]])
    films = videos_of(args.films, args.list)
    folders = folders_for(films, args.out, alone=films == args.films)
    results = run_annotation(folders, settings, command=command, resume=args.resume, jobs=args.jobs, quiet=args.quiet)
    for line in _lines(results):
        print(_printable(line), flush=True)
    failed = [result for result in results if result.problem]
    if failed and len(results) == 1:
        print(one_line(f"seqfer annotate-video: {failed[0].problem}"), file=sys.stderr)
    return 2 if failed else 0


def _lines(results: list[VideoResult]) -> list[str]:
    if len(results) == 1:
        return [_told(results[0])] if results[0].summary else []
    width = max(len(result.film) for result in results)
    return [f"{r.film:<{width}}  {_told(r) if r.summary else 'failed'}{_why(r)}" for r in results]


def _told(result: VideoResult) -> str:
    from seqfer.results.annotation import outcome
    from seqfer.runs.names import REPORT_HTML

    assert result.summary is not None, "a failed video has a problem and no summary"
    return f"{outcome(result.summary)}: {result.out / REPORT_HTML}"


def _why(result: VideoResult) -> str:
    return f" ({result.problem})" if result.problem else ""


def _printable(line: str) -> str:
    """The line with characters that the terminal can show: a file's name may have any."""
    taken = getattr(sys.stdout, "encoding", None) or "utf-8"
    return one_line(" ".join(line.splitlines())).encode(taken, "backslashreplace").decode(taken)
