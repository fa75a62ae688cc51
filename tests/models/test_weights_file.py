"""Weights files without torch: the same numbers, and the same refusals in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from seqfer.core.errors import WeightsError
from seqfer.models.weights import save_tensors
from seqfer.models.weights_file import load_arrays


def test_arrays_are_the_tensors_in_float32(tmp_path: Path) -> None:
    tensors = {"a": torch.randn(2, 3).half(), "b": torch.arange(4)}
    checksum = save_tensors(tmp_path / "a.safetensors", tensors, {"seed": 3})
    arrays, meta = load_arrays(tmp_path / "a.safetensors", checksum)
    assert meta == {"seed": 3}
    for name, tensor in tensors.items():
        assert arrays[name].dtype == np.float32
        assert np.array_equal(arrays[name], tensor.float().numpy())


def test_what_is_damaged_or_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_tensors(path, {"a": torch.zeros(2)}, {})
    with pytest.raises(WeightsError, match="checksum"):
        load_arrays(path, "0" * 64)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(WeightsError, match="damaged, or not a safetensors file"):
        load_arrays(path)
    path.write_bytes(b"PK\3\4" + bytes(20))
    with pytest.raises(WeightsError, match="pickle"):
        load_arrays(path)
