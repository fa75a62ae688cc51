"""Settings of `seqfer transfer`. Imports neither torch nor NumPy, so that `seqfer transfer --help` is fast."""

from __future__ import annotations

from typing import Annotated, Literal

from seqfer.core.emotions import class_list
from seqfer.core.errors import SettingsError
from seqfer.core.settings import Allowed, DeviceName, Field, PathText, device_field, settings, threads_field
from seqfer.training.settings import ImageTraining

_ONE_DIVISION_OR_FOLDS = Allowed("0 (one 80-10-10 division), or 2 or more", lambda v: v == 0 or v >= 2)


@settings(frozen=True)
class TransferSettings:
    """Everything that the results of a transfer depend on. Learning rates of `training` fall from classifier to input by `layer_decay`."""

    model: PathText = Field(
        default="compact", description="a name of `seqfer models` with included weights, or a .safetensors file"
    )
    data: PathText = Field(default="", description="a manifest (.jsonl) or an embedded corpus to retrain on")
    classes: str = Field(
        default="", description="six, seven, all or fer2013: these classes only (default: the corpus' own)"
    )
    unfreeze: str = Field(default="last:2", description="the last step: last:N stages, all, or a stage's name")
    stages: tuple[str, ...] = Field(default=(), description="steps before it, such as 1,2,all")
    protocols: tuple[Literal["person", "plain"], ...] = Field(
        default=("person",),
        min_length=1,
        description="how the data is divided: by person, or plain (the paper's split of images, with people in several parts)",
    )
    folds: Annotated[int, _ONE_DIVISION_OR_FOLDS] = Field(
        default=0, description="number of folds instead of one 80-10-10 division"
    )
    from_scratch: bool = Field(default=False, description="also train the same network from random weights")
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")
    half: bool = Field(default=True, description="write the weights in half precision")
    head_training: ImageTraining = Field(
        default_factory=lambda: ImageTraining(
            epochs=8, batch_size=32, optimizer="adamw", learning_rate=3e-3, warmup_epochs=0.5, cutout=0.3, augment=0.7
        ),
        description="training of the new classifier alone",
    )
    training: ImageTraining = Field(
        default_factory=lambda: ImageTraining(
            epochs=10,
            batch_size=32,
            optimizer="adamw",
            learning_rate=5e-4,
            weight_decay=0.01,
            warmup_epochs=0.5,
            cutout=0.3,
            augment=0.7,
            layer_decay=0.7,
        ),
        description="training of the unfrozen stages",
    )
    scratch_training: ImageTraining = Field(
        default_factory=lambda: ImageTraining(epochs=30, batch_size=32),
        description="training from random weights, with from_scratch=true",
    )
    device: DeviceName = device_field()
    threads: int = threads_field(1)

    def __post_init__(self) -> None:
        if len(set(self.protocols)) < len(self.protocols):
            raise SettingsError(f"protocols = {','.join(self.protocols)!r}; name each protocol once")
        for name in ("head_training", "training", "scratch_training"):
            if getattr(self, name).freeze:
                raise SettingsError(f"{name}.freeze is determined by unfreeze and stages; omit it")
        if self.classes:
            class_list(self.classes)
