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
from typing import Any

HEADINGS = ("encoder", "source", "input", "features", "parameters", "trainable", "multiplications", "weights", "scores")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer models`."""
    parser.add_argument("--json", action="store_true", help="print a list of objects instead of a table")


def describe(name: str) -> dict[str, Any]:
    """One encoder or baseline as a record. Nothing is allocated or computed: the network is built on torch's meta device."""
    import torch

    from seqfer.core import registry
    from seqfer.models.layers import convolution_multiplications, parameter_counts
    from seqfer.models.weights import SHIPPED

    kind = "baselines" if name in registry.names("baselines") else "encoders"
    module = registry.find(kind, name)
    with torch.device("meta"):
        encoder = module.build()
        parameters, trainable = parameter_counts(encoder)
        multiplications = convolution_multiplications(encoder)
    shipped = SHIPPED.get(name)
    return {
        "name": name,
        "kind": kind.removesuffix("s"),
        "paper": module.PAPER,
        "input_size_px": encoder.input_size,
        "channels": encoder.channels,
        "feature_dim": encoder.feature_dim,
        "parameters": parameters,
        "parameters_trainable": trainable,
        "multiplications_convolutions": multiplications,
        "weights": shipped.file if shipped else None,
        "scores": _scores(name) if shipped else {},
    }


def _scores(name: str) -> dict[str, float]:
    """The scores of the included weights, as stored in their file; empty where there are none."""
    from seqfer.models.weights import SHIPPED, load_tensors

    meta = load_tensors(SHIPPED[name].path, SHIPPED[name].sha256)[1]
    return {key: float(value) for key, value in (meta.get("scores") or {}).items()}


def table(records: list[dict[str, Any]]) -> str:
    """The records as aligned text; names and sources to the left, numbers to the right."""
    rows = [list(HEADINGS)] + [
        [
            r["name"],
            r["paper"],
            f"{r['input_size_px']}x{r['input_size_px']}x{r['channels']}",
            *(
                f"{r[k]:,}"
                for k in ("feature_dim", "parameters", "parameters_trainable", "multiplications_convolutions")
            ),
            r["weights"] or "-",
            ", ".join(f"{key} {value:.4g}" for key, value in r["scores"].items()) or "-",
        ]
        for r in records
    ]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADINGS))]
    right = range(2, 7)
    aligned = [[c.rjust(w) if k in right else c.ljust(w) for k, (c, w) in enumerate(zip(row, widths))] for row in rows]
    aligned.insert(1, ["-" * w for w in widths])
    return "\n".join("  ".join(row).rstrip() for row in aligned)


def run(args: argparse.Namespace) -> int:
    """Print the list."""
    from seqfer.core import registry

    records = [describe(name) for name in (*registry.names("encoders"), *registry.names("baselines"))]
    print(json.dumps(records, indent=1) if args.json else table(records))
    return 0
