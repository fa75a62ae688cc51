"""Any manifest that can be built is read back equal from the file it was written to."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from seqfer.core.emotions import EMOTIONS
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of, read_manifest, write_manifest

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)  # no surrogates: they have no UTF-8
numbers = st.floats(-1e6, 1e6)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[float, float, float, float]:
    x, y = draw(numbers), draw(numbers)
    width, height = draw(st.floats(1, 1e4)), draw(st.floats(1, 1e4))
    return x, y, x + width, y + height


@st.composite
def clips(draw: st.DrawFn) -> Clip:
    n = draw(st.integers(1, 4))

    def per_frame(values: st.SearchStrategy) -> st.SearchStrategy:
        return st.none() | st.lists(values, min_size=n, max_size=n).map(tuple)

    return Clip(
        clip=draw(words),
        person=draw(words),
        label=draw(st.none() | st.sampled_from(EMOTIONS)),
        frames=tuple(draw(st.lists(words, min_size=n, max_size=n))),
        corpus=draw(words),
        split=draw(st.none() | st.sampled_from(["train", "test"])),
        boxes_xyxy_px=draw(per_frame(boxes())),
        valence=draw(per_frame(st.floats(-1, 1))),
        votes=draw(st.none() | st.lists(st.floats(0, 10), min_size=len(EMOTIONS), max_size=len(EMOTIONS)).map(tuple)),
        attributes=draw(st.dictionaries(words, words, max_size=2)),
    )


@given(st.lists(clips(), min_size=1, max_size=5, unique_by=lambda clip: clip.clip), words, st.lists(words, max_size=2))
def test_read_gives_back_what_was_written(made: list[Clip], corpus: str, notes: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clips.jsonl"
        manifest = Manifest(corpus, classes_of(made), tuple(made), path.parent.resolve(), tuple(notes))
        write_manifest(manifest, path)
        assert read_manifest(path) == manifest
