"""Prints the confusion matrix of `seqfer evaluate` in the layout of Khryashchev et al. 2018: rows predicted, columns real, followed by their Table 3.

Example:
  python tools/paper_confusion.py runs/evaluate-encoder-multipie-Test/evaluate.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqfer.datasets.multipie import LABELS, PAPER_STAND_INS, PAPER_WORDS
from seqfer.metrics.classification import accuracy, class_scores

LABEL_OF = {**LABELS, **PAPER_STAND_INS}


def merge_to_paper_classes(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """(the paper's words in its order, counts (predicted, real)) from counts with rows actual; words without a class here are left out, classes
    that are none of its words are kept under their own name at the end."""
    words = [word for word in PAPER_WORDS if LABEL_OF[word] in classes]
    known = [LABEL_OF[word] for word in words]
    others = [name for name in classes if name not in known]
    order = [list(classes).index(name) for name in (*known, *others)]
    return [*words, *others], np.asarray(confusion)[np.ix_(order, order)].T


def table(words: Sequence[str], counts: np.ndarray) -> str:
    """Both tables as text, columns separated by tabs."""
    lines = ["predicted \\ real\t" + "\t".join(words)]
    lines += ["\t".join([word, *map(str, row)]) for word, row in zip(words, counts.tolist(), strict=True)]
    scores = class_scores(counts.T)
    for name, values in (("precision", scores.precision), ("recall", scores.recall), ("F", scores.f1)):
        lines.append("\t".join([name, *("undefined" if np.isnan(v) else f"{v:.2f}" for v in values)]))
    return "\n".join([*lines, f"accuracy\t{100 * accuracy(counts):.2f} %"])


def main() -> None:
    """Read, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("report", type=Path, help="evaluate.json of `seqfer evaluate`")
    report = json.loads(parser.parse_args().report.read_text(encoding="utf-8"))
    print(table(*merge_to_paper_classes(report["as_given"]["confusion"], report["classes"])))


if __name__ == "__main__":
    main()
