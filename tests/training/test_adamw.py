"""AdamW without torch's compiler: torch's numbers to the bit, and no import of it by the training of a head."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from seqfer.training.adamw import AdamW


@pytest.mark.parametrize("fused", [True, False])
def test_weights_are_those_of_torch(fused: bool) -> None:
    after = []
    for kind in (AdamW, torch.optim.AdamW):
        torch.manual_seed(0)
        layer = nn.LSTM(5, 4)
        optimizer = kind(layer.parameters(), 1e-2, weight_decay=0.1, fused=fused)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
        for _ in range(4):
            optimizer.zero_grad()
            layer(torch.randn(3, 2, 5))[0].square().sum().backward()
            optimizer.step()
            schedule.step()
        after.append([weights.detach().clone() for weights in layer.parameters()])
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(*after, strict=True))


def test_gradients_are_removed() -> None:
    layer = nn.Linear(2, 1)
    optimizer = AdamW(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.zero_grad()
    assert all(weights.grad is None for weights in layer.parameters())


def test_training_a_head_does_not_import_the_compiler() -> None:
    code = (
        "import sys\n"
        "import numpy as np\n"
        "from seqfer.models.sequence import SequenceModel\n"
        "from seqfer.training.sequence_loop import fit_sequence, pad_clips\n"
        "from seqfer.training.settings import HeadTraining\n"
        "clips = pad_clips([np.ones((6, 4), np.float32)], np.array([3, 3]), np.array([0, 1]))\n"
        "fit_sequence(SequenceModel(4, 'lstm', 2), clips, clips, HeadTraining(epochs=2), seed=0)\n"
        "print({'torch._dynamo', 'sympy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "set()", done.stderr
