"""Settings of all trainings: the loops (`ImageTraining`, `HeadTraining`, `SvmTraining`) and one class for each command that trains.

Imports neither torch nor NumPy, so that `seqfer train --help` is fast.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from seqfer.core import registry
from seqfer.core.emotions import class_list
from seqfer.core.errors import SettingsError
from seqfer.core.settings import Allowed, DeviceName, Field, PathText, as_dict, device_field, settings, threads_field

HELD_BACK_OR_ENCODERS = Allowed(
    "0 (the share that the encoder's own training held out), or 0.01 to 0.5", lambda v: v == 0 or 0.01 <= v <= 0.5
)


THREADS = 2  # of every training


@settings(frozen=True)
class ImageTraining:
    """How a frame encoder is trained on single images. `learning_rate` belongs to `batch_size`."""

    epochs: int = Field(default=20, ge=1, description="passes over the training images")
    batch_size: int = Field(default=64, ge=2, description="images per step")
    optimizer: Literal["sgd", "adamw"] = Field(default="sgd", description="optimizer; sgd uses Nesterov momentum")
    learning_rate: float = Field(default=0.05, gt=0, le=10, description="highest learning rate of the schedule")
    momentum: float = Field(default=0.9, ge=0, le=1, description="momentum of sgd")
    weight_decay: float = Field(default=5e-4, ge=0, description="weight decay")
    warmup_epochs: float = Field(default=1.0, ge=0, description="epochs over which the learning rate rises from 0")
    schedule: Literal["cosine", "constant"] = Field(default="cosine", description="learning rate after the warm-up")
    ema: float = Field(
        default=0.0, ge=0, le=1, description="decay of the exponential moving average of the weights; 0: none"
    )
    clip_norm: float = Field(default=5.0, gt=0, description="gradients are scaled down to this norm")
    label_smoothing: float = Field(default=0.05, ge=0, le=1, description="label smoothing of the cross-entropy")
    mixup: float = Field(default=0.0, ge=0, description="alpha of mixup's beta distribution; 0: no mixup")
    mixup_share: float = Field(default=0.5, ge=0, le=1, description="share of the batches that mixup is applied to")
    cutout: float = Field(default=0.5, ge=0, le=1, description="probability that a rectangle of an image is erased")
    augment: float = Field(
        default=1.0, ge=0, description="strength of the geometric and photometric augmentation; 0: mirroring only"
    )
    class_weights: bool = Field(default=False, description="weight the classes by the inverse of their frequency")
    votes: float = Field(default=0.0, ge=0, description="weight of the loss on the raters' votes (FER+)")
    distillation: float = Field(
        default=0.0, ge=0, le=1, description="weight of the teachers' probabilities against the labels"
    )
    distillation_temperature: float = Field(default=2.0, gt=0, description="temperature of the distillation loss")
    low_resolution_px: int = Field(
        default=0, ge=0, description="edge in pixels of the images in the first epochs; 0: full size throughout"
    )
    low_resolution_share: float = Field(
        default=0.6, ge=0, le=1, description="share of the epochs, from the first on, that uses low_resolution_px"
    )
    reduced_augmentation_share: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="share of the epochs, at the end, with weaker augmentation and without mixup",
    )
    freeze: int = Field(
        default=0, ge=0, description="the encoder's first stages that are not trained, batch-norm statistics included"
    )
    layer_decay: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="factor of the learning rate per stage from the classifier down to the input (Howard & Ruder 2018)",
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="arithmetic; auto: bf16 where the processor has it"
    )
    patience: int = Field(
        default=0, ge=0, description="stop after so many epochs without a lower validation loss; 0: train all epochs"
    )
    device: DeviceName = Field(
        default="auto", description="where this training runs; auto: where the command's device says"
    )

    def on(self, device: str) -> ImageTraining:
        """The same training on a command's device, unless it names one itself."""
        return self if self.device != "auto" else replace(self, device=device)


