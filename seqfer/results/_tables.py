"""Predictions, confusion matrices and scores of classes as data frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.runs.results import ClassScores, Confusion, IntervalScores, ReliabilityBin

_TEXTS = ("clip", "person", "head", "corruption", "label")
_RATES = ("accuracy", "macro_f1", "ece")


def predictions_of(run: Path) -> pd.DataFrame:
    """The predictions of a run folder, or of one file of predictions. Names of clips and people are texts, whatever they look like.

    Raises InputError where there are none, or they cannot be read.
    """
    import pandas as pd

    from seqfer.experiments.prediction_files import read_predictions

    columns = read_predictions(run)
    texts = {*_TEXTS, "predicted"} if "label" in columns else {*_TEXTS}
    return pd.DataFrame({name: v if name in texts else pd.to_numeric(pd.Series(v)) for name, v in columns.items()})


def confusion_frame(confusion: Confusion, classes: Sequence[str]) -> pd.DataFrame:
    """Numbers of clips: rows are actual, columns predicted classes."""
    import pandas as pd

    return pd.DataFrame(
        list(confusion), index=pd.Index(classes, name="actual"), columns=pd.Index(classes, name="predicted")
    )


def class_frame(scores: Mapping[str, ClassScores]) -> pd.DataFrame:
    """A row per class: `class`, `precision`, `recall`, `f1` (fractions, NaN where undefined), `support` and `predicted` (numbers of clips)."""
    import pandas as pd

    return pd.DataFrame([{"class": name, **asdict(row)} for name, row in scores.items()])


def interval_columns() -> list[str]:
    """The names of the values of `interval_values`."""
    return ["clips", *(f"{measure}{end}" for measure in _RATES for end in ("", "_low", "_high"))]


def interval_values(scores: IntervalScores) -> list[float]:
    """The number of clips, and each rate with the ends of its interval."""
    return [scores.count, *(v for rate in _RATES for v in (getattr(scores, rate), *scores.intervals[rate]))]


def reliability_frame(bins: Sequence[ReliabilityBin]) -> pd.DataFrame:
    """A row per bin of confidence: mean `confidence`, `accuracy` (fractions, NaN without clips), `count` of clips."""
    import pandas as pd

    return pd.DataFrame([asdict(one) for one in bins], columns=["confidence", "accuracy", "count"])
