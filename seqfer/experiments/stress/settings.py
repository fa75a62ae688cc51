"""Settings of `seqfer stress`. Imports neither torch nor NumPy, so that `seqfer stress --help` is fast."""

from __future__ import annotations

from seqfer.core.settings import DeviceName, Field, PathText, device_field, settings
from seqfer.models.settings import RuntimeName, runtime_field


@settings(frozen=True)
class StressSettings:
    """Settings of the scores under corruptions. `only` and `groups` change what is shown, not the numbers."""

    model: PathText = Field(
        description="a name of `seqfer models` with included weights, a .safetensors file, or a .onnx file of `seqfer export`"
    )
    data: PathText = Field(description="a manifest (.jsonl) or an embedded corpus")
    split: str = Field(default="", description="an official split, such as PublicTest (default: all clips)")
    classes: str = Field(
        default="", description="six, seven, all or fer2013: score these classes only (default: the corpus' own)"
    )
    images: int = Field(default=0, ge=0, description="draw this many clips by the seed; 0: all")
    seed: int = Field(default=0, ge=0, description="seed of all random numbers")
    only: tuple[str, ...] = Field(
        default=(), description="these corruptions only: names, their first words (rotation), kinds (light)"
    )
    groups: str = Field(default="", description="also score by this attribute of the clips")
    device: DeviceName = device_field()
    runtime: RuntimeName = runtime_field()
