"""Images of a manifest with their labels and votes, and the part that is held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_stills import LABELS, write_stills

from seqfer.core.errors import InputError, SettingsError
from seqfer.corpus.stills import image_set, labels_of, of_split, split_off


@pytest.fixture(scope="module")
def stills(module_cache, tmp_path_factory):
    return write_stills(tmp_path_factory.mktemp("stills"))


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
