"""What `import seqfer` offers: the functions behind the commands, with the same names and defaults. Heavy packages load when a function runs."""

from __future__ import annotations

from seqfer.core.errors import InputError, SeqferError, SettingsError, TrainingError, WeightsError
from seqfer.results.annotation import Annotation, annotate, read
from seqfer.results.corpus import PreparedCorpus, prepare
from seqfer.results.cross_validation import CrossValidation, cross_validate
from seqfer.results.face_model import load_model
from seqfer.results.page import Page

__all__ = [
    "Annotation",
    "CrossValidation",
    "InputError",
    "Page",
    "PreparedCorpus",
    "SeqferError",
    "SettingsError",
    "TrainingError",
    "WeightsError",
    "annotate",
    "cross_validate",
    "load_model",
    "prepare",
    "read",
]
