"""Which runtime computes a model that both can compute, and on which device: with a stand-in for the providers of ONNX Runtime."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import onnxruntime
import pytest
from tiny_models import stills

from seqfer.core.errors import SettingsError
from seqfer.models import placement
from seqfer.models.graph_encoder import DEVICE_BATCH
from seqfer.models.graph_image import open_graph_image
from seqfer.models.image_choice import open_image_model
from seqfer.models.placement import graph_placement
from seqfer.runs import onnx_session
from seqfer.runs.onnx_session import PROVIDERS, Placement


class Session(onnxruntime.InferenceSession):  # type: ignore[misc]
    """A session that says it has started the providers that were asked for, and computes on the CPU."""

    asked: ClassVar[list[Any]] = []
    batches: ClassVar[list[int]] = []
    starts = True

    def __init__(self, content: bytes, options: Any, providers: list[Any]) -> None:
        super().__init__(content, options, providers=["CPUExecutionProvider"])
        self._asked = [one if isinstance(one, str) else one[0] for one in providers]
        Session.asked.append(providers)

    def get_providers(self) -> list[str]:
        return self._asked if Session.starts else ["CPUExecutionProvider"]

    def run(self, names: Any, inputs: dict[str, np.ndarray], options: Any = None) -> Any:
        Session.batches.append(len(inputs["images"]))
        return super().run(names, inputs, options)


@pytest.fixture
def every_provider(monkeypatch: pytest.MonkeyPatch) -> type[Session]:
    found = [provider for provider, _ in PROVIDERS.values()]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: found)
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    monkeypatch.setattr(Session, "asked", [])
    monkeypatch.setattr(Session, "batches", [])
    return Session


def with_gpu(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    for module in (placement, onnx_session):
        monkeypatch.setattr(module, "may_have_cuda", lambda: there)


@pytest.mark.parametrize(
    ("device", "runtime", "gpu", "found"),
    [
        ("auto", "auto", False, "cpu"),
        ("auto", "auto", True, None),
        ("auto", "onnx", False, "cpu"),
        ("auto", "onnx", True, "cuda"),
        ("cpu", "auto", True, "cpu"),
        ("cuda", "auto", True, None),
        ("cuda:1", "onnx", True, "cuda:1"),
        ("coreml", "auto", False, "coreml"),
        ("directml", "onnx", False, "directml"),
        ("mps", "auto", False, None),
        ("coreml", "torch", False, None),
        ("auto", "torch", False, None),
    ],
)
@pytest.mark.usefixtures("every_provider")
def test_who_computes(monkeypatch: pytest.MonkeyPatch, device: str, runtime: str, gpu: bool, found: str | None) -> None:
    with_gpu(monkeypatch, gpu)
    place = graph_placement(device, runtime, 2)
    assert (None if place is None else place.device) == found
    assert place is None or place.threads == 2


def test_a_device_gets_large_batches_and_the_same_numbers(every_provider: type[Session]) -> None:
    faces = stills(DEVICE_BATCH + 9, size=48)
    for device, provider in (
        ("cuda:1", ("CUDAExecutionProvider", {"device_id": "1"})),
        ("coreml", "CoreMLExecutionProvider"),
    ):
        every_provider.batches.clear()
        model = open_graph_image("small", Placement(device))
        assert model is not None
        logits = model.logits(faces)
        assert every_provider.asked[-1] == [provider, "CPUExecutionProvider"]
        assert every_provider.batches == [DEVICE_BATCH, 9]
        assert model.runtime.endswith(f" on {device}")
        assert (model.device, model.features_key["device"]) == (device, device.partition(":")[0])
        plain = open_graph_image("small")
        assert plain is not None
        assert np.allclose(logits, plain.logits(faces), atol=1e-4)
        assert "device" not in plain.features_key


def test_a_provider_that_does_not_start_is_one_line(
    every_provider: type[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(every_provider, "starts", False)
    with pytest.raises(
        SettingsError, match=r"device 'cuda': CUDAExecutionProvider of ONNX Runtime does not start.*use --device cpu"
    ):
        open_graph_image("small", Placement("cuda"))


@pytest.mark.parametrize(
    ("device", "package"),
    [("cuda", "onnxruntime-gpu"), ("coreml", "onnxruntime on macOS"), ("directml", "onnxruntime-directml on Windows")],
)
def test_a_missing_provider_names_its_package(monkeypatch: pytest.MonkeyPatch, device: str, package: str) -> None:
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["AzureExecutionProvider", "CPUExecutionProvider"]
    )
    with pytest.raises(SettingsError, match=f"device '{device}' needs .* install {package} in place of") as error:
        open_image_model("small", device=device, runtime="onnx")
    assert "\n" not in str(error.value)


def test_a_device_of_torch_alone() -> None:
    with pytest.raises(
        SettingsError, match="device 'mps' is unavailable with ONNX Runtime; it computes on cpu, cuda, coreml, directml"
    ):
        graph_placement("mps", "onnx")


def test_a_file_that_only_onnx_runtime_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    with_gpu(monkeypatch, False)
    place = graph_placement("auto", "auto", only_graph=True)
    assert place is not None
    assert place.device == "cpu"
    with pytest.raises(SettingsError, match=r"runtime is 'torch', but a \.onnx file is computed by ONNX Runtime"):
        graph_placement("auto", "torch", only_graph=True)
    monkeypatch.setattr(placement, "is_available", lambda: False)
    with pytest.raises(SettingsError, match="needs the package onnxruntime; run: pip install onnxruntime"):
        graph_placement("auto", "auto", only_graph=True)
    assert graph_placement("auto", "auto") is None
