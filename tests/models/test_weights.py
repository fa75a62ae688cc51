"""Weights files: what is written is read back; anything else is refused in one line."""

import pickle

import pytest
import torch

from seqfer.core.emotions import CLASS_LISTS
from seqfer.core.errors import SettingsError, WeightsError
from seqfer.models.included import SHIPPED
from seqfer.models.weights import build_encoder, load_into, load_tensors, read_encoder, save_encoder, save_tensors


@pytest.fixture
def tiny():
    from seqfer.core import registry

    torch.manual_seed(0)
    return registry.find("encoders", "tiny").build(classes=6)


def test_round_trip_keeps_values_and_meta(tmp_path):
    tensors = {"a": torch.arange(6.0).view(2, 3), "b": torch.ones(2, dtype=torch.int64)}
    checksum = save_tensors(tmp_path / "w.safetensors", tensors, {"note": "é", "n": 1})
    found, meta = load_tensors(tmp_path / "w.safetensors", checksum)
    assert meta == {"note": "é", "n": 1}
    assert all(torch.equal(found[k], tensors[k]) for k in tensors)


def test_wrong_checksum_stops(tmp_path):
    save_tensors(tmp_path / "w.safetensors", {"a": torch.ones(1)}, {})
    with pytest.raises(WeightsError, match="checksum"):
        load_tensors(tmp_path / "w.safetensors", "0" * 64)


def test_every_flipped_byte_is_noticed_by_the_checksum(tmp_path):
    file = tmp_path / "w.safetensors"
    checksum = save_tensors(file, {"a": torch.ones(3)}, {})
    data = bytearray(file.read_bytes())
    for position in range(0, len(data), 7):
        file.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        with pytest.raises(WeightsError):
            load_tensors(file, checksum)


def test_a_header_of_any_length_is_no_pickle(tmp_path):
    """The count of its bytes may begin like a pickle's mark (0x80) or a zip's (PK)."""
    seen = set()
    for length in range(300):
        file = tmp_path / "w.safetensors"
        save_tensors(file, {"a": torch.ones(1)}, {"note": "x" * length})
        seen.add(file.read_bytes()[0])
        assert load_tensors(file)[1] == {"note": "x" * length}
    assert 0x80 in seen


@pytest.mark.parametrize("kind", ["pickle", "torch", "text", "empty", "cut"])
def test_anything_but_safetensors_is_refused(tmp_path, kind):
    file = tmp_path / "w.bin"
    if kind == "pickle":
        file.write_bytes(pickle.dumps({"a": 1}))
    elif kind == "torch":
        torch.save({"a": torch.ones(1)}, file)
    elif kind == "cut":
        save_tensors(file, {"a": torch.ones(100)}, {})
        file.write_bytes(file.read_bytes()[:-50])
    else:
        file.write_bytes(b"" if kind == "empty" else b"hello, I am a text file")
    with pytest.raises(WeightsError) as error:
        load_tensors(file)
    assert ("pickle" in str(error.value)) == (kind in ("pickle", "torch"))
    assert "\n" not in str(error.value)


def test_encoder_round_trip_in_half_precision(tmp_path, tiny):
    save_encoder(tmp_path / "e.safetensors", "tiny", tiny, CLASS_LISTS["six"], {}, half=True)
    loaded, _ = read_encoder(str(tmp_path / "e.safetensors"), "tiny")
    images = torch.rand(2, 1, tiny.input_size, tiny.input_size)
    assert torch.allclose(loaded.classify(images), tiny.eval().classify(images), atol=0.02)
    assert all(p.dtype == torch.float32 for p in loaded.parameters())


def test_other_architecture_and_missing_keys_are_named(tmp_path, tiny):
    save_encoder(tmp_path / "e.safetensors", "tiny", tiny, CLASS_LISTS["six"], {})
    with pytest.raises(WeightsError, match="weights of encoder 'tiny', not 'resezap'"):
        read_encoder(str(tmp_path / "e.safetensors"), "resezap")
    tensors, _ = load_tensors(tmp_path / "e.safetensors")
    first = sorted(tensors)[0]
    with pytest.raises(WeightsError, match="1 tensors are missing"):
        load_into(tiny, {k: v for k, v in tensors.items() if k != first}, "here")
    with pytest.raises(WeightsError, match="not part of the architecture"):
        load_into(tiny, {**tensors, "odd": torch.ones(1)}, "here")
    with pytest.raises(WeightsError, match="has shape"):
        load_into(tiny, {**tensors, first: torch.ones(1, 2, 3)}, "here")


def test_no_shipped_weights_is_an_error_not_a_random_start():
    with pytest.raises(WeightsError, match="no weights are included for encoder 'tiny'"):
        read_encoder("shipped", "tiny")


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_shipped_weights_load_and_have_a_card(name):
    encoder, meta = read_encoder("shipped", name)
    checksum = meta["sha256"]
    assert checksum == SHIPPED[name].sha256
    assert not encoder.training
    card = SHIPPED[name].path.with_suffix(".md").read_text()
    assert checksum in card
    assert "research" in card.lower()


def test_an_encoder_comes_back_at_the_input_size_it_was_trained_on(tmp_path):
    file = tmp_path / "w.safetensors"
    save_encoder(file, "resnet50", build_encoder("resnet50", 3, 40), ("anger", "fear", "neutral"), {}, half=True)
    encoder, _ = read_encoder(str(file))
    assert encoder.input_size == 40
    with pytest.raises(SettingsError, match="input_size = 64: resezap takes faces of one size only"):
        build_encoder("resezap", 3, 64)
    with pytest.raises(SettingsError, match="no ImageNet weights for resezap"):
        build_encoder("resezap", 3, pretrained=True)


def test_a_training_may_start_from_imagenet(tmp_path, monkeypatch, capsys):
    """Which cannot be fetched here: it is said, and nothing is trained from a random start instead."""
    from mock_corpus import write_mock

    from seqfer.cli import main

    def fail(*_args, **_settings):
        raise OSError("no route")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fail)
    data, out = write_mock(tmp_path, people=4), tmp_path / "run"
    words = ["train", "--data", str(data), "--set", "encoder=resnet50", "--set", "input_size=32", "--set", "split="]
    assert main([*words, "--set", "pretrained=true", "--set", "classes=six", "--out", str(out)]) == 2
    assert "resnet50: ImageNet weights could not be downloaded" in capsys.readouterr().err
    assert not out.exists()
