"""PyTorch computes every model; in bfloat16 on the CPU with fused encoders that give the same numbers as the plain ones."""

from __future__ import annotations

import numpy as np

from seqfer import models
from seqfer.core import registry

TORCH = registry.find("models.runtimes", "torch")
FACES = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)


def test_in_single_precision_the_model_is_the_one_that_was_given() -> None:
    model = models.open("compact", kind="video", device="cpu", precision="fp32")
    assert TORCH.suits(model)
    assert TORCH.prepare(model) is model


def test_in_bfloat16_the_encoders_are_fused_and_give_the_same_inputs() -> None:
    model = models.open("compact", kind="video", device="cpu", precision="bf16")
    fused = TORCH.prepare(model)
    assert TORCH.suits(model)
    assert fused.bf16
    assert np.allclose(fused.encode(FACES), model.encode(FACES), atol=0.05)
