"""`seqfer.evaluate_valence` and `seqfer evaluate-valence`: a valence model against the raters of still images."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.results._folders import folder_of
from seqfer.results._result import Result
from seqfer.results._settings import settings_of
from seqfer.results._tables import predictions_of
from seqfer.runs.names import EVALUATION_JSON, REPORT_HTML

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.experiments.settings import EvaluateValenceSettings
    from seqfer.runs.kinds.evaluate_valence import EvaluateValenceReport


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ValenceEvaluation(Result["EvaluateValenceReport"]):
    """The scores of a valence model and of two baselines on still images. Valence is on the scale of -1 to 1.

    `record` is the content of evaluation.json. `predictions` has a row per image: `clip`, `person`, `truth` (mean of the raters' votes),
    `predicted` (the model), `norms` and `constant` (the baselines).
    """

    predictions: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """A row per `predictor` (`model`, `norms`, `constant`) and `measure` (rmse, ccc, pcc, sagr, mae): `value`, and `low` and `high`, the ends
        of its 95 % interval; NaN where undefined."""
        import pandas as pd

        from seqfer.metrics.traces import MEASURES

        rows = [
            (name, measure, getattr(scores, measure), *scores.intervals[measure])
            for name, scores in self.record.scores.items()
            for measure in MEASURES
        ]
        return pd.DataFrame(rows, columns=["predictor", "measure", "value", "low", "high"])

    def __str__(self) -> str:
        from seqfer.report.evaluate_valence_report import console_table

        return console_table(self.record)


def evaluate_valence(
    model: str | os.PathLike[str],
    data: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> ValenceEvaluation:
    """Evaluate a valence model on still images against the mean of the raters' votes. The command is `seqfer evaluate-valence`.

    `model` is an included model (`compact`), or a .safetensors file of `seqfer train-valence`; `data` a manifest (.jsonl) of stills with rater
    votes, such as FER2013 with FER+. `out` is the folder for evaluation.json, the page and the predictions; without it nothing is kept on
    disk. `settings` are those of `seqfer evaluate-valence` (docs/commands.md): `split="PublicTest"`, `min_votes=4`.

    Raises InputError for data without votes, SettingsError for an unknown model, setting or value, WeightsError for damaged weights.

    Example:
        >>> import json
        >>> from pathlib import Path
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=4)
        >>> head, *clips = map(json.loads, Path("drawn.jsonl").read_text().splitlines())
        >>> for k, clip in enumerate(clips):  # of each clip the last picture, with ten votes for one emotion
        ...     votes = [10 * (emotion == k % 8) for emotion in range(8)]
        ...     clip.update(frames=clip["frames"][-1:], valence=None, votes=votes, split="Training")
        >>> _ = Path("rated.jsonl").write_text("\\n".join(map(json.dumps, [head, *clips])))
        >>> evaluation = seqfer.evaluate_valence("compact", "rated.jsonl")
        >>> evaluation.table["predictor"].unique().tolist()
        ['model', 'norms', 'constant']
    """
    from seqfer.experiments.settings import EvaluateValenceSettings

    chosen = settings_of(EvaluateValenceSettings, {"model": model, "data": data}, settings)
    with folder_of(out) as folder:
        record = run_valence_evaluation(chosen, folder, command="seqfer.evaluate_valence")
        return ValenceEvaluation.of(record, folder, out, predictions=predictions_of(folder))


def run_valence_evaluation(
    settings: EvaluateValenceSettings, out: Path | None, *, command: str
) -> EvaluateValenceReport:
    """Evaluate; with `out` also write evaluation.json, report.html and the predictions into this folder. `command` is recorded in them."""
    from seqfer.experiments.evaluate_valence import evaluate_valence
    from seqfer.report.evaluate_valence_report import write_evaluate_valence_report
    from seqfer.runs.records import write_record

    record = evaluate_valence(settings, command=command, out=out)
    if out is not None:
        write_record(out / EVALUATION_JSON, record)
        write_evaluate_valence_report(record, out / REPORT_HTML)
    return record
