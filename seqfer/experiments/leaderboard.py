"""`seqfer leaderboard`: ranks finished runs in groups that were tested on the same clips.

Runs are comparable by their test data, not by names: the checksum of the data, of the folds, the classes and the split. Parameters,
multiplications and milliseconds are measured on each model built again, so that all of one leaderboard are measured on one machine.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

import torch

from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.experiments.leaderboard_runs import Groups, Network, Protocol, Row
from seqfer.models.layers import convolution_multiplications, fuse_conv_bn, parameter_counts
from seqfer.models.sequence import SequenceModel
from seqfer.models.weights import LARGEST_USUAL_PX, build_encoder, state_values
from seqfer.runs.folder import machine, versions
from seqfer.runs.process_tuning import torch_threads
from seqfer.runs.ranking import LeaderboardRecord, RankedGroup

MEASURES = {"error": False, "macro_f1": True}  # measure to rank by -> whether higher is better
TIMINGS, WARM_UPS, PATIENCE_S = 31, 3, 2.0
MOST_VALUES = 200_000_000  # of a model that is built again
LONGEST_CLIP = 10_000  # frames; the time per frame of a longer one is the same
_DIFFERENCES = {
    "kind": "protocol",
    "data_checksum": "data",
    "folds_checksum": "folds",
    "classes": "classes",
    "split": "split",
    "drawn": "people held back",
}


def reasons(groups: Groups) -> list[str]:
    """One line per group: its protocol, its runs, and its differences from the first group."""
    first = next(iter(groups))
    lines = []
    for number, (protocol, rows) in enumerate(groups.items(), 1):
        what = ", ".join(_DIFFERENCES[key] for key in _DIFFERENCES if getattr(protocol, key) != getattr(first, key))
        runs = ", ".join(dict.fromkeys(row.run for row in rows))
        lines.append(
            f"group {number}: {heading(protocol)}: {runs}" + (f" (other {what} than group 1)" if number > 1 else "")
        )
    return lines


def heading(protocol: Protocol) -> str:
    """The protocol as text, with the beginnings of its checksums."""
    sums = [f"data {protocol.data_checksum[:8]}"]
    sums += [f"folds {protocol.folds_checksum[:8]}"] if protocol.folds_checksum else []
    return f"{protocol.corpus}, {protocol.how}, {len(protocol.classes)} classes, {', '.join(sums)}"


def leaderboard(
    groups: Groups, by: str, command: str, progress: Callable[[str], None] = lambda _: None
) -> LeaderboardRecord:
    """Count, time and rank; in each group the best rows are first and those that cannot be ranked last."""
    costs = {}
    for network in networks_of(groups):
        costs[network] = cost_of(network)
        progress(" ".join(filter(None, (network.encoder, network.head))))
    found = versions()
    return LeaderboardRecord(
        by=by,
        seqfer=found["seqfer"],
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine(),
        versions=found,
        timing={"batch": 1, "threads": 1, "median_of": TIMINGS},
        groups=tuple(_group(protocol, rows, costs, by) for protocol, rows in groups.items()),
    )


def _group(protocol: Protocol, rows: Sequence[Row], costs: Mapping[Network, dict[str, Any]], by: str) -> RankedGroup:
    best_first = ranked([_with_cost(row, costs) for row in rows], by)
    return RankedGroup(
        **vars(protocol), heading=heading(protocol), rows=tuple(row.without_networks for row in best_first)
    )


def networks_of(groups: Groups) -> list[Network]:
    """The models to count and to time, each once."""
    return sorted({network for rows in groups.values() for row in rows for network in row.networks}, key=str)


def ranked(rows: Sequence[Row], by: str) -> list[Row]:
    """Best first; equal values share a rank, and an undefined value has none."""
    sign = -1 if MEASURES[by] else 1
    values = [sign * getattr(row, by) for row in rows]
    defined = [value for value in values if not math.isnan(value)]
    ranks = [None if math.isnan(value) else 1 + sum(other < value for other in defined) for value in values]
    placed = [replace(row, rank=rank) for row, rank in zip(rows, ranks, strict=True)]
    return sorted(placed, key=lambda row: math.inf if row.rank is None else row.rank)


def cost_of(network: Network) -> dict[str, Any]:
    """Parameters (batch norm's statistics included), multiplications of the convolutions for one image, and milliseconds per face on one thread.

    They do not depend on the weights, so the model is built again. Empty where the plug-in no longer exists, or is too large.
    """
    try:
        with torch_threads(1), torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(0)
            return _count_and_time(network)
    except SettingsError:
        return {}


def _count_and_time(network: Network) -> dict[str, Any]:
    name = network.encoder
    registry.find_builtin("encoders", name)  # a file has named it
    if network.input_size > LARGEST_USUAL_PX and state_values(name, network.classes, network.input_size) > MOST_VALUES:
        raise SettingsError(f"{name} with faces of {network.input_size} pixels is too large to be timed")
    encoder = build_encoder(name, network.classes, network.input_size).eval()
    quick = fuse_conv_bn(encoder)
    face = torch.rand(1, encoder.channels, encoder.input_size, encoder.input_size)
    parameters, multiplications = parameter_counts(encoder)[0], convolution_multiplications(encoder)
    if network.head:
        registry.find_builtin("heads", network.head)
        features, frames = quick.describe(face), min(network.frames, LONGEST_CLIP)
        model = SequenceModel(features.shape[-1], network.head, network.classes).eval()
        clip, mask = features.repeat(frames, 1)[None], torch.ones(1, frames, dtype=torch.bool)
        parameters += parameter_counts(model)[0]
        multiplications = convolution_multiplications(encoder, encoder.describe)
        ms = _median_ms(lambda: quick.describe(face)) + _median_ms(lambda: model(clip, mask)) / frames
    else:
        views = 2 if network.mirror and not encoder.two_views else 1
        ms = _median_ms(lambda: quick.classify(face)) * views
        multiplications *= views
    return {
        "parameters": parameters,
        "multiplications": multiplications,
        "ms_per_face": ms,
    }


def _median_ms(call: Callable[[], Any]) -> float:
    """Median CPU time, which on one thread does not depend on the load by other programs."""
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < TIMINGS + WARM_UPS and (len(taken) < 2 * WARM_UPS or time.perf_counter() - began < PATIENCE_S):
        started = time.process_time()
        call()
        taken.append(1000 * (time.process_time() - started))
    return median(taken[WARM_UPS:])


def _with_cost(row: Row, costs: Mapping[Network, dict[str, Any]]) -> Row:
    known = [costs[network] for network in row.networks]
    if not known or not all(known):  # a plug-in that no longer exists
        return row
    made = replace(row, **{key: sum(cost[key] for cost in known) for key in known[0]})
    # The evaluated model may have more classes than were scored; then its own count is used.
    return made if math.isnan(row.parameters) else replace(made, parameters=row.parameters)