@settings(frozen=True)
class HeadTraining:
    """How a temporal head is trained on frame features."""

    epochs: int = Field(default=25, ge=1, description="passes over the training sequences")
    batch_size: int = Field(default=32, ge=1, description="sequences per step")
    learning_rate: float = Field(
        default=3e-3, gt=0, le=10, description="highest learning rate; it falls to 0 along a cosine"
    )
    weight_decay: float = Field(default=1e-3, ge=0, description="weight decay")
    dropout: float = Field(default=0.5, ge=0, lt=1, description="dropout on the features and on their projection")
    noise: float = Field(
        default=1.0, ge=0, description="standard deviation of the Gaussian noise on the standardised features"
    )
    label_smoothing: float = Field(default=0.0, ge=0, le=1, description="label smoothing of the cross-entropy")
    clip_norm: float = Field(default=1.0, gt=0, description="gradients are scaled down to this norm")
    patience: int = Field(
        default=0, ge=0, description="stop after so many epochs without a lower validation loss; 0: train all epochs"
    )


@settings(frozen=True)
class SvmTraining:
    """How a linear support vector machine is fitted."""

    penalties: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        default=(0.003, 0.01, 0.03, 0.1, 0.3),
        min_length=1,
        description="values of C to try; the one with the lowest error on held-out people is used",
    )
    passes: int = Field(
        default=0, ge=0, description="passes over the images in each fit; 0: chosen by the number of images"
    )

    def __post_init__(self) -> None:
        if len(set(self.penalties)) < len(self.penalties):
            raise SettingsError(f"svm.penalties = {list(self.penalties)}; name each value once")


@settings(frozen=True)
class TrainSettings:
    """`seqfer train`. `training` is for encoders, `svm` for baselines."""

    data: PathText = Field(default="", description="a manifest (.jsonl) of stills")
    encoder: PathText = Field(
        default="resezap", description="an encoder or baseline of `seqfer models`, or a dotted path of your own module"
    )
    classes: str = Field(default="fer2013", description="class list: six, seven, all or fer2013")
    split: str = Field(default="Training", description="the split to train on; empty for all clips")
    held_back: float = Field(
        default=0.05,
        ge=0.01,
        le=0.5,
        description="share of the split's people held out from training, for the learning curve and the temperature",
    )
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")
    start: PathText = Field(default="", description="a weights file to start from")
    pretrained: bool = Field(default=False, description="start from ImageNet weights, which are downloaded")
    input_size: int = Field(
        default=0, ge=0, description="edge of the faces in pixels, for encoders that take several; 0: the encoder's own"
    )
    teachers: tuple[PathText, ...] = Field(
        default=(), description="weights files, or encoders with included weights, to distil from"
    )
    half: bool = Field(default=True, description="write the weights in half precision")
    training: ImageTraining = Field(default_factory=ImageTraining, description="training of an encoder")
    svm: SvmTraining = Field(default_factory=SvmTraining, description="fit of a baseline")
    device: DeviceName = device_field()
    threads: int = threads_field(THREADS)

    def __post_init__(self) -> None:
        if self.pretrained and self.start:
            raise SettingsError("pretrained and start are both given; choose one to start from")
        if self.training.distillation and not self.teachers:
            raise SettingsError("training.distillation needs teachers; name at least one weights file")
        if self.is_baseline and (self.start or self.teachers):
            raise SettingsError(
                f"{self.encoder} is a baseline, which is fitted without start weights or teachers; omit both"
            )
        class_list(self.classes)

    @property
    def is_baseline(self) -> bool:
        """Whether the model is a baseline, which is fitted by scikit-learn."""
        return self.encoder in registry.names("baselines")

    @property
    def result_settings(self) -> dict[str, Any]:
        """The settings that determine this run's results, for its folder."""
        other = "training" if self.is_baseline else "svm"
        return {key: value for key, value in as_dict(self).items() if key != other}

    @property
    def run_name(self) -> str:
        """The name of a new run's folder below `runs/`."""
        return f"train-{self.encoder}-seed{self.seed}"


