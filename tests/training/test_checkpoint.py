"""Checkpoints: all states and the optimizer come back to the last bit; anything else is refused."""

import pytest
import torch
from torch import nn

from seqfer.core.errors import TrainingError, WeightsError
from seqfer.models.weights import save_tensors
from seqfer.training.checkpoint import copy_state, read_checkpoint, write_checkpoint


def begun(seed=0, kind=torch.optim.AdamW):
    """A model and its optimizer after three steps."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    optimizer = kind(model.parameters(), lr=0.1, **({"momentum": 0.9} if kind is torch.optim.SGD else {}))
    for _ in range(3):
        step(model, optimizer)
    return model, optimizer


def step(model, optimizer):
    optimizer.zero_grad()
    model(torch.ones(5, 3) * torch.arange(5.0)[:, None]).square().sum().backward()
    optimizer.step()


@pytest.mark.parametrize("kind", [torch.optim.AdamW, torch.optim.SGD])
def test_a_training_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(tmp_path, kind):
    model, optimizer = begun(0, kind)
    average = {"weight": torch.tensor([1.5])}
    write_checkpoint(
        tmp_path / "c.safetensors", {"model": copy_state(model), "average": average}, optimizer, {"epoch": 3}
    )
    other, other_optimizer = begun(1, kind)
    states, meta = read_checkpoint(tmp_path / "c.safetensors", other, other_optimizer)
    assert meta["epoch"] == 3
    assert torch.equal(states["average"]["weight"], average["weight"])
    for one, opt in ((model, optimizer), (other, other_optimizer)):
        step(one, opt)
    assert all(torch.equal(v, other.state_dict()[k]) for k, v in model.state_dict().items())


def test_a_copied_state_does_not_change_with_the_module():
    model, optimizer = begun()
    kept = copy_state(model)
    before = {name: value.tolist() for name, value in kept.items()}
    step(model, optimizer)
    assert {name: value.tolist() for name, value in kept.items()} == before
    assert not torch.equal(model.state_dict()["0.weight"], kept["0.weight"])


def test_what_is_no_checkpoint_of_this_training(tmp_path):
    model, optimizer = begun()
    path = tmp_path / "c.safetensors"
    write_checkpoint(path, {"model": copy_state(model)}, optimizer, {})
    other = nn.Linear(2, 2)
    with pytest.raises(TrainingError, match=r"checkpoint of another architecture; give another --out or remove it"):
        read_checkpoint(path, other, torch.optim.SGD(other.parameters(), 0.1))
    save_tensors(path, {"a": torch.ones(1)}, {})
    with pytest.raises(TrainingError, match="not a checkpoint of a training"):
        read_checkpoint(path, model, optimizer)
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(WeightsError, match=r"c\.safetensors"):
        read_checkpoint(path, model, optimizer)
