"""All faces of a manifest as one cached array: the right rows in the right order, read once per size and channels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from mock_corpus import write_mock

from seqfer.corpus.face_stack import frame_faces
from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import Manifest, read_manifest
from seqfer.runs.cache import open_array


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    return read_manifest(write_mock(tmp_path / "data", people=3))


def test_rows_are_the_clips_faces_in_the_manifests_order(
    manifest: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    file, lengths = frame_faces(manifest, 24, 1, manifest.checksum())
    stack = open_array(file)
    assert lengths.tolist() == [len(clip.frames) for clip in manifest.clips]
    assert (stack.shape, stack.dtype) == ((lengths.sum(), 24, 24), np.uint8)
    drawn = np.load(manifest.root / "mock.npy")  # drawn in this order
    assert np.array_equal(stack, drawn)
    assert capsys.readouterr().err == ""


def test_other_sizes_are_resized_and_said_in_one_line(manifest: Manifest, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "seqfer")
    file, lengths = frame_faces(manifest, 12, 3, manifest.checksum())
    stack = open_array(file)
    assert stack.shape == (lengths.sum(), 12, 12, 3)
    first = lengths[0]
    assert np.array_equal(stack[first : first + lengths[1]], load_clip_faces(manifest, manifest.clips[1], 12, 3))
    assert caplog.messages == ["mock: faces of 24x24 pixels are resized to 12x12"]


def test_the_same_data_are_read_once(manifest: Manifest) -> None:
    checksum = manifest.checksum()
    first, _ = frame_faces(manifest, 24, 1, checksum)
    (manifest.root / "mock.npy").unlink()
    again, lengths = frame_faces(manifest, 24, 1, checksum)
    assert again == first
    assert len(open_array(again)) == lengths.sum()


def test_another_size_number_of_channels_or_checksum_is_another_array(manifest: Manifest) -> None:
    files = {frame_faces(manifest, size, channels, key)[0] for size in (12, 24) for channels in (1, 3) for key in "ab"}
    assert len(files) == 8
