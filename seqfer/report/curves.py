"""Charts of training and of confidence: learning curves, reliability diagram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from markupsafe import Markup

from seqfer.report.svg import SERIES, drawing, line, marker, path, rect, text, ticks
from seqfer.report.words import number, percent
from seqfer.runs.results import Curve, ReliabilityBin

MOST_POINTS = 150  # of one line: more make the file large and the picture no clearer
_KINDS = ("train_loss", "validation_loss")


def largest_loss(curves: Sequence[Curve]) -> float:
    """The largest finite loss of any fold, so that the charts of all heads can share an axis; 0 where there is none."""
    return max(
        (v for c in curves for kind in _KINDS for v in map(number, getattr(c, kind)) if not math.isnan(v)), default=0.0
    )


def learning_curves(title: str, curves: Sequence[Curve], loss_max: float, series: int = 0) -> Markup:
    """Training (grey, dashed) and validation (solid, in the head's colour) loss over epochs.

    A thin line per fold, a bold one for the median over folds. The median ends where fewer than half of the folds are still training, because
    from there it would describe the slowest folds only.
    """
    left, top, wide, tall = 40, 10, 420, 200
    epochs = max((len(getattr(c, kind)) for c in curves for kind in _KINDS), default=1)
    marks = ticks(0.0, loss_max or 1.0, 4)

    def place(epoch: int, loss: float) -> tuple[float, float]:
        return left + wide * epoch / max(epochs - 1, 1), top + tall * (1 - loss / marks[-1])

    parts = []
    for mark in marks:
        at = place(0, mark)[1]
        parts += [
            line(left, at, left + wide, at, "axis" if mark == 0 else "grid"),
            text(left - 7, at + 4, f"{mark:g}", "tick", "end"),
        ]
    for epoch in sorted({1} | {int(t) for t in ticks(0, epochs, 5) if 1 < t <= epochs and t == int(t)}):
        parts.append(text(place(epoch - 1, 0)[0], top + tall + 17, str(epoch), "tick", "middle"))
    parts.append(text(left + wide / 2, top + tall + 34, "epoch", "tick", "middle"))
    middles = {}
    for kind, css in zip(_KINDS, ("train", f"l{series % SERIES}")):
        losses = [[number(v) for v in getattr(c, kind)] for c in curves]
        parts += [path(_thin([place(e, v) for e, v in enumerate(fold)]), f"fold {css}") for fold in losses]
        middles[kind] = _median(losses)
    for kind, css in zip(_KINDS, ("train", f"l{series % SERIES}")):
        parts.append(path(_thin([place(e, v) for e, v in enumerate(middles[kind])]), f"median {css}"))
    ends = ", ".join(f"{kind.replace('_', ' ')} {m[-1]:.2f}" for kind, m in middles.items() if m)
    label = (
        f"Learning curves of {title}, {len(curves)} runs of up to {epochs} epochs; medians end at {ends or 'undefined'}"
    )
    return drawing(left + wide + 10, top + tall + 40, label, parts)


def reliability(title: str, bins: Sequence[ReliabilityBin], ece: float, series: int = 0) -> Markup:
    """Accuracy against confidence; on the dashed diagonal they are equal. Below: the number of predictions per bin."""
    left, top, side, strip = 46, 10, 230, 38
    known = [(number(b.confidence), number(b.accuracy), b.count) for b in bins if b.count]
    known = [b for b in known if not math.isnan(b[0] + b[1])]

    def place(confidence: float, accuracy: float) -> tuple[float, float]:
        return left + side * confidence, top + side * (1 - accuracy)

    parts = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = place(mark, mark)
        css = "axis" if mark == 0 else "grid"
        parts += [
            line(left, y, left + side, y, css),
            line(x, top, x, top + side, css),
            text(left - 7, y + 4, percent(mark, 0), "tick", "end"),
        ]
        parts.append(text(x, top + side + strip + 26, percent(mark, 0), "tick", "middle"))
    parts.append(line(*place(0, 0), *place(1, 1), "diagonal"))
    for confidence, accuracy, _ in known:
        parts.append(line(*place(confidence, confidence), *place(confidence, accuracy), "gap"))
    parts.append(path([place(c, a) for c, a, _ in known], f"trace l{series % SERIES}"))
    most = max((n for _, _, n in known), default=1)
    for confidence, accuracy, n in known:
        x, y = place(confidence, accuracy)
        words = f"confidence {percent(confidence)}, accuracy {percent(accuracy)}, {n:,} predictions"
        parts += [
            marker(series, x, y, 4.5, "", words),
            rect(x - 6, top + side + 8 + strip * (1 - n / most), 12, strip * n / most, "count", words),
        ]
    parts.append(
        text(left + side / 2, top + side + strip + 43, "confidence (bars: number of predictions)", "tick", "middle")
    )
    parts.append(text(left + 10, top + 18, f"ECE {percent(ece)}", "value"))
    return drawing(
        left + side + 22,
        top + side + strip + 50,
        f"Reliability of {title}: expected calibration error {percent(ece)}",
        parts,
    )


def _median(losses: Sequence[Sequence[float]]) -> list[float]:
    longest = max((len(fold) for fold in losses), default=0)
    result = []
    for epoch in range(longest):
        here = [fold[epoch] for fold in losses if len(fold) > epoch and not math.isnan(fold[epoch])]
        if not here or 2 * len(here) < len(losses):
            break
        result.append(median(here))
    return result


def _thin(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    stride = math.ceil(len(points) / MOST_POINTS)
    return points if stride <= 1 else [*points[:-1:stride], points[-1]]
