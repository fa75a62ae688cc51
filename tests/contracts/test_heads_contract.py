"""What every temporal head promises, checked for each one found. A new file in `seqfer/heads/` is tested without a change here."""

import pytest
import torch

from seqfer.core import registry

INPUTS, OUTPUTS = 5, 4
LENGTHS = (9, 6, 1)
CLOSE = {"atol": 1e-6, "rtol": 1e-5}
HEADS = registry.names("heads")
CAUSAL = [name for name in HEADS if registry.find("heads", name).CAUSAL]


def build(name: str) -> torch.nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return registry.find("heads", name).build(INPUTS, OUTPUTS).eval()


@pytest.fixture
def clips() -> tuple[torch.Tensor, torch.Tensor]:
    """Three clips of 9, 6 and 1 frames, padded on the right with numbers that are not zero."""
    features = torch.randn(len(LENGTHS), max(LENGTHS), INPUTS, generator=torch.Generator().manual_seed(1))
    mask = torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]
    return features, mask


@pytest.mark.parametrize("name", HEADS)
def test_shapes_and_no_nan(name, clips):
    logits = build(name)(*clips)
    assert logits.shape == (len(LENGTHS), max(LENGTHS), OUTPUTS)
    assert bool(logits.isfinite().all())


@pytest.mark.parametrize("name", HEADS)
def test_it_says_what_it_is(name):
    module = registry.find("heads", name)
    assert isinstance(module.CAUSAL, bool)
    assert module.TITLE
    assert hasattr(build(name), "step") is module.CAUSAL


@pytest.mark.parametrize("name", HEADS)
def test_every_parameter_gets_a_gradient(name, clips):
    head, (features, mask) = build(name), clips
    logits = head(features, mask)[mask]
    (logits * torch.randn(logits.shape, generator=torch.Generator().manual_seed(2))).sum().backward()
    assert [n for n, p in head.named_parameters() if p.grad is None or not bool((p.grad != 0).any())] == []


@pytest.mark.parametrize("name", HEADS)
def test_padding_changes_nothing(name, clips):
    head, (features, mask) = build(name), clips
    logits = head(features, mask)
    other = torch.where(mask[..., None], features, 100 * torch.ones(()))
    torch.testing.assert_close(head(other, mask)[mask], logits[mask], **CLOSE)


@pytest.mark.parametrize("name", HEADS)
def test_one_at_a_time_is_batched(name, clips):
    head, (features, mask) = build(name), clips
    batched = head(features, mask)
    for k, length in enumerate(LENGTHS):
        alone = head(features[k : k + 1, :length], torch.ones(1, length, dtype=torch.bool))
        torch.testing.assert_close(alone[0], batched[k, :length], **CLOSE)


@pytest.mark.parametrize("name", HEADS)
def test_a_clip_without_frames_is_no_error(name, clips):
    head, (features, mask) = build(name), clips
    logits = head(features, mask & torch.tensor([True, False, True])[:, None])
    assert bool(logits.isfinite().all())


@pytest.mark.parametrize("name", HEADS)
def test_causal_means_that_the_future_changes_no_past_output(name, clips):
    head, features = build(name), clips[0]
    mask = torch.ones(features.shape[:2], dtype=torch.bool)
    other = features.clone()
    other[:, 5:] += 1
    difference = (head(other, mask) - head(features, mask)).abs().amax((0, 2))
    assert difference[5:].min() > 1e-4
    if name in CAUSAL:
        assert difference[:5].max() == 0
    else:
        assert difference[:5].min() > 0


@pytest.mark.parametrize("chunk", [1, 2, 9])
@pytest.mark.parametrize("name", CAUSAL)
def test_streaming_is_forward(name, chunk, clips):
    head, features = build(name), clips[0]
    state, made = None, []
    for part in features.split(chunk, dim=1):
        logits, state = head.step(part, state)
        made.append(logits)
    whole = head(features, torch.ones(features.shape[:2], dtype=torch.bool))
    torch.testing.assert_close(torch.cat(made, 1), whole, **CLOSE)


@pytest.mark.parametrize("name", HEADS)
def test_save_is_load(name, clips):
    head, other = build(name), registry.find("heads", name).build(INPUTS, OUTPUTS).eval()
    other.load_state_dict(head.state_dict())
    assert torch.equal(other(*clips), head(*clips))
