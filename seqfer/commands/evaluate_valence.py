"""Score a valence model on stills against the mean of the raters' votes, beside two baselines.

Prints RMSE, CCC, PCC, SAGR and MAE with bootstrap intervals and writes evaluation.json. The baselines are the mean valence of the training
split and the expectation of an emotion classifier's probabilities under published norms.

Example:
  seqfer evaluate-valence compact --data fer2013.jsonl --split PublicTest
  seqfer evaluate-valence runs/liu/valence.safetensors --data fer2013.jsonl --split PublicTest --out runs/liu-test
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer evaluate-valence`."""
    parser.add_argument("model", help="what ships (compact), or a .safetensors file of train-valence")
    parser.add_argument("--data", required=True, help="a manifest (.jsonl) of stills with rater votes")
    parser.add_argument("--split", default="", help="an official split of the corpus (default: everything)")
    parser.add_argument("--mean-of", default="Training", help="split whose mean is the constant baseline")
    parser.add_argument("--classifier", default="compact", help="emotion classifier of the baseline under norms")
    parser.add_argument("--least-votes", type=int, default=6, help="leave out images with fewer votes (default: 6)")
    parser.add_argument("--mirror", action="store_true", help="mean over the image and its mirror image")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=Path, help="also write evaluation.json into this folder")


def run(args: argparse.Namespace) -> int:
    """Score, print, write."""
    import json

    from seqfer.core.files import without_nan, write_json
    from seqfer.experiments.evaluate_valence import evaluate_valence
    from seqfer.runs.names import EVALUATION_JSON

    report = without_nan(
        evaluate_valence(
            args.model,
            args.data,
            split=args.split,
            mean_of=args.mean_of,
            classifier=args.classifier,
            least_votes=args.least_votes,
            mirror=args.mirror,
            seed=args.seed,
            command=shlex.join(["seqfer", *sys.argv[1:]]),
        )
    )
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        write_json(args.out / EVALUATION_JSON, report)
    print(json.dumps(report, indent=1) if args.json else _table(report))
    return 0


def _table(report: dict[str, Any]) -> str:
    names = {"model": report["model"], "norms": f"norms of {report['norms_of']}", "constant": "constant mean"}
    measures = ("rmse", "ccc", "pcc", "sagr", "mae")
    width = max(map(len, names.values()))
    lines = [
        f"{report['split']}: {report['images']} images with at least {report['least_votes']} votes ({report['left_out']} left out)",
        f"{'':<{width}}  " + "  ".join(f"{name.upper():^23}" for name in measures),
    ]
    for key, title in names.items():
        scores = report["scores"][key]
        cells = [_cell(scores[name], scores["intervals"].get(name)) for name in measures]
        lines.append(f"{title:<{width}}  " + "  ".join(f"{cell:^23}" for cell in cells))
    return "\n".join(lines)


def _cell(value: float | None, interval: list[float | None] | None) -> str:
    if value is None:
        return "undefined"
    if interval is None or None in interval:
        return f"{value:.3f}"
    return f"{value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"
