"""Sequences from stills: faded in order, moved, occluded, with a truth for every frame."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_models import stills

from seqfer.training.moving_stills import MotionSpread, moving_stills


@pytest.mark.parametrize("count", [1, 2, 3])
def test_sequences_fade_from_still_to_still(count):
    shares = np.eye(7, dtype=np.float32)[:count]
    frames, truth = moving_stills(stills(count), shares, 30, torch.Generator().manual_seed(1))
    assert frames.shape == (30, 24, 24)
    assert frames.dtype == np.uint8
    assert np.allclose(truth.sum(1), 1, atol=1e-6)
    # Shown in the order given: the first frame is mostly the first still, the last one the last.
    assert truth[0].argmax() == 0
    assert truth[-1].argmax() == count - 1
    assert (np.diff(truth.argmax(1)) >= 0).all()


def test_nothing_moves_without_motion():
    still = stills(1)
    calm = MotionSpread(angle_deg=0, scale=0, shift=0, gamma=0, jitter=0, noise=0, covered=0, far=0)
    frames, _ = moving_stills(still, np.eye(7, dtype=np.float32)[:1], 10, torch.Generator().manual_seed(0), calm)
    same = [np.abs(frames[0].astype(int) - view).max() for view in (still[0], still[0][:, ::-1])]
    assert min(same) <= 1  # as it is, or mirrored
    assert (frames == frames[0]).all()


def test_same_seed_same_sequence():
    made = [moving_stills(stills(2), np.eye(7)[:2], 20, torch.Generator().manual_seed(3))[0] for _ in range(2)]
    assert (made[0] == made[1]).all()


def test_truth_fades_as_the_pictures_do():
    """Without motion and noise a frame is the mix of the stills that its truth says."""
    still = MotionSpread(angle_deg=0, scale=0, shift=0, gamma=0, jitter=0, noise=0, covered=0, far=0)
    images = np.stack([np.full((24, 24), 40, np.uint8), np.full((24, 24), 200, np.uint8)])
    frames, truth = moving_stills(images, np.eye(2, dtype=np.float32), 30, torch.Generator().manual_seed(4), still)
    assert np.abs(frames.mean((1, 2)) - truth @ np.array([40, 200])).max() < 1
    assert ((truth > 0.01) & (truth < 0.99)).any()  # faded over some frames


def test_a_part_of_the_sequences_has_an_occluded_part_on_some_frames():
    plain = MotionSpread(angle_deg=0, scale=0, shift=0, gamma=0, jitter=0, noise=0, covered=1.0, far=0)
    image = stills(1)
    frames, _ = moving_stills(image, np.eye(2, dtype=np.float32)[:1], 40, torch.Generator().manual_seed(2), plain)
    differs = (np.abs(frames.astype(int) - np.median(frames, 0)) > 2).any((1, 2))
    assert 1 <= differs.sum() <= 15


def test_a_sequence_from_afar_has_fewer_details():
    far, near = (
        MotionSpread(angle_deg=0, scale=0, shift=0, gamma=0, jitter=0, noise=0, covered=0, far=f) for f in (1, 0)
    )
    rough = [
        np.abs(
            np.diff(moving_stills(stills(1), np.eye(2)[:1], 8, torch.Generator().manual_seed(0), m)[0].astype(int))
        ).mean()
        for m in (far, near)
    ]
    assert rough[0] < 0.7 * rough[1]
