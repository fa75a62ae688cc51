"""What `--data` takes: a manifest's path or the name of an embedded corpus; and stacks that are not what their name says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from mock_corpus import write_mock

from seqfer.core import registry
from seqfer.core.errors import InputError
from seqfer.core.records import Clip
from seqfer.corpus import faces
from seqfer.corpus.manifest import Manifest, read_manifest
from seqfer.datasets import posed


@pytest.mark.parametrize("name", ["mock.jsonl", "renamed"])
def test_a_manifest_by_its_path(tmp_path: Path, name: str) -> None:
    write_mock(tmp_path, people=2).rename(tmp_path / name)
    opened = faces.open_data(str(tmp_path / name))
    assert len(opened.people) == 2
    assert faces.load_clip_faces(opened, opened.clips[0], 24).shape[1:] == (24, 24)


def test_an_embedded_corpus_is_rendered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def prepare(root: None, out: Path) -> Manifest:
        calls.append(out)
        return read_manifest(write_mock(out.parent, people=2))

    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path))
    monkeypatch.setattr(posed, "prepare", prepare)
    first = faces.open_data("posed")
    assert faces.open_data("posed") == first
    assert len(first.people) == 2
    assert len(calls) == 1
    assert calls[0].is_relative_to(tmp_path)
    monkeypatch.setattr(posed, "VERSION", posed.VERSION + 1)
    faces.open_data("posed")
    assert len(calls) == 2


@pytest.mark.parametrize("name", [n for n in registry.names("datasets") if n != "posed"])
def test_a_corpus_of_copies_needs_a_manifest(name: str) -> None:
    with pytest.raises(InputError, match="make a manifest of your copy first: seqfer prepare") as error:
        faces.open_data(name)
    assert f"prepare {name} ROOT" in str(error.value)


def test_what_is_neither_is_told(tmp_path: Path) -> None:
    for given, said in (("atlantis", "no manifest 'atlantis'"), (str(tmp_path / "gone.jsonl"), "cannot be read")):
        with pytest.raises(InputError, match=said) as error:
            faces.open_data(given)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", ["zip", "cut zip", "empty", "words", "objects", "colour"])
def test_a_stack_that_is_none_is_told(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "s.npy"
    np.savez(tmp_path / "s.npz", faces=np.zeros((2, 8, 8), np.uint8))
    archive = (tmp_path / "s.npz").read_bytes()
    contents = {"zip": archive, "cut zip": archive[:90], "empty": b"", "words": b"faces of people"}
    if kind == "objects":
        np.save(file, np.array([None]), allow_pickle=True)
    elif kind == "colour":
        np.save(file, np.zeros((2, 8, 8, 3), np.uint8))
    else:
        file.write_bytes(contents[kind])
    clip = Clip("c", "p", "fear", ("s.npy#0",), "mock")
    with pytest.raises(InputError, match=r"s\.npy: ") as error:
        faces.load_clip_faces(Manifest("mock", ("fear",), (clip,), tmp_path), clip, 8)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0, 0, 4, 3), np.s_[0:3, 0:4]),  # the whole picture
        ((0.49, 0.49, 2.49, 2.49), np.s_[0:2, 0:2]),
        ((0.5, 0.5, 2.5, 2.5), np.s_[1:3, 1:3]),  # halves go up
        ((1.1, 1.1, 1.2, 1.2), np.s_[1:2, 1:2]),  # never less than one pixel
    ],
)
def test_boxes_are_rounded_to_whole_pixels(box: tuple[float, float, float, float], expected: tuple[slice, ...]) -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.testing.assert_array_equal(faces.crop_box(picture, box), picture[expected])


@pytest.mark.parametrize("box", [(-4, 0, 0, 3), (0, -4, 4, 0), (4, 0, 8, 3), (0, 3, 4, 6)])
def test_a_box_that_only_touches_is_outside(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match="outside the picture of 4x3 pixels"):
        faces.crop_box(np.zeros((3, 4), np.uint8), box)
