"""The Multi-PIE protocol of Khryashchev et al. 2018 from a drawn copy to its table: prepare, train, evaluate, as typed."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.cli import main
from seqfer.core.settings_files import read_settings
from seqfer.corpus.manifest import read_manifest
from seqfer.datasets import multipie
from seqfer.metrics.classification import class_scores

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "configs" / "multipie.toml"
PAPERS = json.loads((ROOT / "tests" / "golden" / "papers.json").read_text(encoding="utf-8"))
_spec = importlib.util.spec_from_file_location("paper_confusion", ROOT / "tools" / "paper_confusion.py")
assert _spec is not None
assert _spec.loader is not None
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)


def draw(path: Path, word: str, rng: np.random.Generator) -> None:
    """A square where each expression has its own bright field, so that a small net can tell them apart."""
    picture = rng.normal(80, 15, (128, 128))
    row, column = divmod(multipie.PAPER_WORDS.index(word), 3)
    picture[10 + 60 * row : 50 + 60 * row, 10 + 38 * column : 40 + 38 * column] += 140
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture.clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """Ten subjects in four sessions, two lights each."""
    root, rng = tmp_path_factory.mktemp("copy") / "multiview", np.random.default_rng(0)
    for subject in range(1, 11):
        for (session, recording), word in multipie.EXPRESSIONS.items():
            for light in ("00", "07"):
                name = f"{subject:03d}_{session}_{recording}_051_{light}.png"
                draw(root / f"{subject:03d}" / session / recording / "05_1" / name, word, rng)
    return root.parent


@pytest.fixture(scope="module")
def prepared(copy, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("made") / "multipie.jsonl"
    also = "squint=contempt,scream=fear"
    assert main(["prepare", "multipie", str(copy), "-o", str(out), "--also", also, "--test-share", "0.2"]) == 0
    return out


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQFER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def test_eighty_twenty_without_a_person_in_both(prepared):
    manifest = read_manifest(prepared)
    people = {s: {c.person for c in manifest.clips if c.split == s} for s in ("Training", "Test")}
    assert {s: len(p) for s, p in people.items()} == {"Training": 8, "Test": 2}
    assert not people["Training"] & people["Test"]
    assert manifest.classes == ("contempt", "disgust", "fear", "happiness", "surprise", "neutral")
    notes = "\n".join(manifest.notes)
    assert "scream has the label fear\nsquint has the label contempt" in notes
    assert "split by people with seed 0: Test 2 people, 44 clips (20.0%)" in notes


def test_the_config_is_the_papers():
    from seqfer.training.settings import TrainSettings

    settings = read_settings(TrainSettings, CONFIG)
    training = settings.training
    assert (training.optimizer, training.learning_rate, training.weight_decay) == ("sgd", 0.01, 0.0005)
    assert (training.augment, training.cutout, training.mixup) == (0, 0, 0)  # the mirror stays
    assert settings.encoder == "multipie_deep"


def test_from_pictures_to_the_papers_table(prepared, tmp_path, capsys, monkeypatch):
    """A small net in place of the paper's, which would take minutes on a processor; everything else is the config's."""
    sets = [
        "encoder='tiny'", "held_back=0.15", "training.epochs=12", "training.batch_size=16", "training.precision='fp32'",
        "training.augment=0.0",
    ]  # fmt: skip
    run = ["train", "--config", CONFIG, "--data", prepared, "--out", tmp_path / "run", "--quiet"]
    assert main([*map(str, run), *(word for s in sets for word in ("--set", s))]) == 0
    scored = ["evaluate", tmp_path / "run" / "encoder.safetensors", "--data", prepared, "--split", "Test"]
    assert main([*map(str, scored), "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "evaluate.json").read_text())
    assert report["as_given"]["count"] == 44
    capsys.readouterr()
    monkeypatch.setattr("sys.argv", ["paper_confusion.py", str(tmp_path / "evaluate.json")])
    tool.main()
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["predicted \\ real", *multipie.PAPER_WORDS]
    assert [line[0] for line in lines[1:7]] == list(multipie.PAPER_WORDS)
    counts = np.array([[int(cell) for cell in line[1:]] for line in lines[1:7]])
    pictures = {"smile": 8, "surprise": 4, "disgust": 4, "squint": 4, "scream": 4, "neutral": 20}
    assert (
        dict(zip(multipie.PAPER_WORDS, counts.sum(0).tolist(), strict=True)) == pictures
    )  # columns are what was posed
    assert np.trace(counts) / counts.sum() > 0.5


def test_the_papers_own_net_takes_a_step(prepared, tmp_path):
    """128x128 faces through `multipie_deep` with the config as it is, but for one epoch on a few pictures."""
    few = read_manifest(prepared)
    from dataclasses import replace

    from seqfer.corpus.manifest import write_manifest

    clips = [replace(c, frames=tuple(str(few.root / f) for f in c.frames)) for c in few.clips if c.split == "Training"]
    write_manifest(replace(few, clips=tuple(clips[::9])), tmp_path / "few.jsonl")
    run = ["train", "--config", CONFIG, "--data", tmp_path / "few.jsonl", "--out", tmp_path / "run", "--quiet"]
    sets = ["--set", "training.epochs=1", "--set", "training.batch_size=4", "--set", "held_back=0.3"]
    assert main([*map(str, run), *sets]) == 0


def test_their_table_2_comes_out_as_it_went_in():
    paper = PAPERS["khryashchev2018"]
    printed = np.array(paper["simple"]["confusion"])  # rows predicted
    assert tuple(paper["classes"]) == multipie.PAPER_WORDS
    ours = [tool.LABEL_OF[word] for word in paper["classes"]]
    order = np.argsort(ours)  # as an evaluation might have the classes
    words, counts = tool.merge_to_paper_classes(printed.T[np.ix_(order, order)], [ours[k] for k in order])
    assert tuple(words) == multipie.PAPER_WORDS
    assert counts.tolist() == printed.tolist()
    assert f"{class_scores(printed.T).precision[0]:.2f}" in tool.table(words, counts).splitlines()[7]


def test_options_that_cannot_be_used(copy, tmp_path, capsys):
    begin = ["prepare", "multipie", str(copy), "-o", str(tmp_path / "x.jsonl")]
    for arguments, said in (
        ([*begin, "--also", "squint"], "write it as WORD=EMOTION"),
        ([*begin, "--also", "smile=fear"], "cannot take 'smile' as 'fear'"),
        (
            ["prepare", "posed", "-o", str(tmp_path / "x.jsonl"), "--also", "a=fear"],
            "posed has no words that need --also",
        ),
    ):
        assert main(arguments) == 2
        line = capsys.readouterr().err
        assert said in line
        assert line.count("\n") == 1
