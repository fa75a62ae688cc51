"""Encodes sequences made from still faces, in blocks that are cached by content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
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
TRAIN, HELD_BACK, DRAWN = 0, 1, 2  # the parts, whose sequences are drawn from different seeds
_VERSION = 2  # of what a block holds: part of its cache key


def blocks_of(sequences: int) -> list[tuple[int, int]]:
    """(first sequence, number of sequences) of every block."""
    return [(start, min(BLOCK, sequences - start)) for start in range(0, sequences, BLOCK)]


@dataclass(frozen=True)
class Stills:
    """Stills to make sequences from. `people` (still,): all stills of a sequence show one person; None: any stills, which are different people."""

    set: ImageSet
    people: np.ndarray | None = None

    @cached_property
    def checksum(self) -> str:
        """Of images, labels and people."""
        people = b"" if self.people is None else "\n".join(self.people).encode()
        return hashlib.sha256(
            np.ascontiguousarray(self.set.images).tobytes() + self.set.labels.tobytes() + people
        ).hexdigest()

    def choose(self, generator: Generator) -> np.ndarray:
        """Indices of the one to three stills of a sequence, in the order they are shown."""
        number = int(torch.randint(1, 4, (), generator=generator))
        if self.people is None:
            return torch.randint(len(self.set), (number,), generator=generator).numpy()
        person = self.people[int(torch.randint(len(self.set), (), generator=generator))]
        own = np.flatnonzero(self.people == person)
        chosen: np.ndarray = own[torch.randint(len(own), (number,), generator=generator).numpy()]
        return chosen


@dataclass(frozen=True)
class SequenceEncoder:
    """Makes and encodes sequences; `encoder` has its batch norms fused, `meta` is the metadata of its weights file."""

    settings: HeadSettings
    encoder: FrameEncoder
    meta: Mapping[str, Any]

    def encode(
        self, stills: Stills, part: int, sequences: int, on_block: Callable[[str], None] = lambda message: None
    ) -> EncodedSequences:
        """This many sequences of these stills, for the part TRAIN, HELD_BACK or DRAWN. `on_block` is called after each block."""
        made = []
        for start, count in blocks_of(sequences):
            made.append(self._block(stills, (part, start, count)))
            on_block(f"{count} sequences encoded")
        return EncodedSequences(np.concatenate(made), len(self.meta["classes"]))

    def _block(self, stills: Stills, place: tuple[int, int, int]) -> np.ndarray:
        """float32 (sequence frame feature+logit+true probability+clean probability) of the block at (part, first sequence, number of sequences)."""
        key = {
            "seed": self.settings.seed,
            "place": place,
            "length": self.settings.length,
            "stills": stills.checksum,
            "weights": self.meta["sha256"],
            "version": [*features_version(self.meta["encoder"]), motion.MOTION_VERSION, _VERSION],
            **device_key(self.encoder.device),
        }

        def make() -> np.ndarray:
            pixels, truth = self._draw(stills, place)
            features = run_frames(self._features_and_logits, pixels, device=self.encoder.device).numpy()
            return np.concatenate([features, truth], 1).reshape(place[2], self.settings.length, -1)

        return open_array(cached_array("moving", key, make))

    def _draw(self, stills: Stills, place: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Frames uint8 (frame height width) of all sequences of a block, and their true and clean probabilities (frame class+class)."""
        part, start, count = place
        generator = Generator().manual_seed(self.settings.seed * 1_000_003 + part * 500_009 + start)
        one_hot = np.eye(len(self.meta["classes"]), dtype=np.float32)
        frames, truth = [], []
        for _ in range(count):
            shown = stills.choose(generator)
            targets = np.concatenate([one_hot[stills.set.labels[shown]], self._clean(stills.set.images[shown])], 1)
            seen, true = motion.moving_stills(stills.set.images[shown], targets, self.settings.length, generator)
            frames.append(seen)
            truth.append(true)
        return np.concatenate(frames), np.concatenate(truth)

    def _clean(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (image class) by the encoder of unmoved stills, from the logits averaged over four views: as they are, mirrored, and
        shifted by a pixel up and down."""
        views = [images, images[:, :, ::-1], np.roll(images, 1, 1), np.roll(images, -1, 1)]
        logits = run_frames(self._logits, np.concatenate(views), device=self.encoder.device)
        mean = logits.reshape(len(views), len(images), -1).mean(0)
        return (mean / float(self.meta.get("temperature", 1.0))).softmax(-1).numpy()

    def _logits(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.encoder.classifier(self.encoder.embed(pixels))
        return logits

    def _features_and_logits(self, pixels: Tensor) -> Tensor:
        """(image feature+logit), in one pass."""
        features = self.encoder.embed(pixels)
        return torch.cat([features, self.encoder.classifier(features)], 1)


@dataclass(frozen=True)
class EncodedSequences:
    """`values` float32 (sequence frame feature+logit+true probability+clean probability): features and logits of the encoder, the probabilities of
    the stills' labels, and those that the encoder gives to the unmoved stills."""

    values: np.ndarray
    classes: int

    @property
    def features(self) -> Tensor:
        """(sequence frame feature)."""
        return torch.from_numpy(self.values[..., : -3 * self.classes])

    @property
    def encoder_logits(self) -> Tensor:
        """(sequence frame class): the encoder's own logits of each frame."""
        return torch.from_numpy(self.values[..., -3 * self.classes : -2 * self.classes])

    @property
    def truth(self) -> Tensor:
        """(sequence frame class): probabilities of the labels."""
        return torch.from_numpy(self.values[..., -2 * self.classes : -self.classes])

    @property
    def clean(self) -> Tensor:
        """(sequence frame class): probabilities by the encoder of the unmoved stills."""
        return torch.from_numpy(self.values[..., -self.classes :])

    def clips(self) -> ClipSet:
        """Features, with the true probabilities (clip time class) as labels."""
        return clips_of(self.features, self.truth)


def clips_of(inputs: Tensor, targets: Tensor) -> ClipSet:
    """Sequences without padding: (sequence frame input), (sequence frame class)."""
    return ClipSet(inputs[None], torch.ones(inputs.shape[:2], dtype=torch.bool), targets)
