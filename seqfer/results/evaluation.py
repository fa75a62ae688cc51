"""`seqfer.evaluate` and `seqfer evaluate`: a trained encoder on a corpus."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.results._folders import folder_of
from seqfer.results._result import Result, row_named
from seqfer.results._settings import settings_of
from seqfer.results._tables import class_frame, confusion_frame, predictions_of, reliability_frame
from seqfer.runs.names import EVALUATE_HTML, EVALUATE_JSON

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.experiments.settings import EvaluateSettings
    from seqfer.runs.kinds.evaluate import EvaluateReport, EvaluationScores


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Evaluation(Result["EvaluateReport"]):
    """The scores of an encoder on labelled clips; a still image is a clip of one frame.

    `record` is the content of evaluate.json. `predictions` has a row per clip: `clip`, `person`, `label`, `predicted`, and a column per class
    with its probability. `scored`, where a method takes it, is `as_given`, `with_training_prior` (the class frequencies of the training) or
    `without_crossing_duplicates` (without clips that have a copy in the training split); a run has the last two only where they differ.
    """

    PAGE_FILE = EVALUATE_HTML

    predictions: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """A row per set of scores: `scored`, `clips` (their number), `accuracy`, `macro_f1`, `ece` (fractions, NaN where undefined)."""
        import pandas as pd

        rows = [(name, s.count, s.accuracy, s.macro_f1, s.ece) for name, s in self._scores.items()]
        return pd.DataFrame(rows, columns=["scored", "clips", "accuracy", "macro_f1", "ece"])

    def confusion(self, scored: str = "as_given") -> pd.DataFrame:
        """Numbers of clips: rows are actual, columns predicted classes. Raises SettingsError for scores that the run does not have."""
        return confusion_frame(row_named(self._scores, scored, "scored").confusion, self.record.classes)

    def per_class(self, scored: str = "as_given") -> pd.DataFrame:
        """A row per class: `class`, `precision`, `recall`, `f1` (fractions, NaN where undefined), `support` and `predicted` (numbers of clips).

        Raises SettingsError for scores that the run does not have.
        """
        return class_frame(row_named(self._scores, scored, "scored").per_class)

    def reliability(self, scored: str = "as_given") -> pd.DataFrame:
        """A row per bin of confidence: mean `confidence`, `accuracy` (fractions, NaN without clips), `count` of clips.

        Raises SettingsError for scores that the run does not have.
        """
        return reliability_frame(row_named(self._scores, scored, "scored").reliability or ())

    def __str__(self) -> str:
        from seqfer.report.evaluate_report import console_table

        return console_table(self.record)

    @property
    def _scores(self) -> dict[str, EvaluationScores]:
        names = ("as_given", "with_training_prior", "without_crossing_duplicates")
        found = {name: getattr(self.record, name) for name in names}
        return {name: scores for name, scores in found.items() if scores is not None}


def evaluate(
    model: str | os.PathLike[str],
    data: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> Evaluation:
    """Evaluate a trained encoder on a corpus: accuracy, macro-F1, scores of classes, calibration. The command is `seqfer evaluate`.

    `model` is a name of `seqfer models` with included weights, a .safetensors file, or a .onnx file of `seqfer export`; `data` a
    manifest (.jsonl) or an embedded corpus. `out` is the folder for the page, evaluate.json and the predictions; without it nothing is kept on
    disk. `settings` are those of `seqfer evaluate` (docs/commands.md): `split="PublicTest"`, `classes="six"`, `mirror=True`.

    Raises InputError for data that cannot be read, SettingsError for an unknown model, setting or value, WeightsError for damaged weights.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=2)
        >>> evaluation = seqfer.evaluate("small", "drawn.jsonl")
        >>> evaluation.table[["scored", "clips"]].values.tolist()
        [['as_given', 14], ['with_training_prior', 14]]
        >>> evaluation.confusion().shape
        (7, 7)
    """
    from seqfer.experiments.settings import EvaluateSettings

    chosen = settings_of(EvaluateSettings, {"model": model, "data": data}, settings)
    with folder_of(out) as folder:
        record = run_evaluation(chosen, folder, command="seqfer.evaluate")
        return Evaluation.of(record, folder, out, predictions=predictions_of(folder))


def run_evaluation(settings: EvaluateSettings, out: Path, *, command: str) -> EvaluateReport:
    """Evaluate and write evaluate.json, evaluate.html and the predictions into `out`; `command` is recorded in them."""
    from seqfer.experiments.evaluate import evaluate_encoder
    from seqfer.report.evaluate_report import write_evaluate_report
    from seqfer.runs.records import write_record

    record = evaluate_encoder(settings, command=command, out=out)
    write_record(out / EVALUATE_JSON, record)
    write_evaluate_report(record, out / EVALUATE_HTML)
    return record
