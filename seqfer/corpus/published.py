"""Compares a copy of a corpus with the published counts in `data_manifests/NAME.toml`, and words the differences."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError
from seqfer.core.records import Clip

_PACKAGE = Path(__file__).resolve().parent.parent


def published(name: str) -> dict[str, Any]:
    """The published facts of a corpus ("ck+" or "ck_plus"). Raises InputError when there is no such file or it is not valid TOML."""
    file = f"{name.replace('+', '_plus')}.toml"
    for folder in (_PACKAGE / "data_manifests", _PACKAGE.parent / "data_manifests"):
        if (folder / file).is_file():
            try:
                return tomllib.loads((folder / file).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise InputError(f"{folder / file}: cannot be read ({error}); install seqfer again") from None
    raise InputError(f"data_manifests/{file}: not found in the package nor in the checkout; install seqfer again")


def compare(clips: Iterable[Clip], facts: Mapping[str, Any], classes: Iterable[str] = EMOTIONS) -> list[str]:
    """One note per count that differs from the published ones, for the chosen classes; an empty list for a complete copy.

    `facts` gives `clips_by_class` (a table), `people`, and `clips_are`, the word for a clip. The number of people is only known for all
    classes together, so it is compared only then.
    """
    clips, chosen = list(clips), set(classes)
    expected = {k: v for k, v in facts.get("clips_by_class", {}).items() if k in chosen}
    found = {label: sum(clip.label == label for clip in clips) for label in EMOTIONS}
    wrong = [f"{k} {found[k]} of {v}" for k, v in expected.items() if found[k] != v]
    notes = []
    if wrong:
        kind = "more than published" if len(clips) > sum(expected.values()) else "partial copy"
        words = facts.get("clips_are", "clips")
        notes.append(f"{kind}: {len(clips)} of {sum(expected.values())} {words}; {', '.join(wrong)}")
    people = len({clip.person for clip in clips})
    if expected and len(expected) == len(facts["clips_by_class"]) and people != facts.get("people", people):
        notes.append(f"people: {people} of {facts['people']}")
    return notes
