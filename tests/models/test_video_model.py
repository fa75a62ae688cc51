"""Both kinds of video model offer what `VideoModel` names."""

from __future__ import annotations

import inspect

import pytest

from seqfer.models.film_model import FilmModel
from seqfer.models.graph_model import GraphModel
from seqfer.models.video_model import VideoModel

NAMES = [name for name in vars(VideoModel) if not name.startswith("_")]


@pytest.mark.parametrize("kind", [FilmModel, GraphModel])
def test_everything_that_a_video_needs_is_there(kind: type) -> None:
    fields = set(kind.__dataclass_fields__)
    assert [name for name in NAMES if name not in fields and not hasattr(kind, name)] == []
    for name in ("encode", "look", "step", "read"):
        wanted = inspect.signature(getattr(VideoModel, name)).parameters
        assert list(inspect.signature(getattr(kind, name)).parameters) == list(wanted)
