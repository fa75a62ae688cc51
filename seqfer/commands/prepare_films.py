"""Make training clips from annotated videos: crops of faces, with the raters' valence on every frame.

The manifest is for `seqfer cv --task valence` and for `seqfer train-valence-head`. Annotation files of the video STEM are named STEM.csv,
STEM_RATER.csv, or are in a folder STEM. Their delay is not estimated here; give the estimate of `seqfer evaluate-trace` with --lag-s.

Example:
  seqfer prepare-films videos/*.mp4 --annotations ratings/ --axis Valence --lag-s 2.5 -o videos.jsonl
  seqfer train-valence-head --data videos.jsonl --out runs/valence-head
"""

from __future__ import annotations

import argparse
from pathlib import Path

from seqfer.commands._options import Paths, add_settings, as_path, settings_from
from seqfer.commands._runs import add_list, add_quiet
from seqfer.core.files import home_expanded
from seqfer.core.one_line import one_line
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
    from seqfer.corpus.manifest import write_manifest
    from seqfer.film.batch import videos_of
    from seqfer.film.clips import film_clips
    from seqfer.film.detector_choice import choose_detector
    from seqfer.runs.progress import ProgressBar

    settings = settings_from(args, ClipSettings)
    weights = Path(settings.detector_weights) if settings.detector_weights else None
    detector = choose_detector(settings.detector, weights, quiet=args.quiet)
    films = [Path(film) for film in videos_of(args.films, args.list)]
    bar = None if args.quiet else ProgressBar(len(films), "videos")
    told = bar.step if bar else lambda line: None
    manifest = film_clips(films, args.annotations, args.out, detector, settings, told)
    if bar:
        bar.close()
    write_manifest(manifest, args.out)
    frames = sum(len(clip.frames) for clip in manifest.clips)
    print(one_line(f"{args.out}: {len(manifest.clips)} clips, {frames} frames, {len(manifest.people)} people"))
    for note in manifest.notes:
        print(one_line(f"  note: {note}"))
    return 0
