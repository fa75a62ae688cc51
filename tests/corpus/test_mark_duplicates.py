"""Stills that occur twice are marked in the manifest of any corpus of stills."""

from dataclasses import replace

import numpy as np

from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest
from seqfer.corpus.mark_duplicates import mark_duplicates


def corpus(root, frames=1):
    """Eight stills of eight people, the last two for testing: one a copy of a training picture, one brighter than another."""
    rng = np.random.default_rng(0)
    faces = rng.integers(30, 200, (8, 48, 48), dtype=np.uint8)
    faces[6], faces[7] = faces[0], faces[1] + 20
    np.save(root / "faces.npy", np.repeat(faces, frames, 0))
    clips = [
        Clip(f"c{k}", f"p{k}", "anger", tuple(f"faces.npy#{frames * k + i}" for i in range(frames)), "mine")
        for k in range(8)
    ]
    clips = [replace(clip, split="Test" if k > 5 else "Training") for k, clip in enumerate(clips)]
    return Manifest("mine", ("anger",), tuple(clips), root, ())


def test_copies_of_training_pictures_are_marked(tmp_path):
    marked = mark_duplicates(corpus(tmp_path))
    assert [clip.attributes.get("duplicate") for clip in marked.clips] == [None] * 6 + ["exact", "near"]
    assert "1 exact copies (2 images in 1 groups" in marked.notes[0]
    assert "of 2 Test images 1 have an exact copy in Training and 1 more a near one (100.0 %)" in marked.notes[1]
    assert mark_duplicates(marked) is marked


def test_clips_of_several_frames_are_left_alone(tmp_path):
    moving = corpus(tmp_path, frames=2)
    assert mark_duplicates(moving) == moving


def test_whether_they_are_marked_does_not_depend_on_the_notes(tmp_path):
    noted = replace(corpus(tmp_path), notes=("duplicates of two people were removed by hand",))
    marked = mark_duplicates(noted)
    assert [clip.attributes.get("duplicate") for clip in marked.clips][-2:] == ["exact", "near"]
    assert marked.notes[0] == noted.notes[0]
