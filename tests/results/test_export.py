"""`seqfer.export`: files that ONNX Runtime and torch read without seqfer, with the numbers of seqfer."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from tiny_models import film_model

import seqfer
from seqfer.metrics.calibration import tempered_softmax
from seqfer.models.opening import open_model
from seqfer.results import export as results_export
from seqfer.tracks.crops import EYES_Y

ALONE = r"""
import json, sys
import numpy as np, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
inputs = {key: value for key, value in np.load(sys.argv[2]).items()}
np.save(sys.argv[3], session.run(["probabilities"], inputs)[0])
assert not {name for name in sys.modules if name.split(".")[0] in ("seqfer", "torch", "onnx")}
"""


def faces(count: int, size: int, seed: int = 0) -> np.ndarray:
    """Grey faces (face size size) that change slowly, so that an average over time takes in several of them."""
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, 256, (2, size // 4, size // 4)).repeat(4, 1).repeat(4, 2)
    share = np.linspace(0, 1, count)[:, None, None] ** 2
    return (
        ((1 - share) * ends[0] + share * ends[1] + rng.integers(0, 4, (count, size, size)))
        .clip(0, 255)
        .astype(np.uint8)
    )


def of_a_video(model: str, stack: np.ndarray, head: str, causal: bool = False) -> np.ndarray:
    """Probabilities (time class) of one track whose faces are a tenth of a second apart, by seqfer."""
    film = open_model(model, kind="video", device="cpu", causal=causal)
    film = film.averaging() if head == "average" else film
    times_s, mask = np.arange(len(stack))[None] / 10, np.ones((1, len(stack)), dtype=bool)
    return film.read(film.look(film.encode(stack)[None], mask, times_s)[0])[0]


def run(path: Path, stack: np.ndarray) -> list[np.ndarray]:
    """logits and probabilities of faces a tenth of a second apart, by ONNX Runtime."""
    session = onnxruntime.InferenceSession(path)
    known = {"images": stack[:, None].astype(np.float32) / 255, "times_s": np.arange(len(stack)) / 10}
    return session.run(None, {one.name: known[one.name] for one in session.get_inputs()})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> seqfer.ExportedModel:
    return seqfer.export("small", tmp_path_factory.mktemp("small") / "small.onnx")


@pytest.mark.parametrize("tier", ["small", "compact"])
def test_included_models_in_onnx_runtime_alone(tier: str, tmp_path: Path) -> None:
    made = seqfer.export(tier, tmp_path / "m.onnx")
    model = open_model(tier, kind="image", device="cpu")
    assert made.record.largest_difference < 1e-4
    assert made.record.mirrored_view.startswith("in the model") == model.mirrored == (tier == "compact")
    for count in (1, 5):
        stack = faces(count, model.input_size)
        np.savez(tmp_path / "inputs.npz", images=stack[:, None].astype(np.float32) / 255)
        words = [sys.executable, "-c", ALONE, *map(str, (made.path, tmp_path / "inputs.npz", tmp_path / "p.npy"))]
        assert subprocess.run(words, capture_output=True, text=True, check=False).stderr == ""
        np.testing.assert_allclose(np.load(tmp_path / "p.npy"), model.predict(stack), atol=1e-4)


@pytest.mark.parametrize(("head", "causal"), [("average", False), ("temporal", False), ("temporal", True)])
def test_included_heads_on_a_track(head: str, causal: bool, tmp_path: Path) -> None:
    made = seqfer.export("compact", tmp_path / "m.onnx", head=head, causal=causal)
    assert made.record.head == ("average" if head == "average" else "lstm" if causal else "bilstm")
    for count in (1, 2, 40):
        stack = faces(count, 48)
        logits, probabilities = run(made.path, stack)
        wanted = of_a_video("compact", stack, head, causal)
        np.testing.assert_allclose(probabilities, wanted, atol=1e-4)
        np.testing.assert_allclose(tempered_softmax(logits, made.record.temperature), wanted, atol=1e-4)
    alone = open_model("compact", kind="image", device="cpu").predict(stack)
    assert np.abs(probabilities - alone).max() > 0.01  # the head does change something on this track


@pytest.mark.parametrize("head", ["lstm", "bilstm", "gru", "mean"])
def test_a_trained_head_and_its_encoder(head: str, tmp_path: Path) -> None:
    path, _, _ = film_model(tmp_path, head)
    made = seqfer.export(path, tmp_path / "m.onnx")
    stack = faces(9, 24)
    np.testing.assert_allclose(run(made.path, stack)[1], of_a_video(str(path), stack, "temporal"), atol=1e-4)
    assert made.record.inputs.keys() == {"images"}
    encoder = seqfer.export(tmp_path / "encoder.safetensors", tmp_path / "e.onnx")
    wanted = open_model(tmp_path / "encoder.safetensors", kind="image", device="cpu").predict(stack)
    np.testing.assert_allclose(run(encoder.path, stack)[1], wanted, atol=1e-4)


def test_the_metadata_describes_the_model(small: seqfer.ExportedModel) -> None:
    about = onnxruntime.InferenceSession(small.path).get_modelmeta().custom_metadata_map
    model = open_model("small", kind="image", device="cpu")
    assert json.loads(about["classes"]) == list(model.classes)
    assert json.loads(about["temperature"]) == model.temperature
    assert json.loads(about["sha256"]) == {"encoder": model.checksum}
    assert (about["encoder"], about["head"], about["colour"]) == ("resezap_mirrored", "none", "grey")
    assert (int(about["input_size_px"]), int(about["channels"])) == (model.input_size, model.channels)
    assert json.loads(about["crop"])["eyes_y"] == EYES_Y
    assert about["mirrored_view"].startswith("none, except")
    assert "softmax(logits / temperature)" in about["softmax"]
    assert about["seqfer"] == seqfer.__version__
    assert str(small).startswith(f"{small.path}: resezap_mirrored, head none, ")


@pytest.mark.parametrize("head", ["none", "average"])
def test_torchs_format(head: str, tmp_path: Path) -> None:
    made = seqfer.export("compact", tmp_path / "m.pt2", format="torch", head=head)
    extra = {"seqfer.json": ""}
    program = torch.export.load(io.BytesIO(made.path.read_bytes()), extra_files=extra).module()
    assert json.loads(extra["seqfer.json"])["classes"] == list(made.record.classes)
    for count in (2, 11):
        stack = faces(count, 48)
        inputs = [torch.from_numpy(stack[:, None].astype(np.float32) / 255), torch.arange(count).double() / 10]
        found = program(*inputs[: len(made.record.inputs)])[1].detach().numpy()
        model = open_model("compact", kind="image", device="cpu")
        wanted = model.predict(stack) if head == "none" else of_a_video("compact", stack, "average")
        np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_the_default_file_is_named_after_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _, _ = film_model(tmp_path, "mean")
    monkeypatch.chdir(tmp_path)
    assert seqfer.export(path).path == Path("mean.onnx")
    assert (tmp_path / "mean.onnx").is_file()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model": "large"}, "allowed: small, compact|for encoder 'large'"),
        ({"model": "small", "head": "temporal"}, "small has no head that is temporal; give head none or auto"),
        ({"model": "compact", "head": "average", "causal": True}, "causal is true, but head is 'average'"),
        ({"model": "compact", "head": "temporal", "format": "torch", "out": "m.pt2"}, "holds no recurrent head"),
        ({"model": "small", "out": "m.pt2"}, r"m\.pt2: format onnx is written to a file that ends in \.onnx"),
        ({"model": "small", "format": "tflite"}, "format = 'tflite'; allowed: onnx, torch"),
        ({"model": "FILE", "head": "none"}, "give the file of its encoder, or head auto"),
        ({"model": "FILE", "head": "average"}, "has no head that is average"),
        ({"model": "LEVELS"}, "is a valence model; give a model of emotions"),
    ],
)
def test_what_cannot_be_exported_is_one_line(settings: dict[str, object], said: str, tmp_path: Path) -> None:
    from seqfer.models.included import SHIPPED_VALENCE

    places = {"FILE": film_model(tmp_path, "mean")[0], "LEVELS": SHIPPED_VALENCE["mobilenet"].path}
    model, out = places.get(settings["model"], settings["model"]), tmp_path / settings.get("out", "m.onnx")
    others = {name: value for name, value in settings.items() if name not in ("model", "out")}
    with pytest.raises(seqfer.SeqferError, match=said) as error:
        seqfer.export(model, out, **others)
    assert "\n" not in str(error.value)
    assert not out.exists()


def test_without_the_package_onnx_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(seqfer.SettingsError, match=r"pip install seqfer\[onnx\]") as error:
        seqfer.export("small", tmp_path / "m.onnx")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "m.onnx").exists()


def test_a_file_that_would_compute_other_numbers_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_export, "LARGEST_DIFFERENCE", -1.0)
    with pytest.raises(seqfer.SettingsError, match="so nothing is written"):
        seqfer.export(film_model(tmp_path, "mean")[0], tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def test_an_encoder_that_cannot_be_exported_is_named(tmp_path: Path) -> None:
    from seqfer.core import registry
    from seqfer.core.emotions import class_list
    from seqfer.models.weights import save_encoder

    hog = registry.find("baselines", "linear_svm_hog").build()
    save_encoder(tmp_path / "hog.safetensors", "linear_svm_hog", hog, class_list("fer2013"), {})
    for form, suffix in (("onnx", ".onnx"), ("torch", ".pt2")):
        with pytest.raises(
            seqfer.SettingsError, match=rf"hog\.safetensors cannot be exported as {form}|differ by"
        ) as error:
            seqfer.export(tmp_path / "hog.safetensors", tmp_path / f"m{suffix}", format=form)
        assert "\n" not in str(error.value)


def test_the_example_of_the_docs_runs(
    small: seqfer.ExportedModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
    monkeypatch.chdir(small.path.parent)
    exec(re.findall(r"^```python\n(.*?)^```", page, flags=re.M | re.S)[0], {})
    assert capsys.readouterr().out.strip() in small.record.classes


def test_a_loaded_model_is_exported_as_its_file_is(tmp_path: Path) -> None:
    film_model(tmp_path)
    file = tmp_path / "encoder.safetensors"
    model = seqfer.load_model(file, device="cpu")
    made = seqfer.export(model, tmp_path / "loaded.onnx")
    assert made.record == seqfer.export(file, tmp_path / "named.onnx").record
    pictures = faces(3, 24)
    np.testing.assert_allclose(run(made.path, pictures)[1], model.predict(pictures), atol=1e-5)
    weights = bytearray(file.read_bytes())
    weights[-1] ^= 1  # the last value, in its last byte
    file.write_bytes(weights)
    with pytest.raises(
        seqfer.WeightsError, match="other weights than the model that was loaded from it; load it again"
    ):
        seqfer.export(model, tmp_path / "other.onnx")
    assert not (tmp_path / "other.onnx").exists()
