"""Rate videos over time in the browser, with a joystick, mouse, wheel, keys or touch.

Serves a page on this machine and opens it. Every sample is written at once below --out: logs/ has each attempt as it was rated, and for every video
that was rated to its end ratings/VIDEO/RATER.csv has the means per second for `seqfer evaluate-trace`; carma/ and darma/ have the files of these
programs. A rater who stops can go on later under the same name. Ctrl-C ends the server. Needs the extra seqfer[web].

Example:
  seqfer rate movie.mp4
  seqfer rate clips/*.mp4 --axes valence,arousal --order random --instructions instructions.md
  seqfer rate movie.mp4 --check
"""

from __future__ import annotations

import argparse
from typing import Any

from seqfer.commands._options import Paths, add_settings, as_path, settings_from
from seqfer.commands._serving import serve
from seqfer.web.settings import RateSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer rate`."""
    parser.add_argument("videos", action=Paths, type=as_path, nargs="+", metavar="VIDEO", help="video files")
    parser.add_argument("--out", type=as_path, default="ratings", help="folder of the ratings (default: ratings)")
    names = ("axes", "mode", "sample_hz", "order", "raters", "practice", "instructions", "language", "sound")
    add_settings(parser, RateSettings, *names, "host", "port", "allow_network")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page, only print its link")
    parser.add_argument(
        "--check",
        action="store_true",
        help="measure the rate and delay of an input device in this browser, in place of rating",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from seqfer.results.rating import RatingServer
    from seqfer.study.plan import RatingPlan, raters_of, videos_of

    settings = settings_from(args, RateSettings)
    plan = RatingPlan(videos_of(args.videos), settings, args.out, raters_of(settings.raters))
    browser = not args.no_browser
    with RatingServer(plan, settings, browser=browser, check=args.check, on_check=_print_check) as running:
        return serve(running, settings)


def _print_check(result: dict[str, Any]) -> None:
    shown = {key: f"{value:.4g}" if isinstance(value, float) else value for key, value in result.items()}
    print(", ".join(f"{key}: {value}" for key, value in shown.items()), flush=True)
