"""The encoder that makes the features of a cross-validation: which one, with which weights, and whether it is trained further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seqfer.models.layers import FrameEncoder
from seqfer.models.weights import build_encoder, read_encoder
from seqfer.runs.device import pick_device


@dataclass(frozen=True)
class Encoding:
    """Which encoder makes the features: its name, its weights (`shipped`, `none` for random weights, or a file), whether it is trained further."""

    encoder: str
    weights: str
    train: bool

    @property
    def trains(self) -> bool:
        """Whether the encoder is trained; random weights always are."""
        return self.train or self.weights == "none"

    def open(self, classes: Sequence[str], device: str = "auto") -> tuple[FrameEncoder, str]:
        """(encoder in eval mode on the device, checksum of its weights or "none"). An encoder to be trained gets a classifier for `classes`.

        Raises WeightsError when there are no such weights of this encoder, SettingsError for an unknown encoder or device.
        """
        place = pick_device(device)
        if self.weights == "none":
            return build_encoder(self.encoder, len(classes)).eval().to(place), "none"
        encoder, meta = read_encoder(self.weights, self.encoder)
        if self.train and tuple(meta["classes"]) != tuple(classes):
            encoder.change_classes(meta["classes"], classes)
        return encoder.eval().to(place), meta["sha256"]
