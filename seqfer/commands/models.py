"""List the frame encoders and baselines: source, input, size, cost, shipped weights and their scores.

Parameters include the running statistics of batch norm, as in the papers; "trainable" excludes them. Multiplications are those of the convolutions
for one image. Input is pixels x pixels x channels. Counts are for each encoder's own number of classes. A baseline is fitted without gradients,
by `seqfer train --set encoder=NAME` on still images and by `seqfer cv --heads NAME` on clips.

Example:
  seqfer models
  seqfer models --json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqfer.results.listings import KnownModel

HEADINGS = ("encoder", "source", "input", "features", "parameters", "trainable", "multiplications", "weights", "scores")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer models`."""
    parser.add_argument("--json", action="store_true", help="print a list of objects instead of a table")


def table(models: Iterable[KnownModel]) -> str:
    """The models as aligned text; names and sources to the left, numbers to the right."""
    rows = [list(HEADINGS)] + [
        [
            m.name,
            m.paper,
            f"{m.input_size_px}x{m.input_size_px}x{m.channels}",
            *(
                f"{count:,}"
                for count in (m.feature_dim, m.parameters, m.parameters_trainable, m.multiplications_convolutions)
            ),
            m.weights or "-",
            ", ".join(f"{key} {value:.4g}" for key, value in m.scores.items()) or "-",
        ]
        for m in models
    ]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADINGS))]
    right = range(2, 7)
    aligned = [[c.rjust(w) if k in right else c.ljust(w) for k, (c, w) in enumerate(zip(row, widths))] for row in rows]
    aligned.insert(1, ["-" * w for w in widths])
    return "\n".join("  ".join(row).rstrip() for row in aligned)


def run(args: argparse.Namespace) -> int:
    """Print the list."""
    from seqfer.results.listings import known_models

    models = known_models()
    print(json.dumps([asdict(model) for model in models], indent=1) if args.json else table(models))
    return 0
