"""Images of a manifest with their labels and votes, and the part that is held out."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of, write_manifest
from seqfer.corpus.stills import image_set, labels_of, of_split, split_off

LABELS = ("anger", "happiness", "surprise")


@pytest.fixture(scope="module")
def stills(tmp_path_factory):
    """150 images of three classes, a third of them for testing, one test image marked as a copy."""
    folder = tmp_path_factory.mktemp("stills")
    os.environ["SEQFER_CACHE"] = str(folder / "cache")
    rng = np.random.default_rng(0)
    images = rng.integers(0, 90, (150, 24, 24))
    clips = []
    for i, image in enumerate(images):
        kind = i % 3
        image[[slice(0, 12), slice(12, 24), slice(None)][kind], slice(8, 16) if kind == 2 else slice(None)] += 120
        votes = tuple(float(x) for x in np.eye(8)[[0, 4, 6][kind]] * 10)
        copy = {"duplicate": "exact"} if i == 2 else {}
        split = "PublicTest" if i < 50 else "Training"
        clips.append(
            Clip(
                f"row {i}",
                f"row {i}",
                LABELS[kind],
                (f"s.npy#{i}",),
                "drawn",
                split=split,
                votes=votes,
                attributes=copy,
            )
        )
    np.save(folder / "s.npy", images.astype(np.uint8))
    write_manifest(Manifest("drawn", classes_of(clips), tuple(clips), folder), folder / "drawn.jsonl")
    yield folder / "drawn.jsonl"
    del os.environ["SEQFER_CACHE"]


def test_image_set_and_held_back_part(stills):
    from seqfer.corpus.manifest import read_manifest

    manifest = of_split(read_manifest(stills), "Training")
    data = image_set(manifest, LABELS, 24)
    assert data.images.shape == (100, 24, 24)
    assert np.allclose(data.votes.sum(1), 1)
    rest, kept = split_off(data, [str(i) for i in range(100)], 0.2, seed=1)
    assert (len(rest), len(kept)) == (80, 20)
    joined = np.concatenate([rest.images, kept.images]).reshape(100, -1)
    assert len(np.unique(joined, axis=0)) == 100
    with pytest.raises(InputError, match="is not among the classes"):
        labels_of(manifest.clips, ("anger",))
    with pytest.raises(SettingsError, match="no split"):
        of_split(replace(manifest), "PublicTest")


def test_held_back_people_and_copies_are_not_trained_on():
    from seqfer.corpus.stills import ImageSet

    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (120, 4, 4)).astype(np.uint8)
    people = [f"p{i // 3}" for i in range(120)]
    images[3] = images[0]  # p1 shares a picture with p0, p2 with p1
    images[6] = images[5]
    for seed in range(5):
        rest, kept = split_off(ImageSet(images, np.arange(120)), people, 0.3, seed=seed)
        assert len(rest) + len(kept) == 120
        assert 20 <= len(kept) <= 36
        apart = [{people[i] for i in part.labels} for part in (rest, kept)]
        assert not apart[0] & apart[1]
        assert any({"p0", "p1", "p2"} <= part for part in apart)
