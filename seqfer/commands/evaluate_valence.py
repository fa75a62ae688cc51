"""Evaluate a valence model on still images against the mean of the raters' votes and two baselines.

Prints RMSE, CCC, PCC, SAGR and MAE with bootstrap intervals. With --out it writes evaluation.json and the predictions of every image
(predictions.csv, predictions.parquet), which `seqfer compare` takes. The baselines are the mean valence of the training split and the expectation
of published valence norms over an emotion classifier's probabilities.

Example:
  seqfer evaluate-valence compact --data fer2013.jsonl --split PublicTest
  seqfer evaluate-valence runs/liu/valence.safetensors --data fer2013.jsonl --split PublicTest --out runs/liu-test
"""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import Any

from seqfer.commands._options import add_setting_argument, add_settings, as_path, settings_from
from seqfer.experiments.settings import EvaluateValenceSettings

OPTIONS = ("data", "split", "mean_of", "classifier", "min_votes", "mirror", "seed", "device")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer evaluate-valence`."""
    add_setting_argument(parser, EvaluateValenceSettings, "model")
    add_settings(parser, EvaluateValenceSettings, *OPTIONS)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=as_path, help="also write evaluation.json and predictions into this folder")


def run(args: argparse.Namespace) -> int:
    """Score, print, write."""
    import json

    from seqfer.experiments.evaluate_valence import evaluate_valence
    from seqfer.runs.names import EVALUATION_JSON
    from seqfer.runs.records import as_json, write_record

    settings = settings_from(args, EvaluateValenceSettings)
    report = evaluate_valence(settings, command=shlex.join(["seqfer", *sys.argv[1:]]), out=args.out)
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        write_record(args.out / EVALUATION_JSON, report)
    values = as_json(report)
    print(json.dumps(values, indent=1) if args.json else _table(values))
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
