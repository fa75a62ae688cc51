"""scikit-learn compatible classifiers and a person-disjoint splitter, which work in its pipelines, searches and cross-validations.

Importing this package imports scikit-learn, so `seqfer.api` hands its classes on only when they are asked for. Every `fit` computes on one thread
of torch, and leaves the global random state as it was: the result depends on the data, the parameters and `random_state` only.
"""

from seqfer.estimators.clip_classifier import ClipClassifier
from seqfer.estimators.face_svm import FaceSVM
from seqfer.estimators.person_split import PersonKFold
from seqfer.estimators.sequence_classifier import SequenceClassifier

__all__ = ["ClipClassifier", "FaceSVM", "PersonKFold", "SequenceClassifier"]
