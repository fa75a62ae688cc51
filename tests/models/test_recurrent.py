"""LSTM layers in NumPy give torch's numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seqfer.core import registry
from seqfer.models.recurrent import head_of


@pytest.mark.parametrize("name", ["lstm", "bilstm"])
@torch.no_grad()
def test_outputs_are_torchs(name: str) -> None:
    torch.manual_seed(0)
    head = registry.find("heads", name).build(5, 3).eval()
    arrays = {f"head.{key}": value.numpy() for key, value in head.state_dict().items()}
    made = head_of(arrays, "head.")
    inputs = 3 * torch.randn(2, 40, 5)
    wanted = head(inputs, torch.ones(2, 40, dtype=torch.bool)).numpy()
    assert np.allclose(made.look(inputs.numpy()), wanted, atol=1e-5)
    assert made.uses_later_frames == (name == "bilstm")


def test_step_by_step_is_as_at_once_and_large_inputs_do_not_overflow() -> None:
    torch.manual_seed(0)
    head = registry.find("heads", "lstm").build(5, 3)
    made = head_of({f"head.{key}": value.numpy() for key, value in head.state_dict().items()}, "head.")
    inputs = np.random.default_rng(0).normal(size=(1, 12, 5)).astype(np.float32) * 1e4
    whole, state, parts = made.look(inputs), None, []
    for at in range(12):
        output, state = made.step(inputs[:, at : at + 1], state)
        parts.append(output)
    assert np.allclose(np.concatenate(parts, 1), whole, atol=1e-6)
    assert np.isfinite(whole).all()
