"""Runs an encoder with ONNX Runtime: the same numbers as torch in single precision, in less time.

An extra: `pip install seqfer[onnx]` adds the package onnx, which torch's exporter needs.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from seqfer.core.errors import SettingsError
from seqfer.models.film_model import FilmModel
from seqfer.models.image_model import ImageModel
from seqfer.models.layers import FrameEncoder, fuse_conv_bn
from seqfer.models.onnx_graph import onnx_graph
from seqfer.models.valence_model import ValenceModel
from seqfer.runs.onnx_session import Placement, open_session, runtime_name

StillModel = TypeVar("StillModel", ImageModel, ValenceModel)

ABOUT = "ONNX Runtime, on the CPU; pip install seqfer[onnx]"
PRECISIONS = ("int8", "fp32")  # int8: included models only
AUTO_RANK = 1
PACKAGES = ("onnx", "onnxruntime")
NEAR = 1e-5  # largest difference between the runtimes, as a fraction of the largest feature


def is_available() -> bool:
    """Whether the packages are installed."""
    return all(find_spec(package) is not None for package in PACKAGES)


def suits(model: FilmModel) -> bool:
    """Whether it is faster than torch: on the CPU, where its packages are installed."""
    return model.device.type == "cpu" and is_available()


def prepare(model: FilmModel) -> FilmModel:
    """The same model whose encoders are run by ONNX Runtime, on as many threads as torch has now.

    Raises SettingsError when a package is missing, or when an encoder cannot be exported, or its graph gives other features.
    """
    _check_device(model.device)
    valence = model.valence
    if valence is not None and valence.encoder is not None:
        valence = replace(valence, encoder=OnnxEncoder(valence.encoder))
    return replace(model, encoder=OnnxEncoder(model.encoder), valence=valence, runtime=runtime_name())


def prepare_still(model: StillModel) -> StillModel:
    """The same model whose encoder is run by ONNX Runtime; errors as of `prepare`."""
    _check_device(model.device)
    return model.on_runtime(OnnxEncoder(fuse_conv_bn(model.encoder)), runtime_name())


def _check_device(device: torch.device) -> None:
    if device.type != "cpu":
        raise SettingsError(f"runtime onnx computes on the CPU, not on {device}; give --device cpu, or use torch")


class OnnxEncoder(FrameEncoder):
    """`embed` of an encoder that is not trained further, as a graph of ONNX Runtime; its classifier runs in torch."""

    def __init__(self, encoder: FrameEncoder) -> None:
        super().__init__()
        self.feature_dim, self.two_views = encoder.feature_dim, encoder.two_views
        self.input_size, self.channels = encoder.input_size, encoder.channels
        self.classifier = encoder.classifier
        name = type(encoder).__name__
        _check_packages()
        try:
            self._session = _session(encoder)
            far = self._differs(encoder)
        except Exception as error:  # an external encoder may do anything that cannot be exported
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise SettingsError(f"runtime onnx cannot run {name} ({reason}); use torch") from None
        if far:
            raise SettingsError(f"runtime onnx gives other features than {name} itself; use torch")
        self.eval()

    def __deepcopy__(self, memo: dict[int, Any]) -> OnnxEncoder:
        return self  # nothing of it changes

    def embed(self, images: Tensor) -> Tensor:
        """(image channel height width) in [0, 1] -> (image feature)."""
        return torch.from_numpy(self._session.run(None, {"images": images.contiguous().numpy()})[0])

    @torch.no_grad()
    def _differs(self, encoder: FrameEncoder) -> bool:
        images = torch.rand(3, self.channels, self.input_size, self.input_size)  # one image more than in the export
        wanted, found = encoder.embed(images), self.embed(images)
        allowed = NEAR * max(1.0, wanted.abs().max().item())
        return wanted.shape != found.shape or (wanted - found).abs().max().item() > allowed


class _Embed(nn.Module):
    def __init__(self, encoder: FrameEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, images: Tensor) -> Tensor:
        return self.encoder.embed(images)


def _check_packages() -> None:
    """Raises SettingsError where a package is missing."""
    try:
        import onnx  # noqa: F401  torch's exporter needs it
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            f"runtime onnx needs the packages {' and '.join(PACKAGES)} ({error}); run: pip install seqfer[onnx]"
        ) from None


def _session(encoder: FrameEncoder) -> Any:
    """An onnxruntime.InferenceSession from images (image channel height width) to features, for any number of images."""
    images = torch.zeros(2, encoder.channels, encoder.input_size, encoder.input_size)
    graph = onnx_graph(_Embed(copy.deepcopy(encoder)), {"images": images}, ["features"], "image")
    return open_session(graph, Placement(threads=torch.get_num_threads()))
