"""What a weights file states of itself is checked before anything is built: one line with the file and the key, and nothing is imported."""

from __future__ import annotations

import json
import os
import struct
import sys

import pytest
import torch
from tiny_models import CLASSES, film_model

from seqfer import models
from seqfer.core.errors import WeightsError
from seqfer.models.meta import check_meta
from seqfer.models.weights import load_tensors, save_tensors


def rewritten(path, change):
    """The same file with a changed meta; `change` gets the dict."""
    tensors, meta = load_tensors(path)
    change(meta)
    save_tensors(path, tensors, meta)
    return path


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    """The dotted path of a module that leaves a mark when it is imported, and the mark."""
    folder, mark = tmp_path / "modules", tmp_path / "mark"
    folder.mkdir()
    (folder / "trap_net.py").write_text(
        f"open({str(mark)!r}, 'w').close()\ndef build(*a, **k): raise SystemExit\nCAUSAL = True\n"
    )
    (folder / "trap").mkdir()
    (folder / "trap" / "__init__.py").write_text((folder / "trap_net.py").read_text())
    (folder / "trap" / "net.py").write_text((folder / "trap_net.py").read_text())
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.chdir(folder)
    yield "trap.net", mark
    assert not any(name.startswith("trap") for name in sys.modules)


@pytest.mark.parametrize("name", ["trap.net", "trap.", ".trap.net", "seqfer.encoders.tiny", "venv.__main__", "os.path"])
def test_a_dotted_name_in_a_file_is_refused_and_not_imported(name, own_module, tmp_path):
    _, mark = own_module
    path, _, _ = film_model(tmp_path)
    for file, change in (
        (tmp_path / "encoder.safetensors", lambda meta: meta.update(encoder=name)),
        (path, lambda meta: meta["sequence"].update(head=name)),
    ):
        rewritten(file, change)
        for open_it in (
            models.open,
            lambda file: models.open(file, kind="video"),
            lambda file: models.open(file, kind="image"),
        ):
            with pytest.raises(WeightsError, match="is named by a file, where only included ones are allowed") as error:
                open_it(file)
            assert len(str(error.value).splitlines()) == 1
    assert not mark.exists()


def test_the_user_may_name_a_module_that_a_file_names(tmp_path, monkeypatch):
    meta = {"encoder": "mylab.nets.wide", "classes": list(CLASSES)}
    assert check_meta(tmp_path, meta, known_encoder="mylab.nets.wide") == meta
    with pytest.raises(WeightsError, match="SEQFER_PLUGINS"):
        check_meta(tmp_path, meta)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("encoder", 5, "encoder is 5, not a text"),
        ("encoder", "x" * 1000, "encoder is .*at most 512 long"),
        ("encoder", "nothing", "unknown encoder 'nothing'"),
        ("classes", "anger", "classes is 'anger'"),
        ("classes", [], "classes is .*at least 1 long"),
        ("classes", ["anger", 1], "classes.1 is 1, not a text"),
        ("classes", ["anger", "joyful"], "classes has 'joyful'; allowed: anger"),
        ("classes", ["anger", "anger"], "names a class twice"),
        ("classes", ["anger"] * 100_000, "classes is"),
        ("temperature", 0, "temperature is 0.*above 0"),
        ("temperature", -1.5, "temperature is -1.5.*above 0"),
        ("temperature", float("nan"), "temperature is nan"),
        ("temperature", float("inf"), "temperature is inf"),
        ("temperature", "warm", "temperature is 'warm', not a number"),
        ("temperature", True, "temperature is True"),
        ("input_size", -1, "input_size is -1.*at least 0"),
        ("input_size", 10**6, "input_size is 1000000.*at most 1024"),
        ("input_size", 10**400, "input_size is 1"),
        ("input_size", 48.5, "input_size is 48.5, not a whole number"),
        ("sequence", [], "sequence is"),
        ("sequence", {}, "has no sequence.head"),
        (
            "sequence",
            {"head": "lstm", "feature_dim": 10**9, "projection": 30},
            "sequence.feature_dim is 1000000000.*at most",
        ),
        ("sequence", {"head": "lstm", "feature_dim": 8, "projection": 10**9}, "sequence.projection is"),
        ("encoder_sha256", "short", "encoder_sha256 is 'short'"),
        ("held_back", 7, "held_back is 7"),
        ("class_shares", [0.5], "class_shares has 1 numbers"),
        ("class_shares", {"a": 1}, "class_shares is"),
    ],
)
def test_every_violation_is_one_line_with_file_and_key(key, value, words, tmp_path):
    meta = {"encoder": "tiny", "classes": list(CLASSES), key: value}
    with pytest.raises(WeightsError, match=rf"w\.safetensors: .*{words}") as error:
        check_meta(tmp_path / "w.safetensors", meta)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 700


def test_a_head_that_states_other_sizes_than_it_has_allocates_nothing(tmp_path):
    path, _, _ = film_model(tmp_path)
    rewritten(path, lambda meta: meta["sequence"].update(feature_dim=100_000, projection=1000))
    with pytest.raises(WeightsError, match=r"its head's projection is not of the shape \(1000, 100000\)"):
        models.open(path)
    file = tmp_path / "vgg.safetensors"
    save_tensors(file, {"a": torch.zeros(3)}, {"encoder": "vgg16", "classes": list(CLASSES), "input_size": 1024})
    with pytest.raises(WeightsError, match=r"vgg16 with input_size 1024 has 2,\d\d\d,\d\d\d,\d\d\d values, the file 3"):
        models.open(file)


def test_keys_that_are_missing_are_named(tmp_path):
    path, _, _ = film_model(tmp_path)
    for key in ("encoder", "temperature", "encoder_classes", "encoder_temperature", "encoder_sha256"):
        film_model(tmp_path)
        rewritten(path, lambda meta, key=key: meta.pop(key))
        with pytest.raises(WeightsError, match=f"has no {key}"):
            models.open(path, kind="video")


@pytest.mark.parametrize("change", ["nan", "inf", "1.7e38", "-1e13", "complex", "std"])
def test_values_that_no_training_leaves_are_refused(change, tmp_path):
    path, _, _ = film_model(tmp_path)
    tensors, meta = load_tensors(path)
    if change == "std":
        tensors["head.feature_std"][0] = 0
    elif change == "complex":
        tensors["head.projection.weight"] = tensors["head.projection.weight"].to(torch.complex64)
    else:
        tensors["head.projection.weight"][0, 0] = float(change)
    save_tensors(path, tensors, meta)
    with pytest.raises(WeightsError, match=r"not finite numbers|divides features by 0"):
        models.open(path)


@pytest.mark.parametrize(
    "meta", ["[]", "5", '"text"', "{", "[" * 100_000, '{"encoder": "\\ud800"}', '{"a": ' * 2000 + "1" + "}" * 2000]
)
def test_meta_that_is_no_object_is_one_line(meta, tmp_path):
    header = json.dumps(
        {"__metadata__": {"seqfer": meta}, "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    ).encode()
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    with pytest.raises(WeightsError, match=r"a\.safetensors: ") as error:
        models.open(tmp_path / "a.safetensors")
    assert str(error.value).isprintable()


def test_a_member_in_a_folder_whose_name_is_not_utf8_is_found_again(tmp_path):
    name = os.fsdecode(b"/runs/caf\xe9/encoder.safetensors")
    member = {"name": name, "encoder": "tiny", "sha256": "0" * 64}
    assert check_meta(tmp_path / "a.safetensors", {"members": [member]})["members"][0]["name"] == name
