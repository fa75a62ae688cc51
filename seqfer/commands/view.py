"""Show annotated videos in the browser: boxes, emotions, timelines of faces, raters on the same clock.

RUN is a folder of annotate-video, or a folder of such folders: then a list with search comes first. The video is looked for beside the run and in
the current folder. Ctrl-C ends the server. Needs the extra seqfer[web].

Example:
  seqfer view movie-seqfer
  seqfer view movie-seqfer --video /data/movie.mp4 --raters ann.csv ben.csv
  seqfer view results
"""

from __future__ import annotations

import argparse

from seqfer.commands._options import Paths, add_settings, as_path, settings_from
from seqfer.commands._serving import wait_for_end
from seqfer.web.settings import ServerSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer view`."""
    parser.add_argument("runs", action=Paths, type=as_path, nargs="+", metavar="RUN", help="folders of annotate-video")
    parser.add_argument("--video", type=as_path, help="the video of the run, where it is not found beside it")
    parser.add_argument(
        "--raters",
        action=Paths,
        type=as_path,
        nargs="+",
        default=(),
        metavar="FILE",
        help="files of ratings of the video",
    )
    add_settings(parser, ServerSettings, "host", "port", "allow_network")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page, only print its link")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from dataclasses import asdict

    from seqfer.results.viewing import view

    server = asdict(settings_from(args, ServerSettings))
    browser = not args.no_browser
    with view(args.runs, video=args.video, raters=args.raters, browser=browser, **server) as running:
        return wait_for_end(running, [f"Open {running.link}", "Ctrl-C ends."])
