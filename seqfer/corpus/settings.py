"""Settings of `seqfer prepare`. Imports no NumPy, so that `seqfer prepare --help` is fast."""

from __future__ import annotations

from typing import Annotated

from seqfer.core.emotions import class_list
from seqfer.core.settings import Allowed, Field, settings

_ALL_OR_SOME = Allowed("0 (all), or 2 or more", lambda v: v == 0 or v >= 2)
_NO_TEST_OR_SHARE = Allowed("0 (none), or 0.05 to 0.5", lambda v: v == 0 or 0.05 <= v <= 0.5)


@settings(frozen=True)
class PrepareSettings:
    """What goes into a corpus' manifest."""

    classes: str = Field(default="all", description="class list: six, seven, fer2013 or all")
    also: tuple[str, ...] = Field(
        default=(),
        description="multipie: labels for words that are no emotions, as WORD=EMOTION, such as squint=contempt,scream=fear",
    )
    test_share: Annotated[float, _NO_TEST_OR_SHARE] = Field(
        default=0.0, description="share of the people, drawn by the seed with even classes, that gets the split Test"
    )
    duplicates: bool = Field(default=True, description="search for stills that occur twice")
    seed: int = Field(default=0, ge=0, description="decides which people test_share draws")
    people: Annotated[int, _ALL_OR_SOME] = Field(
        default=0, description="posed: number of drawn people, for a small corpus in a second; 0: all 48"
    )

    def __post_init__(self) -> None:
        class_list(self.classes)
