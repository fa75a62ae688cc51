"""Data recorded by a checksum is recognised: by content, by the checksum of versions before, and as what shipped weights record."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from seqfer.core.records import Clip
from seqfer.corpus import same_data
from seqfer.corpus.manifest import Manifest, read_manifest, write_manifest
from seqfer.corpus.published import published
from seqfer.corpus.same_data import is_recorded_as


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    np.save(tmp_path / "m.faces.npy", np.arange(8, dtype=np.uint8).reshape(2, 2, 2))
    clips = tuple(Clip(f"c{k}", f"p{k}", "fear", (f"m.faces.npy#{k}",), "fer2013") for k in range(2))
    write_manifest(Manifest("fer2013", ("fear",), clips, tmp_path), tmp_path / "m.jsonl")
    return read_manifest(tmp_path / "m.jsonl")


def test_by_content_and_as_versions_before_recorded_it(manifest: Manifest, tmp_path: Path) -> None:
    # The former checksum, computed here from the two files: the stack's sha256 as hex, then the lines of the clips.
    stack = hashlib.sha256((tmp_path / "m.faces.npy").read_bytes()).hexdigest()
    lines = "".join((tmp_path / "m.jsonl").read_text().splitlines()[1:])
    former = hashlib.sha256((stack + lines).encode()).hexdigest()
    assert is_recorded_as(manifest, manifest.checksum())
    assert is_recorded_as(manifest, former)
    for other in ("0" * 64, None, 7, ""):
        assert not is_recorded_as(manifest, other)


def test_what_shipped_weights_record_is_recognised_by_content(
    manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"former_checksums": {"f" * 64: [manifest.checksum()]}}
    monkeypatch.setattr(same_data, "published", lambda name: table if name == "fer2013" else {})
    assert is_recorded_as(manifest, "f" * 64)
    assert not is_recorded_as(manifest, "e" * 64)


def test_every_checksum_that_shipped_weights_record_has_its_content_stated() -> None:
    stated = published("fer2013")["former_checksums"]
    recorded = set()
    for name in ("small", "compact"):
        with safe_open(str(files("seqfer") / "weights_files" / f"{name}.safetensors"), "np") as file:
            recorded.add(json.loads(file.metadata()["seqfer"])["data_checksum"])
    assert recorded == set(stated)
    assert all(len(content) == 64 for contents in stated.values() for content in contents)
