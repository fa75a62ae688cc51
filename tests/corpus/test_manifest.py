import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of, read_manifest, write_manifest

HEADER = {"seqfer_manifest": 1, "corpus": "own", "classes": ["fear", "neutral"], "notes": ["one clip short"]}
ROW: dict[str, Any] = {"clip": "a1", "person": "a", "label": "fear", "frames": ["x.png", "v.npy#3"], "corpus": "own"}


def write(folder: Path, *lines: Any) -> Path:
    path = folder / "clips.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return path


def test_read(tmp_path: Path) -> None:
    manifest = read_manifest(write(tmp_path, HEADER, "", ROW, {**ROW, "clip": "b1", "person": "b", "label": None}))
    assert manifest.corpus == "own"
    assert manifest.classes == ("fear", "neutral")
    assert manifest.notes == ("one clip short",)
    assert manifest.people == ("a", "b")
    assert manifest.clips[0].frames == ("x.png", "v.npy#3")
    assert manifest.root == tmp_path.resolve()


def test_frame_references(tmp_path: Path) -> None:
    manifest = read_manifest(write(tmp_path, HEADER, ROW))
    root = tmp_path.resolve()
    assert manifest.path_of("x.png") == (root / "x.png", None)
    assert manifest.path_of("v.npy#3") == (root / "v.npy", 3)
    assert manifest.path_of("odd#name.png") == (root / "odd#name.png", None)
    elsewhere = tmp_path.resolve().parent / "y.png"
    assert manifest.path_of(str(elsewhere)) == (elsewhere, None)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"clip": ', "not valid JSON"),
        ("[1, 2]", "a list"),
        ({k: v for k, v in ROW.items() if k != "person"}, "'person' is missing"),
        ({**ROW, "emotion": "fear"}, "unknown field 'emotion'"),
        ({**ROW, "label": "smile"}, "not in the vocabulary"),
        ({**ROW, "frames": []}, "no frames"),
        ({**ROW, "frames": 3}, "wrong type"),
        ({**ROW, "frames": "mock.npy#0"}, 'frames is "mock.npy#0", the wrong type; it must be a list of texts'),
        ({**ROW, "frames": ["x.png", 3]}, 'frames is ["x.png", 3], the wrong type'),
        ({**ROW, "clip": 7}, "clip is 7; it must be text"),
        ({**ROW, "person": None}, "person is null; it must be text"),
        ({**ROW, "person": ["a"]}, 'person is ["a"]; it must be text'),
        ({**ROW, "corpus": {}}, "corpus is {}; it must be text"),
        ({**ROW, "label": 3}, "label is 3; it must be text or null"),
        ({**ROW, "split": False}, "split is false; it must be text or null"),
        ({**ROW, "valence": ["high", "low"]}, "wrong type"),
        ({**ROW, "valence": "00"}, "wrong type"),
        ({**ROW, "valence": [True, 0]}, "wrong type"),
        ({**ROW, "valence": [float("nan"), 0]}, "outside [-1, 1]"),
        ({**ROW, "votes": [float("nan"), *[0] * 7]}, "8 numbers >= 0"),
        ({**ROW, "votes": [float("inf"), *[0] * 7]}, "8 numbers >= 0"),
        ({**ROW, "votes": 3}, "wrong type"),
        ({**ROW, "votes": [10**400, *[0] * 7]}, "wrong type"),
        ({**ROW, "boxes_xyxy_px": ["0011", "0011"]}, "wrong type"),
        ({**ROW, "boxes_xyxy_px": 4}, "wrong type"),
        ({**ROW, "boxes_xyxy_px": [[0, 0, 1, None], [0, 0, 1, 1]]}, "wrong type"),
        ({**ROW, "valence": [2, 0]}, "outside [-1, 1]"),
        ({**ROW, "boxes_xyxy_px": [[0, 0, 1, 1]]}, "1 boxes_xyxy_px for 2 frames"),
        ({**ROW, "attributes": [1]}, "wrong type"),
    ],
)
def test_a_broken_line_is_named_with_file_and_line(tmp_path: Path, line: Any, words: str) -> None:
    path = write(tmp_path, HEADER, {**ROW, "clip": "good"}, line)
    with pytest.raises(InputError) as caught:
        read_manifest(path)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((), "empty"),
        ((ROW,), ":1: no header"),
        (({**HEADER, "seqfer_manifest": 2}, ROW), ":1: no header"),
        (({**HEADER, "classes": "fear"}, ROW), ':1: classes is "fear"; it must be a list of texts'),
        (({**HEADER, "classes": [1]}, ROW), ":1: classes is [1]; it must be a list of texts"),
        (({**HEADER, "classes": ["fear", "hunger"]}, ROW), ":1: class 'hunger' is not in the vocabulary"),
        (({**HEADER, "notes": "short"}, ROW), ':1: notes is "short"; it must be a list of texts'),
        (({**HEADER, "corpus": 3}, ROW), ":1: corpus is 3; it must be text"),
        ((HEADER,), "no clips"),
        ((HEADER, ROW, ROW), "'a1' occurs twice"),
        ((HEADER, {**ROW, "label": "anger"}), "not among the classes fear, neutral"),
    ],
)
def test_a_broken_manifest_is_named_with_its_file(tmp_path: Path, lines: tuple[Any, ...], words: str) -> None:
    path = write(tmp_path, *lines)
    with pytest.raises(InputError) as caught:
        read_manifest(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


def test_what_cannot_be_read_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.jsonl"):
        read_manifest(tmp_path / "absent.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"binary\.jsonl"):
        read_manifest(tmp_path / "binary.jsonl")


def test_only_keeps_the_wanted_classes_in_the_wanted_order(tmp_path: Path) -> None:
    clips = tuple(
        Clip(f"c{i}", "p", label, ("a",), "own") for i, label in enumerate(("fear", "neutral", "anger", None))
    )
    manifest = Manifest("own", classes_of(clips), clips, tmp_path)
    assert manifest.classes == ("anger", "fear", "neutral")
    kept = manifest.only(("fear", "sadness", "anger"))
    assert kept.classes == ("fear", "anger")
    assert [c.clip for c in kept.clips] == ["c0", "c2"]
    with pytest.raises(InputError, match="no clip of the classes sadness"):
        manifest.only(("sadness",))


def test_checksum_changes_with_the_data_and_with_the_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.zeros((4, 2, 2), np.uint8))
    (tmp_path / "x.png").write_bytes(b"1")
    first = read_manifest(write(tmp_path, HEADER, ROW)).checksum()
    assert first == read_manifest(write(tmp_path, HEADER, ROW)).checksum()
    relabelled = read_manifest(write(tmp_path, HEADER, {**ROW, "label": "neutral"})).checksum()
    (tmp_path / "x.png").write_bytes(b"2")
    redrawn = read_manifest(write(tmp_path, HEADER, ROW)).checksum()
    assert len({first, relabelled, redrawn}) == 3
    (tmp_path / "x.png").unlink()
    with pytest.raises(InputError, match=r"x\.png: cannot be read"):
        read_manifest(tmp_path / "clips.jsonl").checksum()


def test_write_manifest_keeps_other_alphabets_readable(tmp_path: Path) -> None:
    clip = Clip("c", "Zoë", "fear", ("a",), "own")
    write_manifest(Manifest("own", ("fear",), (clip,), tmp_path), tmp_path / "new" / "m.jsonl")
    assert "Zoë" in (tmp_path / "new" / "m.jsonl").read_text(encoding="utf-8")
