"""Encodes sequences made from still faces, in blocks that are cached by content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from seqfer.corpus.stills import ImageSet
from seqfer.models.features import features_version, run_frames
from seqfer.models.layers import FrameEncoder
from seqfer.runs.cache import cached_array, open_array
from seqfer.runs.device import device_key
from seqfer.training import moving_stills as motion
from seqfer.training.sequence_loop import ClipSet
from seqfer.training.settings import HeadSettings

BLOCK = 100  # sequences that are made, encoded and cached together
TRAIN, HELD_BACK = 0, 1  # the two parts, whose sequences are drawn from different seeds


def blocks_of(sequences: int) -> list[tuple[int, int]]:
    """(first sequence, number of sequences) of every block."""
    return [(start, min(BLOCK, sequences - start)) for start in range(0, sequences, BLOCK)]


@dataclass(frozen=True)
class SequenceEncoder:
    """Makes and encodes sequences; `encoder` has its batch norms fused, `meta` is the metadata of its weights file."""

    settings: HeadSettings
    encoder: FrameEncoder
    meta: Mapping[str, Any]

    def encode(
        self, stills: ImageSet, part: int, sequences: int, on_block: Callable[[str], None] = lambda message: None
    ) -> EncodedSequences:
        """This many sequences of these stills, for the part TRAIN or HELD_BACK. `on_block` is called after each block."""
        checksum = hashlib.sha256(np.ascontiguousarray(stills.images).tobytes() + stills.labels.tobytes()).hexdigest()
        made = []
        for start, count in blocks_of(sequences):
            made.append(self._block(stills, checksum, (part, start, count)))
            on_block(f"{count} sequences encoded")
        return EncodedSequences(np.concatenate(made), len(self.meta["classes"]))

    def _block(self, stills: ImageSet, checksum: str, place: tuple[int, int, int]) -> np.ndarray:
        """float32 (sequence frame feature+logit+probability) of the block at (part, first sequence, number of sequences)."""
        key = {
            "seed": self.settings.seed,
            "place": place,
            "length": self.settings.length,
            "stills": checksum,
            "weights": self.meta["sha256"],
            "version": [*features_version(self.meta["encoder"]), motion.MOTION_VERSION],
            **device_key(self.encoder.device),
        }

        def make() -> np.ndarray:
            pixels, truth = self._draw(stills, place)
            features = run_frames(self._features_and_logits, pixels, device=self.encoder.device).numpy()
            return np.concatenate([features, truth], 1).reshape(place[2], self.settings.length, -1)

        return open_array(cached_array("moving", key, make))

    def _draw(self, stills: ImageSet, place: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Frames uint8 (frame height width) of all sequences of a block, and their true probabilities (frame class)."""
        part, start, count = place
        generator = Generator().manual_seed(self.settings.seed * 1_000_003 + part * 500_009 + start)
        one_hot = np.eye(len(self.meta["classes"]), dtype=np.float32)
        frames, truth = [], []
        for _ in range(count):
            number = int(torch.randint(1, 4, (), generator=generator))
            shown = torch.randint(len(stills), (number,), generator=generator).numpy()
            targets = one_hot[stills.labels[shown]]
            seen, true = motion.moving_stills(stills.images[shown], targets, self.settings.length, generator)
            frames.append(seen)
            truth.append(true)
        return np.concatenate(frames), np.concatenate(truth)

    def _features_and_logits(self, pixels: Tensor) -> Tensor:
        """(image feature+logit), in one pass."""
        features = self.encoder.embed(pixels)
        return torch.cat([features, self.encoder.classifier(features)], 1)


@dataclass(frozen=True)
class EncodedSequences:
    """`values` float32 (sequence frame feature+logit+probability): features and logits of the encoder, true probabilities of the classes."""

    values: np.ndarray
    classes: int

    def clips(self) -> ClipSet:
        """Features, with the true probabilities (clip time class) as labels."""
        values = torch.from_numpy(self.values)
        features, truth = values[None, ..., : -2 * self.classes], values[..., -self.classes :]
        return ClipSet(features, torch.ones(values.shape[:2], dtype=torch.bool), truth)

    def encoder_logits(self) -> Tensor:
        """(sequence frame class): the encoder's own logits of each frame."""
        return torch.from_numpy(self.values[..., -2 * self.classes : -self.classes])
