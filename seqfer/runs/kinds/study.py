"""`seqfer study report`: what `study.json` holds of a study: recordings, figures by stimulus and participant, correlation between participants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seqfer.runs.names import STUDY_JSON
from seqfer.runs.records import FORMAT_VERSION, JsonObject, Number, RunRecord, optional

FILE = STUDY_JSON


@dataclass(frozen=True, kw_only=True)
class StudyRecording:
    """One recording, whether it is annotated, and who rated it to its end."""

    name: str
    participant: str
    stimulus: str
    group: str
    offset_s: Number
    annotated: bool
    raters: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StudyFigure:
    """Model against raters over several recordings: `by` is all, stimulus, participant or group, `name` which one. Measures are means with equal
    weights of the recordings' figures in evaluation/evaluation.json; `sd` has n - 1; `count` is how many have the measure; intervals are those of the
    mean by Student's t, NaN for one recording."""

    by: str
    name: str
    side: str
    every_s: Number | None
    smoothed: bool | None = optional()
    recordings: int
    mean: dict[str, Number]
    sd: dict[str, Number]
    count: dict[str, int]
    intervals: dict[str, tuple[Number, Number]]


@dataclass(frozen=True, kw_only=True)
class StudyMoment:
    """A window of the stimulus: the mean correlation of the pairs of participants in it, and the mean valence of all."""

    start_s: Number
    end_s: Number
    correlation: Number
    mean: Number


@dataclass(frozen=True, kw_only=True)
class StudyCluster:
    """Neighbouring bins in which two groups differ: sum of t, p-value of the cluster, mean of the first minus mean of the second group."""

    start_s: Number
    end_s: Number
    mass: Number
    p: Number
    difference: Number


@dataclass(frozen=True, kw_only=True)
class StudyGroups:
    """Two groups compared over the time of a stimulus by a cluster permutation test: names, numbers of participants, the threshold of |t|, and
    whether all divisions of the participants were used (`exact`)."""

    groups: tuple[str, str]
    participants: tuple[int, int]
    threshold: Number
    permutations: int
    exact: bool
    clusters: tuple[StudyCluster, ...]


@dataclass(frozen=True, kw_only=True)
class StudySource:
    """The participants of a stimulus by one source, `model` or `raters`: their correlations (participant, participant), each one's with the mean of
    the others, means through Fisher's z, and the moments of the highest correlations."""

    source: str
    participants: tuple[str, ...]
    correlations: tuple[tuple[Number, ...], ...]
    with_others: tuple[Number, ...]
    mean_correlation: Number
    mean_with_others: Number
    moments: tuple[StudyMoment, ...]
    groups: StudyGroups | None = optional()


@dataclass(frozen=True, kw_only=True)
class StudyStimulus:
    """One stimulus, its length in seconds as far as anything is known of it, and what each source says."""

    name: str
    length_s: Number
    sources: tuple[StudySource, ...]


@dataclass(frozen=True, kw_only=True)
class StudyReport(RunRecord):
    """`figures` are over several recordings; those of single recordings, the raters' agreement and delays are in evaluation/evaluation.json."""

    kind: Literal["study"] = "study"
    format_version: int = FORMAT_VERSION
    seqfer: str
    created: str
    command: str
    settings: JsonObject
    title: str
    recordings: tuple[StudyRecording, ...]
    figures: tuple[StudyFigure, ...]
    stimuli: tuple[StudyStimulus, ...]
    warnings: tuple[str, ...]
    versions: JsonObject
    machine: JsonObject


RECORD = StudyReport
