"""`seqfer train-head` end to end."""

import numpy as np
from tiny_models import film_model, stills

from seqfer.core.emotions import class_list
from seqfer.core.records import Clip
from seqfer.corpus.faces import open_data
from seqfer.corpus.manifest import Manifest, write_manifest
from seqfer.datasets import posed
from seqfer.models.logit_correction import LogitCorrection
from seqfer.models.opening import open_model
from seqfer.training import train_head as module
from seqfer.training.settings import HeadSettings, HeadTraining
from seqfer.training.train_head import train_head

CLASSES = class_list("fer2013")


def test_train_head_end_to_end(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    film_model(tmp_path)
    monkeypatch.setattr(
        module, "open_data", lambda data: drawn_people(tmp_path) if data == "posed" else open_data(data)
    )
    manifest = stills_manifest(tmp_path)
    write_manifest(manifest, tmp_path / "stills.jsonl")
    settings = HeadSettings(
        data=str(tmp_path / "stills.jsonl"),
        encoder=str(tmp_path / "encoder.safetensors"),
        split="",
        held_back=0.3,
        sequences=12,
        held_back_sequences=4,
        drawn_sequences=4,
        length=12,
        training=HeadTraining(epochs=2, batch_size=4),
    )
    first = train_head(settings, tmp_path / "a", quiet=True)
    again = train_head(settings, tmp_path / "b", quiet=True)
    assert first == again
    assert 0 <= first.error <= 1
    assert first.frames > 0
    opened = open_model(str(tmp_path / "a" / "sequence.safetensors"), kind="video")
    assert opened.head_name == "lstm"
    assert isinstance(opened.head, LogitCorrection)
    assert opened.head.limit == settings.correction_limit


def drawn_people(tmp_path):
    """The embedded corpus with eight people in place of 48, of whom one is not kept for measuring."""
    return posed.prepare(None, tmp_path / "posed.jsonl", people=8)


def stills_manifest(tmp_path):
    np.save(tmp_path / "stills.npy", stills(40, 48))
    clips = tuple(Clip(f"s{i}", f"p{i}", CLASSES[i % 7], (f"stills.npy#{i}",), "drawn") for i in range(40))
    return Manifest("drawn", CLASSES, clips, tmp_path)
