"""Settings of `seqfer export`, and the settings `runtime` and `precision` of commands that run a model.

Imports neither torch nor NumPy, so that `--help` is fast.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.core.settings import Allowed, Field, PathText, settings

SUFFIXES = {"onnx": ".onnx", "torch": ".pt2"}
RUNTIMES = ("auto", *registry.names("models.runtimes"))
RuntimeName = Annotated[str, Allowed(", ".join(RUNTIMES), lambda name: name in RUNTIMES)]


PrecisionName = Literal["auto", "int8", "fp32", "bf16"]


def precision_field() -> Any:
    """The field `precision` of every command that annotates videos."""
    return Field(
        default="auto",
        description="arithmetic of the encoder; auto: int8 for the included model compact on CPUs (x86-64, ARM64), bf16 on GPUs that have "
        "it, else fp32",
    )


def runtime_field() -> Any:
    """The field `runtime` of every command that runs a trained model."""
    return Field(
        default="auto",
        description="what computes the encoder; auto: onnx where it can and is as fast as torch, as for included models on the CPU, else torch",
    )


@settings(frozen=True)
class ExportSettings:
    """`seqfer export`: which model, in which format, and with which temporal head."""

    model: PathText = Field(
        default="compact",
        description="an included model (compact, small), or a .safetensors file of `seqfer train` or `seqfer train-head`",
    )
    format: Literal["onnx", "torch"] = Field(
        default="onnx", description="onnx: for ONNX Runtime and others, needs seqfer[onnx]; torch: .pt2 of torch.export"
    )
    head: Literal["auto", "none", "average", "temporal"] = Field(
        default="auto",
        description="input of the exported model: none: single faces; average, temporal: the faces of one track in time order, as of `seqfer "
        "annotate-video`; auto: none, or for a file of `seqfer train-head` average where the model can, else temporal",
    )
    causal: bool = Field(
        default=False, description="with head temporal: use no later frames, the LSTM in place of the BiLSTM"
    )

    def __post_init__(self) -> None:
        if self.causal and self.head in ("none", "average"):
            raise SettingsError(
                f"causal is true, but head is {self.head!r}, which has no such form; give head temporal"
            )
