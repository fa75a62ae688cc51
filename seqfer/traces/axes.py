"""Chooses the columns, axes or tiers of a file that are valence, by their names only: a column of unknown meaning is never taken for a rating."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from seqfer.core.errors import InputError

VALENCE = "valence"
VALENCE_WORDS = frozenset({VALENCE, "val", "pleasure", "pleasantness"})
RATER_WORDS = frozenset({"rater", "annotator", "coder", "observer", "judge", "participant", "subject", "face"})
RATING_WORDS = frozenset({"rating", "mean", "value", "median", "average", "fused", "gold"})


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What is in tables of ratings beside a rating: columns that say when, of what or by whom, ratings of something else, and statistics.
BOOKKEEPING = _names(
    """frame frames index idx row id time timestamp start end begin offset onset second seconds duration name file film video clip source rater
    annotator coder observer participant subject session trial button event unnamed comment note"""
)
OTHER_QUANTITIES = _names(
    """arousal activation dominance power liking agency communion intensity engagement expectancy emotion label anger disgust contempt fear
    happiness sadness surprise neutral joy happy sad angry"""
)
STATISTICS = _names(
    """std sd sem se stdev stddev deviation var variance spread ci lower upper low high min max confidence conf certainty weight score
    coverage count n p quality valid missing"""
)
_SHORT_OTHERS = frozenset({"a", "d"})  # of V, A, D: arousal and dominance
_PARTS = re.compile(r"[A-Za-z]+|\d+")
# RECOLA calls its raters FM1 to FM3 and FF1 to FF3
_RATER_NUMBER = re.compile(r"(r|rater|annotator|coder|observer|judge|participant|subject|face|f[mf])[ _-]*\d+")


def choose_axis(path: Path, axis: str | None, labels: Sequence[str]) -> int:
    """The index of the axis called `axis`, ignoring case; without a name, of the axis that is named valence, or of the only one.

    Raises InputError, listing the axes, where none has that name or the choice is ambiguous.
    """
    named = [label.lower() for label in labels]
    if axis is None and len(labels) == 1:
        return 0
    wanted = VALENCE if axis is None else axis.strip().lower()
    if wanted in named:
        return named.index(wanted)
    there = ", ".join(labels) or "none"
    if axis is not None:
        raise InputError(f"{path}: no axis {axis!r}; it has {there}")
    places = [place for place, label in enumerate(labels) if names_valence(label)]
    if len(places) == 1:
        return places[0]
    raise InputError(f"{path}: no axis is called valence; choose one of {there}")


def choose_columns(path: Path, axis: str | None, labels: Sequence[str]) -> list[int]:
    """The indices of the columns that are valence, several where a table has a column per rater.

    `axis` is a name, or several names and patterns such as `rater*` separated by commas, ignoring case. Without it the column called valence
    is taken; else the only one named like it (`val`, `V`, `valence_mean`); else the only column of values beside those of a known other
    meaning (arousal, standard deviation, confidence, frame, ...). Several are taken only where every one is numbered or named as a rater
    (`rater1`, `R2`, `annotator_ann`). Raises InputError, listing the candidates, for anything else.
    """
    if axis is not None:
        return _asked(path, axis, labels)
    named = [label.strip().lower() for label in labels]
    if VALENCE in named:
        return [named.index(VALENCE)]
    sure = [place for place, label in enumerate(labels) if names_valence(label)]
    short = _SHORT_OTHERS if len(labels) > 1 else frozenset[str]()
    found = sure or [p for p, label in enumerate(labels) if not names_something_else(label) and named[p] not in short]
    candidates = [labels[place] for place in found]
    if (len(found) == 1 and (sure or _is_plain(labels, found[0]))) or (found and all(map(names_rater, candidates))):
        return found
    there = ", ".join(repr(label) for label in candidates or labels)
    raise InputError(
        f"{path}: nothing says which column is valence; candidates are {there}; name it with --axis, or several raters as in --axis 'ann,ben'"
    )


def choose_tiers(path: Path, axis: str | None, labels: Sequence[str]) -> list[int]:
    """The indices of the tiers of numbers that are valence: those called `axis` (as for `choose_columns`), else all but those of a known other
    meaning, because a document has a tier per rater. Raises InputError where there is none."""
    if axis is not None:
        return _asked(path, axis, labels)
    others = OTHER_QUANTITIES | STATISTICS
    found = [place for place, label in enumerate(labels) if not _words(label) & others]
    if found:
        return found
    raise InputError(f"{path}: no tier is called valence; choose one of {', '.join(labels)}")


def names_valence(label: str) -> bool:
    """Whether a name is that of a rating of valence: `valence`, `Val`, `V`, `mean_valence`, but not `valence_sd`."""
    words = _words(label)
    return label.strip().lower() == "v" or (bool(words & VALENCE_WORDS) and not words & (STATISTICS | OTHER_QUANTITIES))


def names_rater(label: str) -> bool:
    """Whether a name is that of one rater (or one face): `rater1`, `R2`, `annotator_ann`, `valence_r1`."""
    name = label.strip().lower()
    numbered = any(_RATER_NUMBER.fullmatch(part) for part in re.split(r"[ _.-]+(?=[a-z])", name))
    words = _PARTS.findall(name)
    return numbered or (len(words) > 1 and bool(RATER_WORDS & set(words)) and "id" not in words)


def names_something_else(label: str) -> bool:
    """Whether a name has a known meaning that is not a rating of valence, or is empty."""
    words = _words(label)
    others = OTHER_QUANTITIES | STATISTICS
    if names_rater(label):
        return bool(words & others)
    return not _PARTS.search(label) or bool(words & (others | BOOKKEEPING))


def _is_plain(labels: Sequence[str], place: int) -> bool:
    """Whether the only candidate may be taken: beside frame numbers any name may, beside ratings of other kinds it must be called a rating."""
    others = [label for index, label in enumerate(labels) if index != place]
    if all(_words(label) <= BOOKKEEPING for label in others):
        return True
    return bool(_words(labels[place]) & RATING_WORDS) or names_rater(labels[place])


def _asked(path: Path, axis: str, labels: Sequence[str]) -> list[int]:
    """The places of the names and patterns of `axis`; a name that contains commas or asterisks itself counts as it is."""
    named = [label.strip().lower() for label in labels]
    if axis.strip().lower() in named:
        return [named.index(axis.strip().lower())]
    found: list[int] = []
    for part in (part.strip().lower() for part in axis.split(",")):
        places = [place for place, name in enumerate(named) if fnmatchcase(name, part)]
        if not places:
            raise InputError(f"{path}: no axis {part if ',' in axis else axis!r}; it has {', '.join(labels) or 'none'}")
        found += [place for place in places if place not in found]
    return found


def _words(label: str) -> set[str]:
    """The words of a name in lower case: `valenceMean` and `Valence (mean)` are valence and mean."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    return {word.lower() for word in _PARTS.findall(apart) if not word.isdigit()}
