"""The state of a training: its moving average is that of the formula, to the last bit, and a checkpoint holds all of it."""

import math

import pytest
import torch
from torch import nn

from seqfer.core.errors import TrainingError
from seqfer.training.checkpoint import copy_state
from seqfer.training.image_state import TrainingState, moving_average, set_updates


def model(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.LazyLinear(2))


def trained(net):
    """A network and a function that takes one step with it."""
    net(torch.zeros(2, 1, 5, 5))
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)

    def step():
        optimizer.zero_grad()
        net(torch.rand(4, 1, 5, 5)).square().mean().backward()
        optimizer.step()

    return optimizer, step


def stated_update(average, net, decay, step):
    """The formula as it was before torch's AveragedModel: applied to every entry of a state."""
    kept = min(decay, (1 + step) / (10 + step))
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if value.is_floating_point():
                average[name].lerp_(value, 1 - kept)
            else:
                average[name].copy_(value)


@pytest.mark.parametrize("decay", [0.3, 0.9, 0.999])
def test_the_average_is_that_of_the_formula(decay):
    net = model()
    _, step = trained(net)
    average, stated = moving_average(net, decay), copy_state(net)
    for number in range(40):
        step()
        average.update_parameters(net)
        stated_update(stated, net, decay, number)
        found = average.module.state_dict()
        assert list(found) == list(stated)
        assert all(torch.equal(found[name], stated[name]) for name in stated)


def test_the_average_resumes_where_it_was():
    net = model()
    _, step = trained(net)
    whole = moving_average(net, 0.9)
    for _ in range(5):
        step()
        whole.update_parameters(net)
    resumed = moving_average(net, 0.9)
    resumed.module.load_state_dict(copy_state(whole.module))
    set_updates(resumed, 5)
    step()
    for average in (whole, resumed):
        average.update_parameters(net)
    first, second = whole.module.state_dict(), resumed.module.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_without_an_average_the_weights_themselves_are_evaluated():
    net = model()
    optimizer, step = trained(net)
    state = TrainingState(net, optimizer, 0.0)
    step()
    state.update_average()
    assert state.evaluated is net


def test_patience_counts_epochs_since_the_lowest_loss():
    net = model()
    state = TrainingState(net, trained(net)[0], 0.0)
    assert not state.is_out_of_patience(1)
    state.history.validation_loss = [3.0, 1.0, 2.0]
    assert state.is_out_of_patience(1)
    assert not state.is_out_of_patience(2)
    assert not state.is_out_of_patience(0)


def test_the_best_weights_are_a_copy_and_end_in_the_model():
    net = model()
    optimizer, step = trained(net)
    state = TrainingState(net, optimizer, 0.0)
    state.keep_if_best(1.0)
    kept = copy_state(net)
    step()
    state.keep_if_best(2.0)
    assert state.best_loss == 1.0
    state.load_final_weights()
    assert not net.training
    assert all(torch.equal(value, kept[name]) for name, value in net.state_dict().items())


@pytest.mark.parametrize("ema", [0.0, 0.9])
@pytest.mark.parametrize("keeps_best", [False, True])
def test_a_checkpoint_holds_all_of_it(tmp_path, ema, keeps_best):
    net = model()
    optimizer, step = trained(net)
    state = TrainingState(net, optimizer, ema)
    for _ in range(3):
        step()
        state.update_average()
    state.history.train_loss.append(0.5)
    if keeps_best:
        state.keep_if_best(0.25)
    state.save(tmp_path / "c.safetensors", 1, seed=4)
    other = model(1)
    again = TrainingState(other, trained(other)[0], ema)
    assert again.load(tmp_path / "c.safetensors", 3) == 1
    for first, second in ((net, other), (state.evaluated, again.evaluated)):
        assert all(torch.equal(v, second.state_dict()[k]) for k, v in first.state_dict().items())
    assert again.history == state.history
    assert again.best_loss == (0.25 if keeps_best else math.inf)
    assert (again.best is None) is not keeps_best
    if again.average is not None:
        assert int(again.average.n_averaged) == int(state.average.n_averaged)


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    net, other = model(), nn.Linear(2, 2)
    TrainingState(net, trained(net)[0], 0.0).save(tmp_path / "c.safetensors", 1, seed=0)
    with pytest.raises(TrainingError, match="another architecture"):
        TrainingState(other, torch.optim.SGD(other.parameters(), 0.1), 0.0).load(tmp_path / "c.safetensors", 1)
