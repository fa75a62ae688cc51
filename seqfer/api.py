"""What `import seqfer` offers: the functions behind the commands, with the same names and defaults. Heavy packages load when a function runs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError, SeqferError, SettingsError, TrainingError, WeightsError
from seqfer.results.annotating import annotate
from seqfer.results.annotation import Annotation
from seqfer.results.annotations import Annotations, read
from seqfer.results.au_evaluation import ActionUnitEvaluation, evaluate_aus
from seqfer.results.comparison import PairedComparison, compare_runs
from seqfer.results.corpus import PreparedCorpus, prepare, prepare_films
from seqfer.results.correcting import apply_corrections
from seqfer.results.cross_validation import CrossValidation, cross_validate
from seqfer.results.ensemble import Ensemble, ensemble
from seqfer.results.evaluation import Evaluation, evaluate
from seqfer.results.export import ExportedModel, export
from seqfer.results.face_model import FaceModel, load_model
from seqfer.results.leaderboard import Leaderboard, leaderboard
from seqfer.results.listings import list_datasets, list_models
from seqfer.results.page import Page
from seqfer.results.rating import RatingServer, rate
from seqfer.results.streaming import StreamRow, stream
from seqfer.results.stress_test import StressTest, stress
from seqfer.results.study import Study, StudyComparison, new_study, open_study, transcode
from seqfer.results.trace_comparison import TraceComparison, compare_traces
from seqfer.results.training import Training, train, train_head, train_valence, train_valence_head
from seqfer.results.transfer import Transfer, transfer
from seqfer.results.valence_calibration import ValenceCalibration, calibrate, read_calibration
from seqfer.results.valence_evaluation import ValenceEvaluation, evaluate_valence
from seqfer.results.viewing import ViewServer, view

if TYPE_CHECKING:
    from seqfer.estimators import ClipClassifier, FaceSVM, PersonKFold, SequenceClassifier

__all__ = [
    "ActionUnitEvaluation",
    "Annotation",
    "Annotations",
    "ClipClassifier",
    "CrossValidation",
    "Ensemble",
    "Evaluation",
    "ExportedModel",
    "FaceModel",
    "FaceSVM",
    "InputError",
    "Leaderboard",
    "Page",
    "PairedComparison",
    "PersonKFold",
    "PreparedCorpus",
    "RatingServer",
    "SeqferError",
    "SequenceClassifier",
    "SettingsError",
    "StreamRow",
    "StressTest",
    "Study",
    "StudyComparison",
    "TraceComparison",
    "Training",
    "TrainingError",
    "Transfer",
    "ValenceCalibration",
    "ValenceEvaluation",
    "ViewServer",
    "WeightsError",
    "annotate",
    "apply_corrections",
    "calibrate",
    "compare_runs",
    "compare_traces",
    "cross_validate",
    "ensemble",
    "evaluate",
    "evaluate_aus",
    "evaluate_valence",
    "export",
    "leaderboard",
    "list_datasets",
    "list_models",
    "load_model",
    "new_study",
    "open_study",
    "prepare",
    "prepare_films",
    "rate",
    "read",
    "read_calibration",
    "stream",
    "stress",
    "train",
    "train_head",
    "train_valence",
    "train_valence_head",
    "transcode",
    "transfer",
    "view",
]


if not TYPE_CHECKING:  # with it a type checker would accept every name

    def __getattr__(name: str) -> Any:
        if name in __all__:  # the estimators, whose base classes are those of scikit-learn, which is slow to import
            return getattr(importlib.import_module("seqfer.estimators"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
