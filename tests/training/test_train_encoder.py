"""`seqfer train` and `seqfer evaluate` end to end on drawn images: seeds, resuming, distillation, two processes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from drawn_stills import write_stills

from seqfer.cli import main
from seqfer.models.weights import load_tensors, save_tensors


@pytest.fixture(scope="module")
def stills(module_cache, tmp_path_factory):
    return write_stills(tmp_path_factory.mktemp("stills"))


SETTINGS = [
    "encoder='tiny'",
    "training.epochs=8",
    "training.batch_size=10",
    "training.votes=0.5",
    "held_back=0.2",
    "training.precision='fp32'",
]
SETTINGS += ["training.augment=0.2", "training.cutout=0.0"]


def train(stills, out, *more):
    return main(
        [
            "train",
            "--data",
            str(stills),
            "--out",
            str(out),
            "--quiet",
            *(x for s in SETTINGS for x in ("--set", s)),
            *more,
        ]
    )


@pytest.fixture(scope="module")
def trained(stills, tmp_path_factory):
    out = tmp_path_factory.mktemp("train") / "run"
    assert train(stills, out) == 0
    return out


def test_train_then_evaluate(stills, trained, tmp_path, capsys):
    assert (
        main(
            [
                "evaluate",
                str(trained / "encoder.safetensors"),
                "--data",
                str(stills),
                "--split",
                "PublicTest",
                "--out",
                str(tmp_path),
            ]
        )
        == 0
    )
    report = json.loads((tmp_path / "evaluate.json").read_text())
    assert report["as_given"]["count"] == 50
    assert report["without_crossing_duplicates"]["count"] == 49
    assert report["as_given"]["accuracy"] > 0.8
    assert report["temperature"] > 0
    assert sum(map(sum, report["as_given"]["confusion"])) == 50
    assert "<html" in (tmp_path / "evaluate.html").read_text()
    assert "accuracy" in capsys.readouterr().out


def test_only_the_classes_asked_for(stills, trained, tmp_path):
    arguments = [
        "evaluate",
        str(trained / "encoder.safetensors"),
        "--data",
        str(stills),
        "--classes",
        "six",
        "--mirror",
        "--out",
        str(tmp_path),
    ]
    assert main(arguments) == 0
    report = json.loads((tmp_path / "evaluate.json").read_text())
    assert report["classes"] == ["anger", "disgust", "fear", "happiness", "sadness", "surprise"]
    assert report["mirror"] is True


def test_same_seed_same_weights_and_resume(stills, trained, tmp_path):
    assert train(stills, tmp_path / "again") == 0
    assert (tmp_path / "again" / "encoder.safetensors").read_bytes() == (trained / "encoder.safetensors").read_bytes()
    assert train(stills, tmp_path / "again", "--resume") == 0
    assert (tmp_path / "again" / "encoder.safetensors").read_bytes() == (trained / "encoder.safetensors").read_bytes()


def test_distillation_from_a_file_and_a_start(stills, trained, tmp_path, capsys):
    weights = tmp_path / "known.safetensors"
    weights.write_bytes((trained / "encoder.safetensors").read_bytes())
    more = ["--set", f"teachers=['{weights}']", "--set", "training.distillation=0.5", "--set", f"start={weights}"]
    assert train(stills, tmp_path / "student", *more) == 0
    assert main(["train", "--out", str(tmp_path / "student"), "--resume", "--quiet"]) == 0
    tensors, meta = load_tensors(weights)
    kept = {key: value for key, value in meta.items() if key != "sha256"}
    save_tensors(weights, {name: tensor * 1.01 for name, tensor in tensors.items()}, kept)
    capsys.readouterr()
    assert main(["train", "--out", str(tmp_path / "student"), "--resume", "--quiet"]) == 2
    assert "_checksum" in capsys.readouterr().err  # other weights under the old name
    save_tensors(weights, tensors, {**kept, "classes": kept["classes"][::-1]})
    assert train(stills, tmp_path / "other", "--set", f"start={weights}") == 2
    assert "start = " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--set", "training.distillation=0.5"], "teachers"),
        (["--set", "classes='five'"], "unknown class list"),
        (["--set", "split='Nowhere'"], "no split 'Nowhere'; it has: PublicTest, Training"),
        (["--set", "encoder='nothing'"], "unknown encoder"),
        (["--set", "start='nothing.safetensors'"], "cannot be read"),
        (["--set", "held_back=0.9"], "held_back"),
        (["--set", "training.learning_rate=1e30"], "learning_rate"),
        (["--config", "nothing.toml"], "cannot be read"),
    ],
)
def test_bad_settings_are_one_line(stills, tmp_path, capsys, more, said):
    assert train(stills, tmp_path / "bad", *more) == 2
    message = capsys.readouterr().err.strip()
    assert said in message
    assert "\n" not in message


def test_bad_evaluations(stills, trained, tmp_path, capsys):
    model = str(trained / "encoder.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(Path(model).read_bytes()[:200])
    for arguments, said in (
        ([model, "--data", str(stills), "--split", "Dev"], "no split 'Dev'"),
        ([model, "--data", str(stills), "--classes", "seven"], "the model does not know contempt"),
        ([str(tmp_path / "broken.safetensors"), "--data", str(stills)], "damaged"),
        (["atlantis", "--data", str(stills)], "atlantis"),
    ):
        assert main(["evaluate", *arguments, "--out", str(tmp_path / "o")]) == 2
        message = capsys.readouterr().err.strip()
        assert said in message
        assert "\n" not in message


def test_two_processes_train_one_model(stills, tmp_path):
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "--master-port",
        "29533",
        "-m",
        "seqfer",
        "train",
    ]
    command += [
        "--data",
        str(stills),
        "--out",
        str(tmp_path / "two"),
        "--quiet",
        *(x for s in SETTINGS for x in ("--set", s)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    out = str(tmp_path / "two" / "encoder.safetensors")
    assert main(["evaluate", out, "--data", str(stills), "--split", "PublicTest", "--out", str(tmp_path / "e")]) == 0
    assert json.loads((tmp_path / "e" / "evaluate.json").read_text())["as_given"]["accuracy"] > 0.7
