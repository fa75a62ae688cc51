"""Data frames of predictions, confusions, classes and bins."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from seqfer.core.errors import InputError
from seqfer.experiments.prediction_files import write_predictions
from seqfer.results._tables import (
    class_frame,
    confusion_frame,
    interval_columns,
    interval_values,
    predictions_of,
    reliability_frame,
)
from seqfer.runs.results import ClassScores, IntervalScores, ReliabilityBin


def columns(**more: list[object]) -> dict[str, list[object]]:
    return {"clip": ["=1", "02"], "person": ["NA", "7"], **more}


@pytest.mark.parametrize("file", ["predictions.csv", "predictions.parquet"])
def test_names_stay_text_and_numbers_are_numbers(tmp_path: Path, file: str) -> None:
    write_predictions(
        tmp_path, columns(level=[0, 1], label=["fear", "anger"], predicted=["fear", "fear"], fear=[0.25, 1.0])
    )
    frame = predictions_of(tmp_path / file)
    assert frame["clip"].tolist() == ["=1", "02"]
    assert frame["person"].tolist() == ["NA", "7"]
    assert frame["predicted"].tolist() == ["fear", "fear"]
    assert (frame["level"].dtype, frame["fear"].tolist()) == ("int64", [0.25, 1.0])


def test_predicted_valence_is_a_number(tmp_path: Path) -> None:
    write_predictions(tmp_path, columns(truth=[0.5, -0.5], predicted=[0.25, 0.0]))
    assert predictions_of(tmp_path / "predictions.csv")["predicted"].tolist() == [0.25, 0.0]
    with pytest.raises(InputError, match=r"no predictions\.csv"):
        predictions_of(tmp_path / "none")


def test_confusions_have_the_actual_classes_as_rows() -> None:
    frame = confusion_frame(((5, 1), (2, 7)), ("anger", "fear"))
    assert (frame.loc["anger", "fear"], frame.loc["fear", "anger"]) == (1, 2)
    assert (frame.index.name, frame.columns.name) == ("actual", "predicted")


def test_scores_of_classes_and_bins() -> None:
    scores = {"anger": ClassScores(precision=math.nan, recall=0.0, f1=math.nan, support=3, predicted=0)}
    (row,) = class_frame(scores).to_dict("records")
    assert (row["class"], row["support"], row["predicted"]) == ("anger", 3, 0)
    assert math.isnan(row["precision"])
    bins = reliability_frame([ReliabilityBin(confidence=0.5, accuracy=0.25, count=4)])
    assert bins.to_dict("records") == [{"confidence": 0.5, "accuracy": 0.25, "count": 4}]
    assert list(reliability_frame([]).columns) == list(bins.columns)


def test_rates_stand_beside_their_intervals() -> None:
    scores = IntervalScores(
        count=9,
        people=3,
        accuracy=0.5,
        macro_f1=0.4,
        ece=0.1,
        intervals={"accuracy": (0.3, 0.7), "macro_f1": (0.2, 0.6), "ece": (0.0, 0.2)},
        per_class={},
        undefined=0,
        confusion=(),
        reliability=(),
    )
    (row,) = pd.DataFrame([interval_values(scores)], columns=interval_columns()).to_dict("records")
    assert (row["clips"], row["accuracy"], row["accuracy_low"], row["ece_high"]) == (9, 0.5, 0.3, 0.2)
