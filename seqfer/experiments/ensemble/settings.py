"""Settings of `seqfer ensemble`. Imports neither torch nor NumPy, so that `seqfer ensemble --help` is fast."""

from __future__ import annotations

from typing import Annotated

from seqfer.core.settings import Allowed, DeviceName, Field, PathText, device_field, settings
from seqfer.models.settings import RuntimeName, runtime_field

_FIT_SHARE = Allowed("0 (what the models' files say), or 0.01 to 0.9", lambda v: v == 0 or 0.01 <= v <= 0.9)


@settings(frozen=True)
class FitSplit:
    """The part to fit on: split `fit_split`, or without one `fit_share` of the people of `train_split`, drawn by `seed`."""

    fit_split: str = Field(default="", description="fit on this split, such as a validation part")
    train_split: str = Field(
        default="Training",
        description="without fit_split: the split the models were trained on, whose held-out people are used",
    )
    fit_share: Annotated[float, _FIT_SHARE] = Field(default=0.0, description="share of that split that was held out")
    seed: int = Field(default=0, ge=0, description="the seed with which the people were held out")


@settings(frozen=True)
class EnsembleSettings(FitSplit):
    """Everything that the results of an ensemble depend on."""

    models: tuple[PathText, ...] = Field(
        default=(), description="two or more: names of `seqfer models` with included weights, or .safetensors files"
    )
    data: PathText = Field(default="", description="a manifest (.jsonl) or an embedded corpus")
    split: str = Field(
        default="", description="the split to score (default: all other people, where the corpus has no splits)"
    )
    classes: str = Field(
        default="", description="six, seven, all or fer2013: these classes only (default: the corpus' own)"
    )
    common_classes: bool = Field(
        default=False, description="models with different classes: use those that all of them have"
    )
    mirror: bool = Field(default=False, description="average every image with its mirror image (twice the time)")
    device: DeviceName = device_field()
    runtime: RuntimeName = runtime_field()
