"""PyTorch computes every model as it is."""

from __future__ import annotations

from seqfer import models
from seqfer.core import registry

TORCH = registry.find("models.runtimes", "torch")


def test_the_model_is_the_one_that_was_given() -> None:
    model = models.open("compact", kind="video", device="cpu", precision="fp32")
    assert TORCH.suits(model)
    assert TORCH.prepare(model) is model
