"""A head that corrects the encoder's logits: never by more than its limit, averaged only where a face looks the same, the same step by step."""

import numpy as np
import pytest
import torch
from tiny_models import CLASSES, film_model, stills

from seqfer.models.film_files import TrainedHead, save_film_model
from seqfer.models.logit_correction import LogitCorrection
from seqfer.models.opening import open_model
from seqfer.models.sequence import SequenceModel

FEATURES, LIMIT, TEMPERATURE = 12, 0.25, 1.5


def model(head="bilstm", limit=LIMIT):
    torch.manual_seed(0)
    plain = SequenceModel(FEATURES, head, 7, projection=6)
    plain.fit_statistics(torch.randn(50, FEATURES) * 3 + 1)
    made = LogitCorrection(FEATURES, head, 7, projection=6, limit=limit, temperature=TEMPERATURE)
    made.take_projection(plain)
    return made.eval(), plain


def clip(frames=20, seed=1):
    """(features, logits) of frames without any likeness."""
    torch.manual_seed(seed)
    return 40 * torch.randn(1, frames, FEATURES), 3 * torch.randn(1, frames, 7)


def looked(made, features, logits, step_s=1 / 30):
    inputs = torch.cat([made.project(features), logits], -1)
    times = torch.arange(features.shape[1], dtype=torch.double)[None] * step_s
    with torch.no_grad():
        return made.look(inputs, torch.ones(features.shape[:2], dtype=torch.bool), times)


@pytest.mark.parametrize("head", ["bilstm", "lstm"])
def test_log_odds_change_by_twice_the_limit_at_most(head) -> None:
    made, _ = model(head)
    with torch.no_grad():
        for parameter in made.head.parameters():
            parameter.mul_(30)  # a head that is as sure as it can be
    features, logits = clip()
    outputs = looked(made, features, logits, step_s=100.0)  # frames this far apart are not averaged
    change = outputs - logits / TEMPERATURE
    assert change.abs().max() == pytest.approx(LIMIT, rel=0.05)
    third = torch.log(torch.tensor([0.33, 0.67]))
    most = (third + torch.tensor([LIMIT, -LIMIT])).softmax(0)[0]
    assert most == pytest.approx(0.448, abs=0.001)  # of 0.33: never the 0.75 of a head that classifies alone


def test_alike_frames_are_averaged_and_others_are_not() -> None:
    made, _ = model()
    torch.manual_seed(2)
    features = torch.randn(1, 1, FEATURES).expand(1, 20, FEATURES).clone()
    logits = torch.tensor([2.0, 1, 0, 0, 0, 0, 0]) + 0.05 * torch.randn(1, 20, 7)
    averaged = made.average(
        logits, made.project(features), torch.ones(1, 20, dtype=torch.bool), torch.arange(20.0)[None] / 30
    )
    assert averaged.std(1).max() < 0.4 * logits.std(1).min()
    features[:, 10:] += 40 * torch.randn(1, 1, FEATURES)
    logits[:, 10:] = torch.tensor([0.0, 0, 0, 4, 0, 0, 0])
    averaged = made.average(
        logits, made.project(features), torch.ones(1, 20, dtype=torch.bool), torch.arange(20.0)[None] / 30
    )
    assert averaged[0, 10, 3] == pytest.approx(4, abs=1e-3)
    assert averaged[0, 9, 3] == pytest.approx(0, abs=0.1)


def test_a_head_of_past_frames_only_is_the_same_step_by_step() -> None:
    made, _ = model("lstm")
    features, logits = clip()
    inputs = torch.cat([made.project(features), logits], -1)
    first, state = made.step(inputs[:, :7])
    rest, _ = made.step(inputs[:, 7:], state)
    assert torch.allclose(torch.cat([first, rest], 1), looked(made, features, logits), atol=1e-6)


def test_training_inputs_give_what_a_video_gives() -> None:
    made, _ = model()
    features, logits = clip()
    inputs = made.training_inputs(features, logits, torch.arange(20, dtype=torch.double) / 30)
    trained = made(inputs, torch.ones(1, 20, dtype=torch.bool))
    assert torch.allclose(trained, looked(made, features, logits), atol=1e-5)


def test_the_projection_is_the_plain_models_and_is_not_trained() -> None:
    made, plain = model()
    made.fit_statistics(torch.zeros(3, FEATURES))
    features, logits = clip()
    assert torch.equal(made.project(features), plain.project(features))
    made.train()
    loss = made(made.training_inputs(features, logits, torch.arange(20.0)), torch.ones(1, 20, dtype=torch.bool)).sum()
    loss.backward()
    assert made.projection.weight.grad is None
    assert all(parameter.grad is not None for parameter in made.head.parameters())
    assert made.noise_std.tolist() == [*plain.feature_std.tolist(), *[0.0] * 14]


def test_a_file_of_it_opens_as_it_was(tmp_path) -> None:
    _, _, encoder = film_model(tmp_path)
    made = LogitCorrection(encoder.feature_dim, "bilstm", 7, projection=6, limit=LIMIT, temperature=TEMPERATURE).eval()
    meta = {"encoder": "tiny", "classes": CLASSES, "sha256": "0" * 64, "temperature": TEMPERATURE}
    path = tmp_path / "corrects.safetensors"
    save_film_model(path, TrainedHead(made, "bilstm", CLASSES, {"temperature": 1.0}), encoder, meta)
    opened = open_model(str(path), kind="video")
    assert isinstance(opened.head, LogitCorrection)
    assert (opened.head.limit, opened.input_dim, opened.output_dim) == (LIMIT, 6 + 7, 7)
    faces = stills(5)
    inputs = opened.encode(faces)[None]
    mask, times = np.ones((1, 5), dtype=bool), np.arange(5)[None] / 30
    with torch.no_grad():
        pixels = torch.from_numpy(faces).float()[:, None] / 255
        features = encoder.embed(pixels)
        expected = looked(made, features[None], encoder.classifier(features)[None])
        assert np.allclose(opened.look(inputs, mask, times), expected, atol=1e-4)
