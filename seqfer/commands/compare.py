"""Compare two finished runs on the clips that both have: McNemar's test, bootstrap by person.

Takes folders of evaluate, evaluate-valence, stress or cv, or files of predictions (predictions.csv, predictions.parquet). Of classes: accuracies,
their difference with its 95 % interval, and McNemar's test (exact with fewer than 25 discordant clips). Of valence: differences of RMSE and CCC with
intervals. Differences are the second run's minus the first's. Of a stress test the uncorrupted clips are compared, unless --first or --second names a
corruption and level; of a cv with repeats, the first repeat.

Example:
  seqfer compare runs/evaluate-small-fer2013-PublicTest runs/evaluate-compact-fer2013-PublicTest
  seqfer compare runs/ck runs/ck --first lstm --second bilstm
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from seqfer.commands._options import add_settings, as_path, settings_from
from seqfer.experiments.settings import CompareSettings

if TYPE_CHECKING:
    from seqfer.experiments.compare_runs import RunComparison


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer compare`."""
    parser.add_argument("runs", metavar="RUN", nargs=2, type=as_path, help="two run folders, or files of predictions")
    add_settings(parser, CompareSettings, "first", "second", "samples", "seed")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=as_path, help="also write comparison.json into this folder")


def run(args: argparse.Namespace) -> int:
    """Read, test, print, write."""
    from seqfer.core.files import without_nan, write_json
    from seqfer.experiments.compare_runs import compare_runs
    from seqfer.runs.names import COMPARISON_JSON

    first, second = args.runs
    found = compare_runs(first, second, settings_from(args, CompareSettings))
    values = without_nan(asdict(found))
    if args.out:
        write_json(args.out / COMPARISON_JSON, values)
    print(json.dumps(values, indent=1, ensure_ascii=False) if args.json else _text(found))
    return 0


def _text(found: RunComparison) -> str:
    names = [f"{run} ({variant})" if variant else run for run, variant in zip(found.runs, found.variants, strict=True)]
    what = f"{found.clips:,} clips" + (f" ({found.rows:,} frames)" if found.rows != found.clips else "")
    lines = [f"first:  {names[0]}", f"second: {names[1]}", f"{what} of {found.people:,} people are in both runs"]
    if any(found.left_out):
        lines[-1] += f"; left out: {found.left_out[0]:,} of the first, {found.left_out[1]:,} of the second"
    for name, row in found.differences.items():
        unit = 100 if name == "accuracy" else 1
        values = [_shown(unit * value, unit) for value in (row.first, row.second)]
        signed = [_shown(unit * value, unit, "+") for value in (row.difference, row.low, row.high)]
        title = "accuracy in %" if name == "accuracy" else name.upper()
        lines.append(
            f"{title}: {values[0]} and {values[1]}, difference {signed[0]} (95 % interval {signed[1]} to {signed[2]})"
        )
    if found.mcnemar is not None:
        test = found.mcnemar
        kind = "exact" if test.exact else f"chi-squared {test.statistic:.2f}, 1 degree of freedom"
        lines.append(
            f"McNemar ({kind}): only the first is right on {test.only_first:,} clips, only the second on {test.only_second:,}; "
            f"p = {test.p_value:.3g}"
        )
    return "\n".join(lines)


def _shown(value: float, unit: int, sign: str = "") -> str:
    return "undefined" if math.isnan(value) else f"{value:{sign}.{2 if unit == 100 else 3}f}"
