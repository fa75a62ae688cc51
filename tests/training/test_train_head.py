"""Still faces made to move, and temporal heads trained on them."""

import numpy as np
import pytest
import torch

from seqfer.core import registry
from seqfer.core.emotions import class_list
from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, write_manifest
from seqfer.models.film_files import TrainedHead, open_film_model, save_film_model
from seqfer.models.sequence import SequenceModel
from seqfer.models.weights import SHIPPED, SHIPPED_HEADS, TIERS, save_encoder
from seqfer.training.moving_stills import MotionSpread, moving_stills
from seqfer.training.settings import HeadSettings, HeadTraining
from seqfer.training.train_head import train_head

CLASSES = class_list("fer2013")


def stills(count, size=24, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, size, size), dtype=np.uint8)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_sequences_fade_from_still_to_still(count):
    shares = np.eye(7, dtype=np.float32)[:count]
    frames, truth = moving_stills(stills(count), shares, 30, torch.Generator().manual_seed(1))
    assert frames.shape == (30, 24, 24)
    assert frames.dtype == np.uint8
    assert np.allclose(truth.sum(1), 1, atol=1e-6)
    # Shown in the order given: the first frame is mostly the first still, the last one the last.
    assert truth[0].argmax() == 0
    assert truth[-1].argmax() == count - 1
    assert (np.diff(truth.argmax(1)) >= 0).all()


def test_nothing_moves_without_motion():
    still = stills(1)
    calm = MotionSpread(angle_deg=0, scale=0, shift=0, gamma=0, jitter=0, noise=0, covered=0, far=0)
    frames, _ = moving_stills(still, np.eye(7, dtype=np.float32)[:1], 10, torch.Generator().manual_seed(0), calm)
    same = [np.abs(frames[0].astype(int) - view).max() for view in (still[0], still[0][:, ::-1])]
    assert min(same) <= 1  # as it is, or mirrored
    assert (frames == frames[0]).all()


def test_same_seed_same_sequence():
    made = [moving_stills(stills(2), np.eye(7)[:2], 20, torch.Generator().manual_seed(3))[0] for _ in range(2)]
    assert (made[0] == made[1]).all()


def film_model(tmp_path, head="lstm", temperature=2.0):
    torch.manual_seed(0)
    encoder = registry.find("encoders", "tiny").build(classes=7).eval()
    sha256 = save_encoder(tmp_path / "encoder.safetensors", "tiny", encoder, CLASSES, {"temperature": 1.5})
    meta = {"encoder": "tiny", "classes": CLASSES, "sha256": sha256, "temperature": 1.5}
    model = SequenceModel(encoder.feature_dim, head, 7, projection=6).eval()
    path = tmp_path / f"{head}.safetensors"
    save_film_model(path, TrainedHead(model, head, CLASSES, {"temperature": temperature}), encoder, meta)
    return path, model, encoder


def test_saved_and_opened_gives_the_same(tmp_path):
    path, model, encoder = film_model(tmp_path)
    opened = open_film_model(str(path), causal=True)
    faces = stills(5)
    inputs = opened.encode(faces)
    assert inputs.shape == (5, 6)
    assert opened.causal
    assert opened.temperature == 2.0
    with torch.no_grad():
        pixels = torch.from_numpy(faces).float()[:, None] / 255
        assert torch.allclose(inputs, model.project(encoder.embed(pixels)), atol=1e-6)
    alone = open_film_model(str(path), frames_alone=True)
    assert alone.head is None
    assert alone.encode(faces).shape == (5, 7)
    assert alone.temperature == 1.5


def test_a_head_that_looks_ahead_is_not_causal(tmp_path):
    path, *_ = film_model(tmp_path, "bilstm")
    with pytest.raises(SettingsError, match="later frames"):
        open_film_model(str(path), causal=True)


def test_an_encoder_alone_is_a_model_too(tmp_path):
    film_model(tmp_path)
    assert open_film_model(str(tmp_path / "encoder.safetensors")).head is None


def test_a_head_on_other_shipped_weights_is_refused(tmp_path):
    path = tmp_path / "head.safetensors"
    encoder = registry.find("encoders", "mobilenet").build(classes=7)
    head = SequenceModel(8, "lstm", 7)
    meta = {"encoder": "mobilenet", "classes": CLASSES, "sha256": SHIPPED["mobilenet"].sha256}
    save_film_model(path, TrainedHead(head, "lstm", CLASSES, {"temperature": 1.0}), encoder, meta)
    text = path.read_bytes().replace(SHIPPED["mobilenet"].sha256.encode(), b"0" * 64)
    path.write_bytes(text)
    with pytest.raises(WeightsError, match="train the head again"):
        open_film_model(str(path))


def test_train_head_end_to_end(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    film_model(tmp_path)
    manifest = stills_manifest(tmp_path)
    write_manifest(manifest, tmp_path / "stills.jsonl")
    settings = HeadSettings(
        data=str(tmp_path / "stills.jsonl"),
        encoder=str(tmp_path / "encoder.safetensors"),
        split="",
        held_back=0.3,
        sequences=12,
        held_back_sequences=4,
        length=12,
        training=HeadTraining(epochs=2, batch_size=4),
    )
    first = train_head(settings, tmp_path / "a", quiet=True)
    again = train_head(settings, tmp_path / "b", quiet=True)
    assert first == again
    assert 0 <= first["error"] <= 1
    assert first["frames"] > 0
    assert open_film_model(str(tmp_path / "a" / "sequence.safetensors")).head_name == "lstm"


def stills_manifest(tmp_path):
    np.save(tmp_path / "stills.npy", stills(40, 48))
    clips = tuple(Clip(f"s{i}", f"p{i}", CLASSES[i % 7], (f"stills.npy#{i}",), "drawn") for i in range(40))
    return Manifest("drawn", CLASSES, clips, tmp_path)


@pytest.mark.parametrize("tier", sorted(TIERS))
def test_shipped_heads_belong_to_the_shipped_encoder_and_have_a_card(tier):
    for name, shipped in SHIPPED_HEADS.get(TIERS[tier], {}).items():
        model = open_film_model(tier, causal=name == "lstm")
        assert (model.head_name, model.checksums["head"]) == (name, shipped.sha256)
        assert model.checksums["encoder"] == SHIPPED[TIERS[tier]].sha256
        assert shipped.sha256 in shipped.path.with_suffix(".md").read_text()
