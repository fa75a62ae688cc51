"""Checksums of data are of its content: the same data under another name or with more splits is the same data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.core.records import Clip
from seqfer.corpus.content import open_stack
from seqfer.corpus.manifest import Manifest, read_manifest, write_manifest
from seqfer.corpus.stills import of_split

FACES = np.random.default_rng(5).integers(0, 256, (6, 4, 4), np.uint8)


def prepared(folder: Path, name: str = "a", order: tuple[int, ...] = (0, 1, 2, 3, 4, 5), **changes: object) -> Manifest:
    """A manifest of still images in one stack; the first four are Training, the others Test."""
    folder.mkdir(exist_ok=True)
    np.save(folder / f"{name}.faces.npy", FACES[list(order)])
    clips = tuple(
        Clip(f"c{k}", f"p{k}", "fear", (f"{name}.faces.npy#{i}",), name, split="Training" if k < 4 else "Test")
        for i, k in enumerate(order)
    )
    first = replace(clips[0], **changes)  # type: ignore[arg-type]
    write_manifest(Manifest(name, ("fear",), (first, *clips[1:]), folder), folder / f"{name}.jsonl")
    return read_manifest(folder / f"{name}.jsonl")


def test_the_name_of_the_manifest_its_stack_and_its_corpus_is_not_content(tmp_path: Path) -> None:
    assert prepared(tmp_path / "x", "a").checksum() == prepared(tmp_path / "y", "b").checksum()


def test_a_split_has_the_same_checksum_with_and_without_other_splits(tmp_path: Path) -> None:
    whole, alone = prepared(tmp_path / "x", "a"), prepared(tmp_path / "y", "b", (0, 1, 2, 3))
    last = prepared(tmp_path / "z", "c", (4, 5, 0, 1, 2, 3))  # the other split first: other indices in the stack
    sums = {of_split(manifest, "Training").checksum() for manifest in (whole, alone, last)}
    assert sums == {alone.checksum()}
    assert whole.checksum() != alone.checksum()


def test_splits_and_attributes_are_not_content(tmp_path: Path) -> None:
    plain = prepared(tmp_path / "x").checksum()
    assert plain == prepared(tmp_path / "y", split="Validation", attributes={"duplicate": "near"}).checksum()


@pytest.mark.parametrize(
    "change",
    [
        {"clip": "other"},
        {"person": "other"},
        {"label": None},
        {"boxes_xyxy_px": ((0.0, 0.0, 2.0, 2.0),)},
        {"valence": (0.5,)},
        {"votes": (1.0,) * 8},
        {"frames": ("a.faces.npy#1",)},
        {"frames": ("a.faces.npy#0", "a.faces.npy#0")},
    ],
)
def test_everything_that_a_clip_shows_or_is_labelled_with_is_content(tmp_path: Path, change: dict[str, object]) -> None:
    assert prepared(tmp_path / "x").checksum() != prepared(tmp_path / "y", **change).checksum()


def test_one_changed_pixel_of_a_clip_changes_its_checksum_and_no_others(tmp_path: Path) -> None:
    before = prepared(tmp_path / "x")
    tests, trainings = of_split(before, "Test").checksum(), of_split(before, "Training").checksum()
    faces = FACES.copy()
    faces[5, 3, 3] ^= 1
    np.save(tmp_path / "x" / "a.faces.npy", faces)
    assert of_split(before, "Training").checksum() == trainings
    assert of_split(before, "Test").checksum() != tests


def test_the_same_bytes_in_another_shape_are_other_pictures(tmp_path: Path) -> None:
    before = prepared(tmp_path / "x").checksum()
    np.save(tmp_path / "x" / "a.faces.npy", FACES.reshape(6, 2, 8))
    assert read_manifest(tmp_path / "x" / "a.jsonl").checksum() != before


def test_a_picture_file_is_known_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(b"1")
    (tmp_path / "two.png").write_bytes(b"1")
    (tmp_path / "three.png").write_bytes(b"3")
    one, two, three = (
        Manifest("own", ("fear",), (Clip("c", "p", "fear", (f"{name}.png",), "own"),), tmp_path).checksum()
        for name in ("one", "two", "three")
    )
    assert one == two != three


def test_a_frame_that_the_stack_does_not_have_is_named(tmp_path: Path) -> None:
    manifest = prepared(tmp_path / "x", frames=("a.faces.npy#9",))
    with pytest.raises(InputError, match=r"frame 9 asked for, the stack has 6 \(0 to 5\)"):
        manifest.checksum()


def test_a_stack_of_another_type_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", np.zeros((1, 2, 2)))
    with pytest.raises(InputError, match=r"float64 of shape \(1, 2, 2\); a stack is uint8"):
        open_stack(tmp_path / "f.npy")
