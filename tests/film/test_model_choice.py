"""Which settings are computed without torch, and that a whole video is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from drawn_film import write_drawn_film

from seqfer.core.errors import SettingsError
from seqfer.film.model_choice import open_model
from seqfer.film.settings import AnnotateSettings
from seqfer.models import graph_encoder, placement
from seqfer.models.film_model import FilmModel
from seqfer.models.graph_model import GraphModel


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "may_have_cuda", lambda: False)


@pytest.mark.parametrize(
    ("settings", "head"),
    [
        ({}, "average"),
        ({"head": "average", "valence": True}, "average"),
        ({"head": "temporal"}, "bilstm"),
        ({"head": "none"}, "none"),
        ({"causal": True}, "lstm"),
        ({"causal": True, "head": "temporal"}, "lstm"),
        ({"model": "small"}, "none"),
        ({"model": "mobilenet", "precision": "fp32"}, "average"),
        ({"runtime": "onnx", "device": "cpu"}, "average"),
    ],
)
def test_included_models_run_without_torch(settings: dict[str, object], head: str) -> None:
    model = open_model(AnnotateSettings(**settings))
    assert isinstance(model, GraphModel)
    assert model.head_name == head


@pytest.mark.parametrize(
    "settings",
    [{"runtime": "torch"}, {"runtime": "torch", "precision": "fp32"}, {"runtime": "torch", "head": "temporal"}],
)
def test_torch_on_request(settings: dict[str, object]) -> None:
    assert isinstance(open_model(AnnotateSettings(**settings)), FilmModel)


@pytest.mark.parametrize(
    ("settings", "fast", "precision"),
    [
        ({}, True, "int8"),
        ({}, False, "fp32"),
        ({"precision": "int8"}, False, "int8"),
        ({"precision": "fp32"}, True, "fp32"),
        ({"model": "small"}, True, "fp32"),
    ],
)
def test_auto_is_int8_where_the_processor_is_faster_in_it(
    settings: dict[str, str], fast: bool, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_encoder, "int8_is_faster", lambda: fast)
    model = open_model(AnnotateSettings(**settings))
    assert (model.precision, model.runtime.split()[0]) == (precision, "onnxruntime")


@pytest.mark.parametrize(
    "settings",
    [
        {"model": "small"},
        {"device": "cuda"},
        {"model": "mine.safetensors"},
        {"valence_model": "mine.safetensors", "valence": True},
    ],
)
def test_int8_where_there_is_none_is_one_line(settings: dict[str, object]) -> None:
    with pytest.raises(
        SettingsError,
        match=r"^precision is 'int8', which is available for compact .*: give fp32, or change model, device",
    ):
        open_model(AnnotateSettings(precision="int8", **settings))


def test_bf16_is_for_gpus() -> None:
    with pytest.raises(
        SettingsError, match=r"^precision is 'bf16', which is for GPUs .*; give int8, fp32 or auto, or --device cuda$"
    ):
        open_model(AnnotateSettings(precision="bf16", device="cpu"))


def test_stills_have_no_head() -> None:
    assert open_model(AnnotateSettings(), stills=True).head_name == "none"


def test_a_gpu_is_used_by_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "may_have_cuda", lambda: True)
    assert isinstance(open_model(AnnotateSettings()), FilmModel)
    assert isinstance(open_model(AnnotateSettings(device="cpu")), GraphModel)


def test_without_onnx_runtime_torch_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "is_available", lambda: False)
    assert isinstance(open_model(AnnotateSettings()), FilmModel)


def test_a_whole_video_imports_no_torch(tmp_path: Path) -> None:
    film = write_drawn_film(tmp_path / "film.mp4", there=12, gone=2)
    code = (
        "import sys; from seqfer.cli import main\n"
        "assert main(['annotate-video', sys.argv[1], '--valence', '--detector', 'haar', '--device', 'cpu', '--quiet', "
        "'--out', sys.argv[2]]) == 0\n"
        "print(sorted({'torch', 'torchvision', 'scipy', 'sklearn', 'pandas'} & set(sys.modules)))"
    )
    run = [sys.executable, "-c", code, str(film), str(tmp_path / "out")]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr
