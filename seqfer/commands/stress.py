"""Robustness of a still-image model: light, pose, detail and occlusion at five strengths, worst first.

The same faces are scored as they are and under every change, from a little to a lot. Writes stress.json, stress.csv and stress.html with a
picture of the score against strength, and, with --groups, the same for each group of the corpus. What was killed goes on with --resume.

Example:
  seqfer stress small --data fer2013.jsonl --split PublicTest --images 400
  seqfer stress compact --data fer2013.jsonl --split PublicTest --only rotation,blur,occlusion
  seqfer stress runs/mine/encoder.safetensors --data kdef.jsonl --groups sex
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer stress`."""
    parser.add_argument(
        "model", metavar="MODEL", help="a name of `seqfer models` whose weights ship, or a .safetensors file"
    )
    parser.add_argument("--data", required=True, help="a manifest (.jsonl) or an embedded corpus")
    parser.add_argument("--split", default="", help="an official split, such as PublicTest (default: all clips)")
    parser.add_argument(
        "--classes", default="", help="six, seven, all or fer2013: score these classes only (default: the corpus' own)"
    )
    parser.add_argument("--groups", default="", metavar="ATTRIBUTE", help="score by this attribute of the clips too")
    parser.add_argument(
        "--only",
        default="",
        metavar="LIST",
        help="these changes only, comma-separated: names, their first words (rotation), kinds (light)",
    )
    parser.add_argument(
        "--images", type=int, default=0, metavar="N", help="draw so many clips by the seed (default: all)"
    )
    parser.add_argument("--seed", type=int, default=0, help="one number that decides all that is drawn (default: 0)")
    parser.add_argument("--out", type=Path, help="run folder (default: a new one, runs/stress-MODEL-DATA)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, or with the newest one")
    parser.add_argument("--quiet", action="store_true", help="no progress on screen")


def run(args: argparse.Namespace) -> int:
    """Stress, write, print."""
    from seqfer.core.files import without_nan, write_atomically, write_json
    from seqfer.experiments.stress.run import stress_model
    from seqfer.experiments.stress.settings import StressSettings
    from seqfer.report.stress_report import console_table, csv_table, write_stress_report
    from seqfer.runs.folder import default_folder, model_stem
    from seqfer.runs.names import STRESS_CSV, STRESS_HTML, STRESS_JSON

    only = tuple(word.strip() for word in args.only.split(",") if word.strip())
    settings = StressSettings(
        args.model, args.data, args.split, args.classes, args.images, args.seed, only, args.groups
    )
    stem = f"stress-{model_stem(args.model)}-{Path(args.data).stem}" + (f"-{args.split}" if args.split else "")
    out = args.out or default_folder(stem, args.resume)
    command = shlex.join(["seqfer", *sys.argv[1:]])
    report = without_nan(stress_model(settings, out, resume=args.resume, quiet=args.quiet, command=command))
    write_json(out / STRESS_JSON, report)
    write_atomically(out / STRESS_CSV, csv_table(report))
    write_stress_report(report, out / STRESS_HTML)
    print(console_table(report))
    print(f"\nReport: {out / STRESS_HTML}")
    return 0
