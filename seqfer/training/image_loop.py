"""Trains one frame encoder as a classifier of single images: the loop, its schedule, checkpoints that resume.

An epoch draws all its randomness from (seed, epoch), so that a run killed anywhere and resumed ends with the same weights as one that was
not. The weights that leave are the exponential moving average, where one is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.distributed as distributed
from torch import Generator, Tensor, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from seqfer.core.errors import SettingsError, TrainingError
from seqfer.corpus.stills import ImageSet
from seqfer.models.features import classify_images, to_pixels
from seqfer.models.layers import FrameEncoder
from seqfer.runs.device import pick_device, uses_bf16
from seqfer.training.augment import augment, mixup
from seqfer.training.checkpoint import read_checkpoint, write_checkpoint
from seqfer.training.history import History
from seqfer.training.settings import ImageTraining

Progress = Callable[[str], None]


class _EncoderWithVotes(nn.Module):
    """Encoder with its classifier, and beside it a linear layer for the raters' votes that is dropped after training."""

    def __init__(self, encoder: FrameEncoder, vote_categories: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.votes = nn.Linear(encoder.feature_dim, vote_categories) if vote_categories else None

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        features = self.encoder.embed(images)
        return self.encoder.classifier(features), None if self.votes is None else self.votes(
            functional.dropout(features, 0.3, self.training)
        )


def stage_numbers(encoder: FrameEncoder) -> list[int]:
    """For each layer of `encoder.depth_order()` the stage it belongs to, counted from 0 at the input: a stage begins with every layer that has
    weights (more than a norm's scales), and what follows without any belongs to it."""
    numbers, stage = [], -1
    for layer in encoder.depth_order():
        stage += any(p.ndim > 1 for p in layer.parameters())
        numbers.append(max(stage, 0))
    return numbers


def layerwise_lr_factors(encoder: FrameEncoder, layer_decay: float) -> dict[nn.Parameter, float]:
    """What each parameter before the classifier gets of the learning rate: `layer_decay` for the last stage, its square for the one before."""
    numbers = stage_numbers(encoder)
    powers = [max(numbers, default=0) + 1 - number for number in numbers]
    return {
        p: layer_decay**power
        for layer, power in zip(encoder.depth_order(), powers, strict=True)
        for p in layer.parameters()
    }


def fit_images(
    encoder: FrameEncoder,
    data: ImageSet,
    settings: ImageTraining,
    *,
    seed: int,
    validation: ImageSet | None = None,
    checkpoint: Path | None = None,
    progress: Progress = lambda message: None,
) -> History:
    """Train `encoder` in place and leave it in eval mode with the best weights: the last epoch's, or with `patience` those of the lowest
    validation loss. `checkpoint` is written after every epoch and taken up again if it is there.

    Raises TrainingError when the loss is no longer finite; the checkpoint of the last good epoch stays.
    """
    return _Fit(encoder, data, settings, seed, validation, checkpoint, progress).run()


class _Fit:
    def __init__(
        self,
        encoder: FrameEncoder,
        data: ImageSet,
        settings: ImageTraining,
        seed: int,
        validation: ImageSet | None,
        checkpoint: Path | None,
        progress: Progress,
    ) -> None:
        self.settings, self.seed, self.data, self.validation = settings, seed, data, validation
        self.checkpoint, self.progress = checkpoint, progress
        self.device = pick_device(settings.device)
        self.bf16 = uses_bf16(settings.precision, self.device)
        torch.manual_seed(seed)
        if settings.distillation and data.soft is None:
            raise SettingsError("training.distillation needs a teacher's logits; name teachers")
        categories = data.votes.shape[1] if settings.votes and data.votes is not None else 0
        self.encoder = encoder
        self.trainee = _EncoderWithVotes(encoder, categories).to(self.device).to(memory_format=torch.channels_last)
        self.frozen = self._freeze(settings.freeze)
        self.average = self._copy() if settings.ema else None
        self.ranks, self.rank = (
            (distributed.get_world_size(), distributed.get_rank()) if distributed.is_initialized() else (1, 0)
        )
        self.forward: nn.Module = DistributedDataParallel(self.trainee) if self.ranks > 1 else self.trainee
        self.optimizer = self._make_optimizer()
        if self.ranks > 1 and len(data) < settings.batch_size * self.ranks:
            raise SettingsError(
                f"{len(data)} images for {self.ranks} processes of batch_size {settings.batch_size}; lower one of them"
            )
        if settings.small_size:
            self._check_small_size(settings.small_size)
        self.steps_per_epoch = max(1, len(data) // (settings.batch_size * self.ranks))
        self.history, self.best_loss = History(), math.inf
        self.best: dict[str, Tensor] | None = None
        self.weights = self._class_weights()

    def _freeze(self, count: int) -> list[nn.Module]:
        stages = self.encoder.depth_order()
        if count > len(stages):
            raise SettingsError(f"freeze = {count}; this encoder has {len(stages)} stages before its classifier")
        for stage in stages[:count]:
            stage.requires_grad_(False)
        return stages[:count]

    def _check_small_size(self, size: int) -> None:
        try:
            with torch.no_grad():
                self.encoder.eval().embed(torch.zeros(1, self.encoder.channels, size, size, device=self.device))
        except RuntimeError:
            own = self.encoder.input_size
            raise SettingsError(f"small_size = {size}: this encoder takes {own} pixels only; set it to 0") from None

    def run(self) -> History:
        for epoch in range(self._load_checkpoint(), self.settings.epochs):
            if self._out_of_patience():  # asked first, so that a resumed run stops where the first one did
                break
            self.history.train_loss.append(self._epoch(epoch))
            if self.validation is not None:
                loss, error = self._validate(self.validation)
                self.history.validation_loss.append(loss)
                self.history.validation_error.append(error)
                if self.settings.patience and loss < self.best_loss:
                    self.best_loss, self.best = loss, {k: v.clone() for k, v in self._leaving_state().items()}
            self._save_checkpoint(epoch + 1)
            self.progress(self._line(epoch))
        self.trainee.load_state_dict(self.best or self._leaving_state())
        self.trainee.eval()
        return self.history

    def _line(self, epoch: int) -> str:
        line = f"encoder epoch {epoch + 1}/{self.settings.epochs}, loss {self.history.train_loss[-1]:.3f}"
        return line + (
            f", validation error {self.history.validation_error[-1]:.1%}" if self.validation is not None else ""
        )

    def _make_optimizer(self) -> torch.optim.Optimizer:
        s = self.settings
        parameters = [p for p in self.trainee.parameters() if p.requires_grad]
        shares = layerwise_lr_factors(self.encoder, s.layer_decay)
        groups = []
        for share in sorted({shares.get(p, 1.0) for p in parameters}, reverse=True):
            here = [p for p in parameters if shares.get(p, 1.0) == share]
            # Biases and batch norm's scales are not decayed: they are few, and pulling them to zero only costs accuracy.
            groups += [
                {"params": [p for p in here if p.ndim > 1], "weight_decay": s.weight_decay, "share": share},
                {"params": [p for p in here if p.ndim <= 1], "weight_decay": 0.0, "share": share},
            ]
        if s.optimizer == "sgd":
            return torch.optim.SGD(groups, s.learning_rate, momentum=s.momentum, nesterov=s.momentum > 0)
        return torch.optim.AdamW(groups, s.learning_rate)

    def _class_weights(self) -> Tensor | None:
        if not self.settings.class_weights:
            return None
        counts = np.bincount(self.data.labels, minlength=self.encoder.output_layer.out_features).clip(min=1)
        return torch.tensor(counts.sum() / (len(counts) * counts), dtype=torch.float32, device=self.device)

    def _learning_rate(self, step: int) -> float:
        warmup, total = self.settings.warmup_epochs * self.steps_per_epoch, self.settings.epochs * self.steps_per_epoch
        if step < warmup:
            return self.settings.learning_rate * (step + 1) / (warmup + 1)
        if self.settings.schedule == "constant":
            return self.settings.learning_rate
        return self.settings.learning_rate * (
            0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1.0, total - warmup))) + 1e-3
        )

    def _epoch(self, epoch: int) -> float:
        generator = Generator().manual_seed(self.seed * 100_003 + epoch)
        order = torch.randperm(len(self.data), generator=generator).numpy()
        # Every process draws the same order and takes its own slice; what it then draws for itself must differ.
        generator.manual_seed((self.seed * 100_003 + epoch) * self.ranks + self.rank)
        torch.manual_seed((self.seed * 100_003 + epoch) * self.ranks + self.rank)
        self.trainee.train()
        for stage in self.frozen:
            stage.eval()
        total, batch = 0.0, self.settings.batch_size
        for step in range(self.steps_per_epoch):
            start = (step * self.ranks + self.rank) * batch
            loss = self._step(epoch, step, order[start : start + batch], generator)
            total += loss
            if step % 50 == 49:
                self.progress(
                    f"encoder epoch {epoch + 1}/{self.settings.epochs}, step {step + 1}/{self.steps_per_epoch}, loss {total / (step + 1):.3f}"
                )
        return total / self.steps_per_epoch

    def _step(self, epoch: int, step: int, chosen: np.ndarray, generator: Generator) -> float:
        images, targets = self._batch(epoch, chosen, generator)
        rate = self._learning_rate(epoch * self.steps_per_epoch + step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["share"]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            logits, votes = self.forward(images)
        loss = self._loss(logits.float(), votes, targets)
        value = float(loss.detach())
        self.optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.trainee.parameters(), self.settings.clip_norm)
        if math.isfinite(value) and bool(torch.isfinite(norm)):
            self.optimizer.step()
        if not (math.isfinite(value) and all(torch.isfinite(p).all() for p in (norm, *self.trainee.parameters()))):
            kept = (
                f"; the last good checkpoint is {self.checkpoint}"
                if self.checkpoint and self.checkpoint.exists()
                else ""
            )
            raise TrainingError(
                f"loss is {math.nan} at epoch {epoch + 1}, step {step + 1}{kept}; try a lower learning_rate"
            )
        self._update_average(epoch * self.steps_per_epoch + step)
        return value

    def _batch(self, epoch: int, chosen: np.ndarray, generator: Generator) -> tuple[Tensor, list[Tensor]]:
        """Augmented pixels, and the targets, all mixed alike: class shares; vote shares and whether there are votes; a teacher's shares."""
        s = self.settings
        small = s.small_size if s.small_size and epoch < s.small_share * s.epochs else None
        reduced_augmentation = epoch >= (1 - s.calm_share) * s.epochs
        strength, cutout = (0.6 * s.augment, 0.5 * s.cutout) if reduced_augmentation else (s.augment, s.cutout)
        images = augment(to_pixels(self.data.images[chosen]), generator, strength=strength, cutout=cutout, size=small)
        classes = self.encoder.output_layer.out_features
        if self.data.shares is None:
            truth = functional.one_hot(torch.from_numpy(self.data.labels[chosen]), classes).float()
        else:
            truth = torch.from_numpy(self.data.shares[chosen]).float()
        targets = [truth * (1 - s.label_smoothing) + s.label_smoothing / classes]
        if self.trainee.votes is not None and self.data.votes is not None:
            votes = torch.from_numpy(self.data.votes[chosen]).float()
            targets += [votes, (votes.sum(1, keepdim=True) > 0).float()]
        if s.distillation and self.data.soft is not None:
            teacher = torch.from_numpy(self.data.soft[chosen]).float()
            targets.append((teacher / s.distillation_temperature).softmax(1))
        if s.mixup and not reduced_augmentation and float(torch.rand((), generator=generator)) < s.mixup_share:
            images, targets = mixup(images, targets, generator, s.mixup)
        images = images.to(self.device).contiguous(memory_format=torch.channels_last)
        return images, [t.to(self.device) for t in targets]

    def _loss(self, logits: Tensor, votes: Tensor | None, targets: list[Tensor]) -> Tensor:
        s = self.settings
        loss = functional.cross_entropy(logits, targets[0], weight=self.weights)
        if s.distillation:
            # Hinton et al. 2015 (arXiv 1503.02531): softened targets, their gradient scaled back by the squared temperature.
            soft = (
                functional.cross_entropy(logits / s.distillation_temperature, targets[-1])
                * s.distillation_temperature**2
            )
            loss = (1 - s.distillation) * loss + s.distillation * soft
        if votes is not None:
            per_image = functional.cross_entropy(votes.float(), targets[1], reduction="none")
            loss = loss + s.votes * (per_image * targets[2][:, 0]).mean()
        return loss

    def _update_average(self, step: int) -> None:
        if self.average is None:
            return
        # A short memory at first, or the random start would linger.
        keep = min(self.settings.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in self.trainee.state_dict().items():
                if value.is_floating_point():
                    self.average[name].lerp_(value, 1 - keep)
                else:
                    self.average[name].copy_(value)

    def _copy(self) -> dict[str, Tensor]:
        return {k: v.clone() for k, v in self.trainee.state_dict().items()}

    def _leaving_state(self) -> dict[str, Tensor]:
        return self.average if self.average is not None else self.trainee.state_dict()

    def _validate(self, data: ImageSet) -> tuple[float, float]:
        now = self._copy()
        self.trainee.load_state_dict(self._leaving_state())
        logits = classify_images(self.encoder, data.images, device=self.device)
        self.trainee.load_state_dict(now)
        labels = torch.from_numpy(data.labels)
        found = torch.stack([functional.cross_entropy(logits, labels), (logits.argmax(1) != labels).float().mean()])
        if self.ranks > 1:
            # Every process has batch statistics of its own; all must stop at the same epoch, so the first one's opinion counts.
            found = found.to(self.device)
            distributed.broadcast(found, 0)
        return float(found[0]), float(found[1])

    def _out_of_patience(self) -> bool:
        losses = self.history.validation_loss
        return (
            bool(self.settings.patience and losses)
            and len(losses) - 1 - int(np.argmin(losses)) >= self.settings.patience
        )

    def _save_checkpoint(self, epoch: int) -> None:
        if self.checkpoint is None or self.rank:
            return
        best = None if math.isinf(self.best_loss) else self.best_loss
        meta = {"epoch": epoch, "history": vars(self.history), "best_loss": best, "seed": self.seed}
        states = {"model": self.trainee.state_dict(), "average": self.average or {}, "best": self.best or {}}
        write_checkpoint(self.checkpoint, states, self.optimizer, meta)

    def _load_checkpoint(self) -> int:
        if self.checkpoint is None or not self.checkpoint.exists():
            return 0
        states, meta = read_checkpoint(self.checkpoint, self.trainee, self.optimizer)
        if self.average is not None:
            self.average = {k: v.to(self.device) for k, v in states["average"].items()}
        self.best, self.best_loss = states["best"] or None, math.inf if meta["best_loss"] is None else meta["best_loss"]
        self.history = History(**meta["history"])
        return int(meta["epoch"])
