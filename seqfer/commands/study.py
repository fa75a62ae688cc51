"""Run a study: raters and model on participants who watched stimuli, from recordings to a report.

ACTION is one of
  init FOLDER         write a first study.toml for the recordings in a folder (P01_comedy.mp4: participant P01 watched comedy)
  status [STUDY]      who has rated what, and what is annotated
  rate [STUDY]        serve the pages on which the raters rate, with a link for each rater; Ctrl-C ends (needs seqfer[web])
  run [STUDY]         annotate the recordings that are not annotated; what was interrupted is resumed
  report [STUDY]      compare model, raters and participants: report.html, study.json and tables
  transcode VIDEO...  copies that every browser plays, beside the videos: clip.avi as clip-h264.mp4
STUDY is the study file (default: study.toml); docs/how-to/study.md describes it.

Example:
  seqfer study init recordings
  seqfer study rate recordings/study.toml
  seqfer study report recordings/study.toml --lag estimate --every-s 2
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seqfer.commands._options import Paths, add_settings, as_path, settings_from
from seqfer.commands._runs import add_quiet
from seqfer.commands._serving import serve
from seqfer.core.errors import SettingsError
from seqfer.core.one_line import one_line
from seqfer.web.settings import StudySettings

if TYPE_CHECKING:
    from seqfer.results.study import Study

ACTIONS = ("init", "status", "rate", "run", "report", "transcode")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer study`."""
    parser.add_argument("action", choices=ACTIONS, metavar="ACTION", help=", ".join(ACTIONS))
    parser.add_argument(
        "paths",
        action=Paths,
        type=as_path,
        nargs="*",
        metavar="PATH",
        help="the study file; for init a folder, for transcode videos",
    )
    parser.add_argument("--out", type=as_path, help="folder of the report (default: report, beside the study file)")
    shown = ("every_s", "lag", "fusion", "axis", "face", "smooth", "window_s", "groups", "permutations", "seed")
    add_settings(parser, StudySettings, *shown, "host", "port", "allow_network")
    parser.add_argument("--no-browser", action="store_true", help="do not open the raters' page, only print the links")
    add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Do the action; returns 2 where a recording could not be annotated."""
    settings = settings_from(args, StudySettings)
    if args.action == "init":
        return _init(_only(args.paths, "a folder of recordings"))
    if args.action == "transcode":
        return _transcode(args)
    from seqfer.results.study import Study
    from seqfer.study.study_file import STUDY_TOML, read_study

    file = read_study(_only(args.paths or [Path(STUDY_TOML)], "one study file"))
    command = shlex.join(["seqfer", *sys.argv[1:]])
    browser, progress = not args.no_browser, not args.quiet
    study = Study(file, settings, out=args.out, browser=browser, progress=progress, command=command)
    return {"status": _status, "rate": _rate, "run": _run, "report": _report}[args.action](study)


def _only(paths: list[Path], what: str) -> Path:
    if len(paths) != 1:
        raise SettingsError(f"{len(paths)} paths are given; give {what}")
    return paths[0]


def _init(folder: Path) -> int:
    from seqfer.results.study import new_study

    path = new_study(folder)
    print(f"Participants and stimuli were guessed from the files' names; check them in {path}")
    return 0


def _transcode(args: argparse.Namespace) -> int:
    from seqfer.results.study import transcode

    if not args.paths:
        raise SettingsError("no videos are given; name the videos to copy")
    for path in args.paths:
        for made in transcode(path, progress=not args.quiet):
            print(made, flush=True)
    return 0


def _status(study: Study) -> int:
    print(study.status().to_string(index=False))
    return 0


def _rate(study: Study) -> int:
    with study.rate() as running:
        return serve(running, study.settings)


def _run(study: Study) -> int:
    from seqfer.runs.process_tuning import tune_for_video

    tune_for_video()
    results = study.run()
    failed = [one for one in results if one.problem]
    for one in failed:
        print(one_line(f"seqfer study: {one.out.name}: {one.problem}"), file=sys.stderr)
    already = len(study.file.recordings) - len(results)
    print(f"{len(results) - len(failed)} recordings annotated, {already} were before: {study.file.results}")
    return 2 if failed else 0


def _report(study: Study) -> int:
    from seqfer.runs.names import REPORT_HTML

    print(study.report())
    print(f"Report: {study.out / REPORT_HTML}")
    return 0
