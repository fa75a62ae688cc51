"""Saves and loads the complete state of a training as safetensors: named states, the optimizer's tensors, and JSON for the rest."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from seqfer.core.errors import TrainingError, WeightsError
from seqfer.core.one_line import one_line
from seqfer.models.weights import load_tensors, save_tensors
from seqfer.runs.folder import run_of

logger = logging.getLogger("seqfer")
_SEAL = "checksum"
LARGEST_BYTES = 8 << 30  # of a checkpoint: the weights, their average, the best ones and those of the optimizer

State = dict[str, Tensor]


def copy_state(module: nn.Module) -> State:
    """The state of a module, copied."""
    return {name: value.clone() for name, value in module.state_dict().items()}


def write_checkpoint(
    path: Path, states: Mapping[str, State], optimizer: torch.optim.Optimizer, meta: Mapping[str, Any]
) -> None:
    """Write atomically: after a kill the previous checkpoint remains."""
    tensors = {f"{name}.{k}": v for name, state in states.items() for k, v in state.items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{k}": torch.as_tensor(v) for k, v in state.items() if v is not None}
    save_sealed(path, tensors, {**meta, "states": list(states)})


def save_sealed(path: Path, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> None:
    """Write tensors and meta with a checksum of them, of the file's name and of its run."""
    save_tensors(path, tensors, {**meta, _SEAL: _checksum(path, tensors, meta)})


def load_sealed(path: Path) -> tuple[State, dict[str, Any]] | None:
    """What `save_sealed` wrote. None where there is no file, and, which is said, where it is damaged or of another run: it is computed again."""
    if not path.exists():
        return None
    with suppress(WeightsError):
        tensors, meta = load_tensors(path, most_bytes=LARGEST_BYTES)
        if meta.pop(_SEAL, None) == _checksum(path, tensors, meta):
            return tensors, meta
    logger.warning(one_line(f"{path}: damaged, or not of this run; computed again"))
    return None


def _checksum(path: Path, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps([path.name, run_of(path), meta], sort_keys=True).encode())
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)};".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def read_checkpoint(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[dict[str, State], dict[str, Any]]:
    """Load the state `model` and the optimizer's; returns (all states, meta).

    Raises TrainingError for a checkpoint of another architecture.
    """
    tensors, meta = load_tensors(path, most_bytes=LARGEST_BYTES)
    if "states" not in meta:
        raise TrainingError(f"{path}: not a checkpoint of a training; give another --out or remove it")
    states = {name: _under(tensors, f"{name}.") for name in meta["states"]}
    try:
        model.load_state_dict(states["model"])
    except RuntimeError:
        raise TrainingError(f"{path}: checkpoint of another architecture; give another --out or remove it") from None
    slots: dict[int, State] = {}
    for name, value in _under(tensors, "optimizer.").items():
        index, _, key = name.partition(".")
        slots.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
    return states, meta


def _under(tensors: State, prefix: str) -> State:
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
