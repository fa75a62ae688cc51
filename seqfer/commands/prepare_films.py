"""Make training clips of annotated films: faces cut out, with the raters' valence on every frame.

The manifest is for `seqfer cv --task valence` and for `seqfer train-valence-head`. Annotation files of film STEM are named STEM.csv,
STEM_RATER.csv, or lie in a folder STEM. Their delay is not estimated here; what `seqfer evaluate-trace` found is given with --lag.

Example:
  seqfer prepare-films films/*.mp4 --annotations ratings/ --axis Valence --lag 2.5 -o films.jsonl
  seqfer train-valence-head --data films.jsonl --out runs/valence-head
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer prepare-films`."""
    parser.add_argument("films", nargs="+", type=Path, metavar="FILM", help="films that were annotated")
    parser.add_argument(
        "--annotations",
        nargs="+",
        type=Path,
        required=True,
        metavar="PATH",
        help="annotation files, or folders of them",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="the manifest to write (.jsonl)")
    parser.add_argument(
        "--people", type=Path, help="CSV with the columns film,person (default: every film is a person)"
    )
    parser.add_argument("--lag", type=float, default=0.0, metavar="S", help="seconds that raters lag behind the film")
    parser.add_argument("--fusion", default="mean", help="of several raters: mean or ewe")
    parser.add_argument("--axis", default="", help="the axis that is valence, where a file has several")
    parser.add_argument("--range", default="", metavar="LO,HI", help="the range of a plain CSV's values")
    parser.add_argument("--fps", type=float, default=0.0, help="take so many frames per second (default: all)")
    parser.add_argument("--detector", default="auto", help="auto, yunet, haar, pico or mtcnn")
    parser.add_argument("--detector-weights", type=Path, metavar="FILE", help="the detector's file, where it needs one")
    parser.add_argument("--quiet", action="store_true", help="no progress on screen")


def run(args: argparse.Namespace) -> int:
    """Follow, cut, write, print counts and notes."""
    from seqfer.commands._trace_options import value_range
    from seqfer.corpus.manifest import write_manifest
    from seqfer.film.clips import film_clips
    from seqfer.film.detector_choice import choose_detector
    from seqfer.film.settings import ClipSettings
    from seqfer.runs.progress import ProgressBar

    settings = ClipSettings(
        lag_s=args.lag,
        fps=args.fps,
        fusion=args.fusion,
        axis=args.axis,
        value_range=value_range(args.range),
        people=str(args.people or ""),
    )
    detector = choose_detector(args.detector, args.detector_weights, quiet=args.quiet)
    bar = None if args.quiet else ProgressBar(len(args.films), "films")
    told = bar.step if bar else lambda line: None
    manifest = film_clips(args.films, args.annotations, args.out, detector, settings, told)
    if bar:
        bar.close()
    write_manifest(manifest, args.out)
    frames = sum(len(clip.frames) for clip in manifest.clips)
    print(f"{args.out}: {len(manifest.clips)} clips, {frames} frames, {len(manifest.people)} people")
    for note in manifest.notes:
        print(f"  note: {note}")
    return 0
