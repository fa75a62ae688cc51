"""What `import seqfer` offers: the functions behind the commands, with the same names and defaults. Heavy packages load when a function runs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError, SeqferError, SettingsError, TrainingError, WeightsError
from seqfer.results.annotation import Annotation, annotate, read
from seqfer.results.corpus import PreparedCorpus, prepare, prepare_films
from seqfer.results.cross_validation import CrossValidation, cross_validate
from seqfer.results.face_model import load_model
from seqfer.results.listings import list_datasets, list_models
from seqfer.results.page import Page
from seqfer.results.training import Training, train, train_head, train_valence, train_valence_head

if TYPE_CHECKING:
    from seqfer.estimators import FaceSVM, PersonKFold, SequenceClassifier

__all__ = [
    "Annotation",
    "CrossValidation",
    "FaceSVM",
    "InputError",
    "Page",
    "PersonKFold",
    "PreparedCorpus",
    "SeqferError",
    "SequenceClassifier",
    "SettingsError",
    "Training",
    "TrainingError",
    "WeightsError",
    "annotate",
    "cross_validate",
    "list_datasets",
    "list_models",
    "load_model",
    "prepare",
    "prepare_films",
    "read",
    "train",
    "train_head",
    "train_valence",
    "train_valence_head",
]


def __getattr__(name: str) -> Any:
    if name in __all__:  # the estimators, whose base classes are those of scikit-learn, which is slow to import
        return getattr(importlib.import_module("seqfer.estimators"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
