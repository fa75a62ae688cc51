"""What every corpus owes: its facts as data, its published counts, and one clear line for a folder that is something else."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from seqfer.cli import main
from seqfer.core import registry
from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError
from seqfer.core.records import Clip
from seqfer.corpus.published import compare, published

NAMES = registry.names("datasets")
OF_COPIES = tuple(name for name in NAMES if not getattr(registry.find("datasets", name), "EMBEDDED", False))


def test_the_known_corpora_are_found() -> None:
    assert {"ck+", "ck48", "folder", "fer2013", "kdef", "posed"} <= set(NAMES)
    assert "posed" not in OF_COPIES


@pytest.mark.parametrize("name", NAMES)
def test_a_module_says_what_it_is(name: str) -> None:
    module = registry.find("datasets", name)
    assert name == module.NAME
    for word in ("TITLE", "LICENCE", "SOURCE", "LAYOUT"):
        text = getattr(module, word)
        assert isinstance(text, str)
        assert text.strip() == text != ""
        assert "\n" not in text
    assert module.__doc__
    parameters = inspect.signature(module.prepare).parameters
    assert list(parameters)[:2] == ["root", "out"]
    assert parameters["classes"].default == "all"
    assert parameters["classes"].kind is inspect.Parameter.KEYWORD_ONLY
    assert {"also", "people"} & set(parameters) == set(getattr(module, "TAKES", ()))


@pytest.mark.parametrize("name", NAMES)
def test_the_published_facts_are_whole(name: str) -> None:
    facts = published(name)
    assert facts["name"] == name
    for key in ("title", "source", "licence", "layout"):
        assert facts[key].strip()
    assert facts["checked"]
    counts = facts.get("clips_by_class", {})
    assert set(counts) <= set(EMOTIONS)
    if counts and "clips" in facts:
        assert sum(counts.values()) == facts["clips"]


@pytest.mark.parametrize("name", OF_COPIES)
@pytest.mark.parametrize("kind", ["empty", "something else", "missing"])
def test_another_folder_is_refused_in_one_line(name: str, kind: str, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    if kind != "missing":
        root.mkdir()
    if kind == "something else":
        (root / "letters").mkdir()
        (root / "letters" / "mother.txt").write_text("Dear mother")
    with pytest.raises(InputError) as error:
        registry.find("datasets", name).prepare(root, tmp_path / "out.jsonl")
    message = str(error.value)
    assert "\n" not in message
    assert str(root) in message
    assert not (tmp_path / "out.jsonl").exists()


def test_an_unknown_corpus_has_no_facts() -> None:
    with pytest.raises(InputError, match=r"data_manifests/nothing\.toml: not found"):
        published("nothing")


def test_compare_counts_by_class_and_people() -> None:
    facts = {"clips_by_class": {"anger": 2, "fear": 1}, "people": 2, "clips_are": "takes"}
    clips = [Clip(str(i), f"p{i % 2}", label, ("a.png",), "x") for i, label in enumerate(("anger", "anger", "fear"))]
    assert compare(clips, facts) == []
    assert compare(clips[:1], facts) == ["partial copy: 1 of 3 takes; anger 1 of 2, fear 0 of 1", "people: 1 of 2"]
    assert compare(clips[:1], facts, ("anger",)) == ["partial copy: 1 of 2 takes; anger 1 of 2"]  # people are not known
    assert compare(clips, {}) == []


def test_the_command_lists_every_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets"]) == 0
    text = capsys.readouterr().out
    assert main(["datasets", "--json"]) == 0
    listed = {corpus["name"]: corpus for corpus in json.loads(capsys.readouterr().out)}
    assert set(listed) == set(NAMES)
    assert all(f"{name}: {listed[name]['title']}" in text for name in NAMES)
    assert listed["ck+"]["clips_by_class"]["contempt"] == 18


def test_a_corpus_of_copies_needs_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", "ck48", "-o", str(tmp_path / "m.jsonl")]) == 2
    assert "ck48 needs the folder of your copy" in capsys.readouterr().err