@settings(frozen=True)
class HeadSettings:
    """`seqfer train-head`: sequences of `length` frames are made from the stills of `split`, see `seqfer.training.moving_stills`."""

    data: PathText = Field(default="", description="a manifest (.jsonl) of stills")
    encoder: PathText = Field(
        default="compact", description="an included model (compact, small), or a .safetensors file of `seqfer train`"
    )
    head: str = Field(
        default="lstm", description="temporal head: lstm and gru use past frames only, bilstm uses later frames too"
    )
    split: str = Field(default="Training", description="the split to train on; empty for all clips")
    held_back: Annotated[float, HELD_BACK_OR_ENCODERS] = Field(
        default=0.0,
        description="share of the people held out from training, to evaluate the head and fit its temperature",
    )
    seed: int = Field(
        default=0,
        ge=0,
        description="seed of all random numbers; default: the encoder's own, so that the same people are held out",
    )
    sequences: int = Field(default=1000, ge=1, description="sequences to train on")
    held_back_sequences: int = Field(default=200, ge=1, description="sequences of the held-out people")
    drawn_sequences: int = Field(
        default=300, ge=1, description="further sequences of drawn people, where the head corrects the encoder"
    )
    length: int = Field(default=40, ge=8, description="frames of a sequence")
    correction_limit: float = Field(
        default=0.25,
        ge=0,
        le=10,
        description="most that the head changes a log-probability of the encoder, averaged over the moments at which the face looks the same; 0: the "
        "head classifies by itself",
    )
    projection: int = Field(default=30, ge=1, description="width of the layer between features and head")
    half: bool = Field(default=True, description="write the weights in half precision")
    training: HeadTraining = Field(
        default_factory=lambda: HeadTraining(epochs=20, batch_size=32, learning_rate=2e-3, dropout=0.3, noise=0.5),
        description="training of the head",
    )
    device: DeviceName = device_field()
    threads: int = threads_field(THREADS)

    @property
    def run_name(self) -> str:
        """The name of a new run's folder below `runs/`."""
        return f"head-{self.head}-seed{self.seed}"


@settings(frozen=True)
class ValenceSettings:
    """`seqfer train-valence`: one layer on the fixed features of an included encoder, or with `whole` all layers of a network."""

    data: PathText = Field(
        default="", description="a manifest (.jsonl) of stills with rater votes, or of clips with valence"
    )
    encoder: PathText = Field(
        default="compact",
        description="an included model (compact, small); with whole=true also a .safetensors file, or any encoder of `seqfer models`",
    )
    whole: bool = Field(default=False, description="train all layers, from the encoder's weights where it has any")
    target: Literal["votes", "rounded"] = Field(
        default="votes",
        description="training target: the votes as probabilities of the nine levels, or their mean rounded to one level",
    )
    min_votes: int = Field(default=1, ge=1, description="leave out images with fewer votes for an emotion")
    split: str = Field(default="Training", description="the split to train on; empty for all clips")
    held_back: Annotated[float, HELD_BACK_OR_ENCODERS] = Field(
        default=0.0, description="share of the people held out from training, to evaluate the model"
    )
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")
    training: ImageTraining = Field(
        default_factory=ImageTraining, description="training of the network, with whole=true"
    )
    device: DeviceName = device_field()
    threads: int = threads_field(THREADS)

    @property
    def run_name(self) -> str:
        """The name of a new run's folder below `runs/`."""
        return f"valence-{self.encoder}-seed{self.seed}"


@settings(frozen=True)
class ValenceHeadSettings:
    """`seqfer train-valence-head`: the features of `encoder` are not trained."""

    data: PathText = Field(default="", description="a manifest (.jsonl) of clips with valence on every frame, or posed")
    encoder: PathText = Field(
        default="compact", description="an included model (compact, small), or a .safetensors file of `seqfer train`"
    )
    head: str = Field(
        default="bilstm", description="temporal head: lstm and gru use past frames only, bilstm uses later frames too"
    )
    held_back: float = Field(
        default=0.2, ge=0.01, le=0.5, description="share of the people held out from training, to evaluate the head"
    )
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")
    projection: int = Field(default=30, ge=1, description="width of the layer between features and head")
    half: bool = Field(default=True, description="write the weights in half precision")
    training: HeadTraining = Field(
        default_factory=lambda: HeadTraining(epochs=40, batch_size=16, learning_rate=2e-3, dropout=0.3, noise=0.3),
        description="training of the head",
    )
    device: DeviceName = device_field()
    threads: int = threads_field(THREADS)

    @property
    def run_name(self) -> str:
        """The name of a new run's folder below `runs/`."""
        return f"valence-head-{self.head}-seed{self.seed}"


def need_data(data: str, corpus: str, command: str = "") -> None:
    """Raises SettingsError where no data is given; `corpus` is a suitable one, `command` makes its manifest."""
    if not data:
        made_by = command or f"seqfer prepare {corpus} ROOT -o {corpus}.jsonl"
        raise SettingsError(f"no data; give a manifest with --data (make one with `{made_by}`)")
