"""Settings of `seqfer cv`. Imports neither torch nor NumPy, so that `seqfer cv --help` is fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from seqfer.core import registry
from seqfer.core.emotions import CLASS_LISTS
from seqfer.core.errors import SettingsError
from seqfer.core.settings import DeviceName, Field, PathText, device_field, settings, threads_field
from seqfer.models.included import TIERS
from seqfer.training.settings import HeadTraining, ImageTraining

if TYPE_CHECKING:
    from seqfer.models.encoding import Encoding

CONSTANT = "constant"  # the row of the valence task that predicts the training people's mean for every frame
EVERY_CLIP = "any"  # the class list of valence: clips are used with or without a label


@settings(frozen=True)
class CvSettings:
    """Everything that the results of a cross-validation depend on. `mean` is always run in addition to `heads`.

    `classes`, left empty, becomes `six` for emotion and `any` for valence: every clip, labelled or not.
    """

    data: PathText = Field(default="posed", description="a manifest (.jsonl) or an embedded corpus")
    folds: int = Field(default=5, ge=2, description="number of folds")
    repeats: int = Field(default=1, ge=1, description="number of repetitions with new folds")
    heads: tuple[str, ...] = Field(
        default=("lstm", "bilstm"),
        min_length=1,
        description="temporal heads and baselines to compare; `mean` is always run in addition",
    )
    encoder: str = Field(
        default="mobilenet", description="an included model (compact, small) or a frame encoder of `seqfer models`"
    )
    encoder_weights: PathText = Field(
        default="shipped",
        description="`shipped`, `none` for random weights that are then trained, or a .safetensors file",
    )
    train_encoder: bool = Field(default=False, description="train the encoder on each fold's training people")
    classes: str = Field(
        default="",
        description="six, seven, all, or for valence any (default: six; for valence any clip, labelled or not)",
    )
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")
    validation_share: float = Field(
        default=0.15, gt=0, lt=0.5, description="share of each fold's training people used for validation"
    )
    folds_file: PathText = Field(default="", description="take the folds from this folds.json")
    encoder_training: ImageTraining = Field(
        default_factory=lambda: ImageTraining(epochs=16, batch_size=64, patience=0, label_smoothing=0.1, ema=0.98),
        description="training of the encoder, where it is trained",
    )
    head_training: HeadTraining = Field(default_factory=HeadTraining, description="training of the heads")
    task: Literal["emotion", "valence"] = Field(
        default="emotion", description="emotion, a label per clip, or valence, a value per frame"
    )
    device: DeviceName = device_field()
    threads: int = threads_field(1)

    def __post_init__(self) -> None:
        # set, so that an included model by its name is the same run as by its encoder's
        object.__setattr__(self, "encoder", TIERS.get(self.encoder, self.encoder))
        if not self.classes:  # set, so that the run folder states the value used
            object.__setattr__(self, "classes", "six" if self.task == "emotion" else EVERY_CLIP)
        allowed = (*CLASS_LISTS, EVERY_CLIP) if self.task == "valence" else tuple(CLASS_LISTS)
        if self.classes not in allowed:
            raise SettingsError(f"classes = {self.classes!r}; allowed: {', '.join(allowed)}")
        if len(set(self.heads)) < len(self.heads):
            raise SettingsError(f"heads = {','.join(self.heads)!r}; name each head once")
        if self.encoder in registry.names("baselines") and not self.encoder_weights.endswith(".safetensors"):
            raise SettingsError(
                f"encoder = {self.encoder!r} is a baseline: name it among the heads, as in --heads lstm,{self.encoder}; "
                "its features need encoder_weights, a file that `seqfer train` fitted"
            )
        for name in self.heads:
            if part_of(name)[0] == "baselines" and self.task == "valence":
                raise SettingsError(
                    f"{name!r} classifies still images; heads for the task valence: {', '.join(registry.names('heads'))}"
                )

    @property
    def encoding(self) -> Encoding:
        """The encoder of the features."""
        from seqfer.models.encoding import Encoding

        return Encoding(self.encoder, self.encoder_weights, self.train_encoder)

    @property
    def all_heads(self) -> tuple[str, ...]:
        """The heads to run: those in `heads`, and the reference head; for valence also the constant, which is not a head."""
        reference = reference_head()
        heads = self.heads if reference in self.heads else (*self.heads, reference)
        return (*heads, CONSTANT) if self.task == "valence" else heads


def reference_head() -> str:
    """The head that every cross-validation has, and that the others are compared with: its file says REFERENCE = True."""
    return next(name for name, module in registry.find_all("heads").items() if getattr(module, "REFERENCE", False))


def part_of(name: str) -> tuple[str, Any]:
    """A head or a baseline by name, as ("heads" or "baselines", module). Raises SettingsError that lists the allowed names."""
    if name in registry.names("baselines"):
        return "baselines", registry.find("baselines", name)
    try:
        return "heads", registry.find("heads", name)
    except SettingsError:
        if "." in name:  # a module outside the package: its own error says more
            raise
        allowed = ", ".join(registry.names("heads") + registry.names("baselines"))
        raise SettingsError(f"unknown head {name!r}; allowed: {allowed}, or a dotted path of your own module") from None
