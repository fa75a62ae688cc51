"""Which models of single faces are opened without torch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from drawn_stills import write_stills
from tiny_models import film_model, stills

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.models import placement
from seqfer.models.graph_image import GraphImageModel, GraphValenceModel
from seqfer.models.image_choice import open_image_model, open_valence_model
from seqfer.models.image_model import ImageModel
from seqfer.models.valence_model import ValenceModel


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "may_have_cuda", lambda: False)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("own")
    film_model(folder)
    return str(folder / "encoder.safetensors")


@pytest.mark.parametrize("asked", [{}, {"device": "cpu"}, {"runtime": "onnx"}, {"device": "cpu", "runtime": "onnx"}])
def test_included_models_are_computed_by_graphs(asked: dict[str, str]) -> None:
    assert isinstance(open_image_model("mobilenet", **asked), GraphImageModel)
    assert isinstance(open_valence_model("compact", **asked), GraphValenceModel)


def test_torch_on_request() -> None:
    model = open_image_model("small", runtime="torch")
    assert isinstance(model, ImageModel)
    assert model.runtime == "torch"
    assert isinstance(open_valence_model("compact", runtime="torch"), ValenceModel)


def test_a_gpu_is_used_by_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "may_have_cuda", lambda: True)
    assert isinstance(open_image_model("small"), ImageModel)
    assert isinstance(open_image_model("small", device="cpu"), GraphImageModel)


def test_without_onnx_runtime_torch_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "is_available", lambda: False)
    assert isinstance(open_image_model("small"), ImageModel)


def test_an_own_model_is_computed_by_torch_unless_another_runtime_is_named(own: str) -> None:
    model, other = open_image_model(own, device="cpu"), open_image_model(own, device="cpu", runtime="onnx")
    assert isinstance(model, ImageModel)
    assert model.runtime == "torch"
    assert other.runtime.startswith("onnxruntime ")
    assert other.predict(stills(3)) == pytest.approx(model.predict(stills(3)), abs=1e-5)
    assert other.parameters == model.parameters


def test_valence_of_another_runtime() -> None:
    shared = open_valence_model("compact", runtime="torch")
    assert isinstance(shared, ValenceModel)
    from seqfer.models.runtime import still_with_runtime

    other, faces = still_with_runtime(shared, "onnx"), stills(3, size=shared.input_size)
    assert other.runtime.startswith("onnxruntime ")
    assert other.valence(faces) == pytest.approx(shared.valence(faces), abs=1e-5)


def test_unknown_names_and_devices() -> None:
    with pytest.raises(WeightsError, match=r"no weights are included for encoder 'large' \(for: small, compact"):
        open_image_model("large")
    with pytest.raises(SettingsError, match="no valence weights are included for 'small'; allowed: compact"):
        open_valence_model("small")
    with pytest.raises(SettingsError, match="device 'tpu' is unavailable"):
        open_image_model("small", device="tpu")


COMMANDS = (
    ("evaluate", "small"),
    ("evaluate-valence", "compact", "--split", "PublicTest"),
    ("stress", "small", "--only", "mirror", "--images", "8", "--quiet"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command[0]))
def test_a_command_that_reads_faces_imports_no_torch(command: tuple[str, ...], tmp_path: Path) -> None:
    arguments = [*command, "--data", str(write_stills(tmp_path)), "--device", "cpu", "--out", str(tmp_path / "out")]
    code = (
        "import sys; from seqfer.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print(sorted({'torch', 'torchvision', 'scipy', 'sklearn', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    run = [sys.executable, "-c", code, *arguments]
    environment = {**os.environ, "SEQFER_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(run, capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr
