"""The video model, which computes probabilities and valence of faces: an encoder, a temporal head, a temperature, and a valence model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqfer.models.features import run_frames
from seqfer.models.film_valence import FilmValence
from seqfer.models.layers import FrameEncoder
from seqfer.models.logit_correction import LogitCorrection
from seqfer.models.sequence import SequenceModel
from seqfer.models.video_model import AVERAGE, read_outputs


@dataclass(frozen=True)
class FilmModel:
    """`head` None: every frame by itself, from the encoder's own classifier. `temperature` divides the logits. `valence`
    None: valence is the expectation of the emotions over valence norms. `bf16`: the encoder computes in bfloat16,
    twice as fast where the processor has it; a logit of `compact` then differs by up to 0.51 (0.051 on average), a probability by up to 0.18
    (tools/measure_precision.py). `runtime` is the name of the runtime."""

    name: str
    encoder_name: str
    encoder: FrameEncoder
    head_name: str
    head: SequenceModel | None
    classes: tuple[str, ...]
    temperature: float
    checksums: Mapping[str, str]
    bf16: bool = False
    valence: FilmValence | None = None
    runtime: str = "torch"

    def averaging(self) -> FilmModel:
        """The model without the correction of its head: the encoder's logits, averaged over the moments at which the face looks the same. Unchanged
        where the head is not of this kind, or uses no later frames."""
        if not isinstance(self.head, LogitCorrection) or not self.head.uses_later_frames:
            return self
        temperature = self.head.average_temperature
        return replace(self, head=self.head.without_correction(), head_name=AVERAGE, temperature=temperature)

    @property
    def device(self) -> torch.device:
        """Where the encoder computes. The temporal head computes on the CPU: it is small, and is called once per frame."""
        return self.encoder.device

    def to(self, device: torch.device) -> FilmModel:
        """The same model with its encoders, and what turns features into the temporal head's inputs, on a device; layers are moved, not copied."""
        self.encoder.to(device)
        if self.head is not None:
            self.head.move_projection(device)
        if self.valence is not None:
            self.valence.move(device)
        return self

    @property
    def has_valence(self) -> bool:
        """Whether valence is that of a model of its own, not the expectation of the emotions."""
        return self.valence is not None

    @property
    def causal(self) -> bool:
        """Whether a frame's outputs depend on no later frame."""
        own = self.head is None or not self.head.uses_later_frames
        return own and (self.valence is None or self.valence.causal)

    @property
    def temporal(self) -> bool:
        """Whether a frame's outputs depend on other frames."""
        return self.head is not None or (self.valence is not None and self.valence.head is not None)

    @property
    def _own_inputs(self) -> int:
        return len(self.classes) if self.head is None else self.head.input_dim

    @property
    def input_dim(self) -> int:
        """Numbers per face that the encoder gives to the temporal head."""
        return self._own_inputs + (0 if self.valence is None else self.valence.input_dim)

    @property
    def output_dim(self) -> int:
        """Numbers per face that the temporal head returns: a logit per class, and valence where there is a valence model."""
        return len(self.classes) + (self.valence is not None)

    @property
    def input_size(self) -> int:
        """Width and height of a face in pixels."""
        return self.encoder.input_size

    @property
    def channels(self) -> int:
        """1 for grey faces, 3 for RGB."""
        return self.encoder.channels

    @property
    def precision(self) -> str:
        """What the encoder computes in."""
        return "bf16" if self.bf16 else "fp32"

    @torch.no_grad()
    def encode(self, faces: np.ndarray) -> np.ndarray:
        """uint8 (face height width), or (face height width 3) RGB, of the encoder's size -> float32 (face input_dim): the head's inputs, or logits
        where there is no head; then those of valence."""
        if not len(faces):
            return np.zeros((0, self.input_dim), np.float32)
        seen = self._run(self.encoder, faces)
        classifier = self.encoder.classifier
        inputs = [classifier(seen) if self.head is None else self.head.frame_inputs(seen, classifier)]
        if self.valence is not None:
            other = self.valence.encoder
            inputs.append(self.valence.prepare(seen if other is None else self._run(other, faces)))
        return torch.cat(inputs, 1).cpu().numpy()

    def _run(self, encoder: FrameEncoder, faces: np.ndarray) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            features = run_frames(encoder.embed, faces, device=self.device)
        return features.float().to(self.device)

    @torch.no_grad()
    def look(self, inputs: np.ndarray, mask: np.ndarray, times_s: np.ndarray) -> np.ndarray:
        """(batch time input_dim), (batch time) bool, (batch time) seconds -> (batch time output_dim); each frame is computed with its context."""
        made = self._look(torch.from_numpy(inputs), torch.from_numpy(mask), torch.from_numpy(times_s))
        return made.numpy()

    def _look(self, inputs: Tensor, mask: Tensor, times_s: Tensor) -> Tensor:
        own, rest = inputs[..., : self._own_inputs], inputs[..., self._own_inputs :]
        made = [own if self.head is None else self.head.look(own, mask, times_s)]
        if self.valence is not None:
            made.append(self.valence.look(rest, self._appearance(own), mask, times_s))
        return torch.cat(made, -1)

    def _appearance(self, own: Tensor) -> Tensor:
        """(... own inputs) -> (... number): what faces look like, in units of `unit_of_appearance`; logits stand for themselves."""
        return own if self.head is None else self.head.appearance(own)

    @torch.no_grad()
    def step(self, inputs: np.ndarray, state: Any = None) -> tuple[np.ndarray, Any]:
        """Further frames (batch time input_dim) after those that made `state` (None: the first ones) -> as `look`, and the state after them."""
        made, state = self._step(torch.from_numpy(np.ascontiguousarray(inputs)), state)
        return made.numpy(), state

    def _step(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        own, rest = inputs[..., : self._own_inputs], inputs[..., self._own_inputs :]
        before, before_valence = state or (None, None)
        made, after, after_valence = [own], None, None
        if self.head is not None:
            made[0], after = self.head.step(own, before)
        if self.valence is not None:
            value, after_valence = self.valence.step(rest, before_valence)
            made.append(value)
        return torch.cat(made, -1), (after, after_valence)

    def read(self, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """(... output_dim) of the temporal head -> calibrated probabilities (... class) and, with a valence model, valence (...) in [-1, 1];
        float64."""
        return read_outputs(self, outputs)
