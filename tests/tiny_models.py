"""Video models with random weights in files, and faces for them."""

from __future__ import annotations

import numpy as np
import torch

from seqfer.core import registry
from seqfer.core.emotions import class_list
from seqfer.models.film_files import TrainedHead, save_film_model
from seqfer.models.sequence import SequenceModel
from seqfer.models.weights import save_encoder

CLASSES = class_list("fer2013")


def stills(count, size=24, seed=0):
    """uint8 (count size size) of noise."""
    return np.random.default_rng(seed).integers(0, 256, (count, size, size), dtype=np.uint8)


def film_model(tmp_path, head="lstm", temperature=2.0):
    """(file of a temporal head with its tiny encoder, the head's model, the encoder); the encoder is also in encoder.safetensors."""
    torch.manual_seed(0)
    encoder = registry.find("encoders", "tiny").build(classes=7).eval()
    sha256 = save_encoder(tmp_path / "encoder.safetensors", "tiny", encoder, CLASSES, {"temperature": 1.5})
    meta = {"encoder": "tiny", "classes": CLASSES, "sha256": sha256, "temperature": 1.5}
    model = SequenceModel(encoder.feature_dim, head, 7, projection=6).eval()
    path = tmp_path / f"{head}.safetensors"
    save_film_model(path, TrainedHead(model, head, CLASSES, {"temperature": temperature}), encoder, meta)
    return path, model, encoder
