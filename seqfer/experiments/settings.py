"""Settings of `seqfer evaluate`, `evaluate-valence`, `evaluate-aus`, `leaderboard` and `compare`. Imports neither torch nor NumPy: `--help` is
fast."""

from __future__ import annotations

from typing import Annotated, Literal

from seqfer.core.settings import Allowed, DeviceName, Field, PathText, device_field, settings
from seqfer.models.settings import RuntimeName, runtime_field


@settings(frozen=True)
class EvaluateSettings:
    """`seqfer evaluate`: one encoder on one corpus."""

    model: PathText = Field(
        description="a name of `seqfer models` with included weights, a .safetensors file, or a .onnx file of `seqfer export`"
    )
    data: PathText = Field(description="a manifest (.jsonl) or an embedded corpus")
    split: str = Field(default="", description="an official split, such as PublicTest (default: all clips)")
    classes: str = Field(
        default="", description="six, seven, all or fer2013: score these classes only (default: the corpus' own)"
    )
    mirror: bool = Field(
        default=False, description="average every image with its mirror image, as compact and small always do"
    )
    prior: Literal["auto", "training", "equal"] = Field(
        default="auto",
        description="class frequencies: as in training, equal, or auto: as in training on the corpus of the training, else equal",
    )
    device: DeviceName = device_field()
    runtime: RuntimeName = runtime_field()


@settings(frozen=True)
class EvaluateValenceSettings:
    """`seqfer evaluate-valence`: a valence model against the mean of the raters' votes."""

    model: PathText = Field(description="an included model (compact), or a .safetensors file of `seqfer train-valence`")
    data: PathText = Field(description="a manifest (.jsonl) of stills with rater votes")
    split: str = Field(default="", description="an official split of the corpus (default: all)")
    mean_of: str = Field(default="Training", description="the split whose mean is the constant baseline")
    classifier: PathText = Field(default="compact", description="emotion classifier of the baseline with valence norms")
    min_votes: int = Field(default=6, ge=1, description="leave out images with fewer votes for an emotion")
    mirror: bool = Field(default=False, description="average every image with its mirror image (twice the time)")
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")
    device: DeviceName = device_field()
    runtime: RuntimeName = runtime_field()


@settings(frozen=True)
class EvaluateAusSettings:
    """`seqfer evaluate-aus`: estimates of action units against a coder's labels."""

    kind: Literal["auto", "disfa", "bp4d", "csv"] = Field(
        default="auto", description="form of the labels; auto: by the names and the first line of the files"
    )
    first_frame: int | None = Field(
        default=None,
        description="number that the labels give the first frame of a video (default: 1 in DISFA, else 0); not used for folders of pictures",
    )
    least_intensity: float = Field(
        default=2.0,
        gt=0,
        le=5,
        description="labels of intensity count as active from this intensity on, for F1 and AUC",
    )
    folds: Annotated[int, Allowed("0 (one per person), or 2 or more", lambda n: n == 0 or n >= 2)] = Field(
        default=0, description="folds of people: the scaling and the threshold of each are fitted on the others"
    )
    samples: int = Field(default=1000, ge=1, description="draws of the bootstrap over people")
    level: float = Field(default=0.95, gt=0, lt=1, description="confidence level of the intervals")
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")


@settings(frozen=True)
class LeaderboardSettings:
    """`seqfer leaderboard`: how finished runs are ranked."""

    by: Literal["error", "macro_f1"] = Field(default="error", description="measure to rank by")
    groups: bool = Field(default=False, description="one table for each set of runs that can be compared")


@settings(frozen=True)
class CompareSettings:
    """`seqfer compare`: the paired test of two runs."""

    first: str = Field(
        default="", description="of the first run: a head of cv (lstm), a corruption and level of stress (blur:3)"
    )
    second: str = Field(default="", description="of the second run: a head of cv, a corruption and level of stress")
    samples: int = Field(default=2000, ge=1, description="draws of the bootstrap by person")
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")
