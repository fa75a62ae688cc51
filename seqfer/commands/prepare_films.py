"""Make training clips from annotated videos: crops of faces, with the raters' valence on every frame.

The manifest is for `seqfer cv --task valence` and for `seqfer train-valence-head`. Annotation files of the video STEM are named STEM.csv,
STEM_RATER.csv, or are in a folder STEM. Their delay is not estimated here; give the estimate of `seqfer evaluate-trace` with --lag-s.

Example:
  seqfer prepare-films videos/*.mp4 --annotations ratings/ --axis Valence --lag-s 2.5 -o videos.jsonl
  seqfer train-valence-head --data videos.jsonl --out runs/valence-head
"""

from __future__ import annotations

import argparse

from seqfer.commands._options import Paths, add_settings, as_path, settings_from
from seqfer.commands._runs import add_list, add_quiet
from seqfer.core.files import home_expanded
from seqfer.film.settings import ClipSettings

OPTIONS = (
    "people",
    "lag_s",
    "fusion",
    "axis",
    "value_range",
    "fps",
    "detect_hz",
    "detect_px",
    "min_score",
    "min_face_px",
    "rotate",
    "detector",
    "detector_weights",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer prepare-films`."""
    parser.add_argument(
        "films",
        nargs="*",
        type=home_expanded,
        metavar="VIDEO",
        help="videos that were annotated, folders of them, or patterns such as '*.mp4'",
    )
    add_list(parser)
    parser.add_argument(
        "--annotations",
        action=Paths,
        nargs="+",
        type=as_path,
        required=True,
        metavar="PATH",
        help="annotation files, or folders of them",
    )
    parser.add_argument("-o", "--out", type=as_path, required=True, help="the manifest to write (.jsonl)")
    add_settings(parser, ClipSettings, *OPTIONS, spelled={"value_range": "--range"})
    add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Track, crop, write, print counts and notes."""
    from seqfer.film.batch import videos_of
    from seqfer.results.corpus import run_prepare_films

    settings = settings_from(args, ClipSettings)
    videos = videos_of(args.films, args.list)
    print(run_prepare_films(videos, args.annotations, args.out, settings, quiet=args.quiet))
    return 0
