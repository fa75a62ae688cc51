"""Files of `seqfer export` run without torch, with the numbers of the model; files that do not fit are errors of one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from drawn_film import write_drawn_film
from drawn_stills import write_stills
from tiny_models import film_model, stills

import seqfer
from seqfer.core.errors import SeqferError, SettingsError, WeightsError
from seqfer.experiments.evaluate import evaluate_encoder
from seqfer.experiments.settings import EvaluateSettings
from seqfer.film.model_choice import open_model as open_video_model
from seqfer.film.settings import AnnotateSettings
from seqfer.models.exported import open_exported, open_exported_video
from seqfer.models.image_choice import open_image_model
from seqfer.models.opening import open_model
from seqfer.runs.onnx_session import Placement

CPU = Placement()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("exported")
    film_model(made)
    seqfer.export(made / "encoder.safetensors", made / "own.onnx")
    seqfer.export("compact", made / "compact.onnx")
    seqfer.export("compact", made / "track.onnx", head="average")
    return made


def changed(folder: Path, name: str, change: Callable[[onnx.ModelProto, dict[str, str]], None]) -> str:
    """A copy of own.onnx with another graph or other metadata."""
    model = onnx.load(folder / "own.onnx")
    said = {entry.key: entry.value for entry in model.metadata_props}
    change(model, said)
    onnx.helper.set_model_props(model, said)
    onnx.save(model, folder / name)
    return str(folder / name)


@pytest.mark.parametrize(("file", "source"), [("own.onnx", "encoder.safetensors"), ("compact.onnx", "compact")])
def test_numbers_are_those_of_the_model(folder: Path, file: str, source: str) -> None:
    where = folder / source if source.endswith(".safetensors") else source
    model, wanted = open_exported(str(folder / file), CPU), open_model(where, kind="image", device="cpu")
    for what in ("encoder_name", "classes", "temperature", "input_size", "channels", "parameters"):
        assert getattr(model, what) == getattr(wanted, what)
    assert model.meta.get("class_shares", []) == wanted.meta.get("class_shares", [])
    faces = stills(9, size=model.input_size)
    assert model.predict(faces) == pytest.approx(wanted.predict(faces), abs=1e-4)
    assert model.runtime.startswith("onnxruntime ")
    video = open_exported_video(str(folder / file), CPU)
    outputs = video.look(video.encode(faces)[None], np.ones((1, 9), bool), np.arange(9)[None] / 10)
    assert video.read(outputs[0])[0] == pytest.approx(model.predict(faces), abs=1e-6)


def test_an_evaluation_is_that_of_the_model(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    data = str(write_stills(tmp_path))
    ours, wanted = (
        evaluate_encoder(EvaluateSettings(model, data)) for model in (str(folder / "compact.onnx"), "compact")
    )
    assert ours.as_given.confusion == wanted.as_given.confusion
    assert (ours.prior, ours.parameters, ours.classes) == (wanted.prior, wanted.parameters, wanted.classes)
    assert ours.as_given.ece == pytest.approx(wanted.as_given.ece, abs=1e-4)


def test_a_loaded_file(folder: Path) -> None:
    model = seqfer.load_model(folder / "own.onnx", device="cpu")
    assert model.predict(stills(2)).shape == (2, 7)
    with pytest.raises(WeightsError, match=r"own\.onnx: an exported model gives no features"):
        model.embed(stills(2))


@pytest.mark.parametrize("command", ["annotate-video", "evaluate"])
def test_a_command_imports_no_torch(folder: Path, tmp_path: Path, command: str) -> None:
    arguments = [command, "--device", "cpu", "--out", str(tmp_path / "out")]
    if command == "evaluate":
        arguments += [str(folder / "own.onnx"), "--data", str(write_stills(tmp_path))]
    else:
        film = write_drawn_film(tmp_path / "film.mp4", there=12, gone=2)
        arguments += [str(film), "--model", str(folder / "own.onnx"), "--valence", "--detector", "haar", "--quiet"]
    code = (
        "import sys; from seqfer.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print(sorted({'torch', 'torchvision', 'scipy', 'sklearn', 'pandas', 'onnx'} & set(sys.modules)))"
    )
    environment = {**os.environ, "SEQFER_CACHE": str(tmp_path / "cache")}
    run = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(run, capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr
    record = next((tmp_path / "out").glob("evaluate.json" if command == "evaluate" else "summary.json"))
    assert "onnxruntime " in record.read_text()


def without(key: str) -> Callable[[onnx.ModelProto, dict[str, str]], None]:
    return lambda model, said: said.pop(key) and None


def stating(**values: Any) -> Callable[[onnx.ModelProto, dict[str, str]], None]:
    return lambda model, said: said.update({k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()})


def renamed(model: onnx.ModelProto, said: dict[str, str]) -> None:
    model.graph.input[0].name = "pictures"
    for node in model.graph.node:
        node.input[:] = ["pictures" if name == "images" else name for name in node.input]


BROKEN = {
    "metadata": (without("classes"), r"its metadata have no classes; give a \.onnx file that `seqfer export` wrote"),
    "json": (stating(classes="[1"), "its metadata cannot be read"),
    "class": (stating(classes=["joy"] * 7), "classes has 'joy'; allowed: anger"),
    "count": (stating(classes=["anger", "fear"]), r"its logits are not float32 of shape \(2, 2\)"),
    "size": (stating(input_size_px=31), "its graph is not what its metadata say"),
    "huge": (stating(input_size_px=100000), "input_size is 100000"),
    "channels": (stating(channels=2), "channels, input_size_px or parameters that no model has"),
    "temperature": (stating(temperature=-1), "temperature is -1"),
    "input": (
        renamed,
        "it takes pictures, not images alone; export the model again|it takes pictures, not images alone",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_does_not_fit_is_one_line(folder: Path, name: str) -> None:
    change, message = BROKEN[name]
    with pytest.raises(WeightsError, match=message) as error:
        open_exported(changed(folder, f"broken-{name}.onnx", change), CPU)
    assert "\n" not in str(error.value)
    assert f"broken-{name}.onnx" in str(error.value)


def test_files_that_are_no_models(folder: Path, tmp_path: Path) -> None:
    content = (folder / "own.onnx").read_bytes()
    (tmp_path / "half.onnx").write_bytes(content[: len(content) // 2])
    (tmp_path / "text.onnx").write_text("no network")
    (tmp_path / "empty.onnx").write_bytes(b"")
    (tmp_path / "folder.onnx").mkdir()
    for name in ("half", "text", "empty", "folder", "missing"):
        with pytest.raises(
            WeightsError, match=rf"{name}\.onnx: .*; give a \.onnx file that `seqfer export` wrote"
        ) as error:
            open_exported(str(tmp_path / f"{name}.onnx"), CPU)
        assert "\n" not in str(error.value)
    with pytest.raises(WeightsError, match=r"track\.onnx: takes the faces of a whole track \(head average\)"):
        open_exported(str(folder / "track.onnx"), CPU)


@pytest.mark.parametrize(
    "asked",
    [
        {"head": "average"},
        {"precision": "int8"},
        {"valence": True, "valence_method": "model"},
        {"valence": True, "valence_model": "levels.safetensors"},
        {"runtime": "torch"},
    ],
)
def test_what_an_exported_file_does_not_hold_is_refused(folder: Path, asked: dict[str, Any]) -> None:
    name = next(key for key in reversed(asked) if key != "valence")
    with pytest.raises(SettingsError, match=f"{name} is '{asked[name]}'"):
        open_video_model(AnnotateSettings(model=str(folder / "own.onnx"), **asked))


def test_torch_does_not_read_it(folder: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"runtime is 'torch', but a \.onnx file is computed by ONNX Runtime; omit --runtime"
    ):
        open_image_model(str(folder / "own.onnx"), runtime="torch")
    with pytest.raises(SeqferError, match="precision is 'int8'"):
        open_image_model(str(folder / "own.onnx"), precision="int8")
