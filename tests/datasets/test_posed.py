"""The embedded corpus: same bytes twice, classes that differ in nothing but the face, valence per frame, manifest as every corpus."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import SettingsError
from seqfer.corpus.manifest import Manifest, read_manifest, write_manifest
from seqfer.corpus.published import published
from seqfer.datasets import posed


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    out = tmp_path_factory.mktemp("posed") / "posed.jsonl"
    manifest = posed.prepare(None, out, people=2)
    write_manifest(manifest, out)
    return manifest


def test_two_runs_give_the_same_bytes(corpus: Manifest, tmp_path: Path) -> None:
    again = posed.prepare(Path("nowhere"), tmp_path / "posed.jsonl", people=2)
    assert again.clips == corpus.clips
    assert (tmp_path / "posed.faces.npy").read_bytes() == (corpus.root / "posed.faces.npy").read_bytes()


def test_manifest_round_trips_and_every_frame_is_there(corpus: Manifest) -> None:
    assert read_manifest(corpus.root / "posed.jsonl") == corpus
    stack = np.load(corpus.root / "posed.faces.npy")
    references = [frame for clip in corpus.clips for frame in clip.frames]
    assert references == [f"posed.faces.npy#{i}" for i in range(len(stack))]
    assert stack.dtype == np.uint8
    assert stack.shape[1:] == (64, 64)
    assert stack.std(axis=(1, 2)).min() > 4  # no blank frame


def test_clips_say_what_the_card_promises(corpus: Manifest) -> None:
    assert corpus.corpus == "posed"
    assert len(corpus.people) == 2
    assert len(corpus.clips) == 14
    assert corpus.classes == ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    assert corpus.notes == ("2 people instead of 48",)
    for clip in corpus.clips:
        assert set(clip.attributes) == {"tone", "glasses", "beard", "style", "path"}
        assert clip.valence is not None
        assert clip.valence[0] == 0
        assert 8 <= len(clip.frames) <= 24


def test_class_lists_choose_clips_without_changing_them(corpus: Manifest, tmp_path: Path) -> None:
    six = posed.prepare(None, tmp_path / "six.jsonl", classes="six", people=2)
    assert six.classes == ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
    stacks = np.load(tmp_path / "six.faces.npy"), np.load(corpus.root / "posed.faces.npy")
    for clip in six.clips:
        same = next(c for c in corpus.clips if c.clip == clip.clip)
        for mine, theirs in zip(clip.frames, same.frames, strict=True):
            pictures = (stack[int(ref.rpartition("#")[2])] for stack, ref in zip(stacks, (mine, theirs), strict=True))
            assert np.array_equal(*pictures)


def test_lengths_and_paths_tell_no_class() -> None:
    plan = posed._plan(posed.PEOPLE)
    by_class = {
        emotion: [plan[seed, emotion] for seed in range(posed.PEOPLE)]
        for emotion in ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
    }
    assert len({tuple(sorted(frames for frames, _ in rows)) for rows in by_class.values()}) == 1
    assert len({Counter(path for _, path in rows)["crossed"] for rows in by_class.values()}) == 1


def test_published_counts_are_the_plans() -> None:
    facts, plan = published("posed"), posed._plan(posed.PEOPLE)
    assert facts["clips"] == len(plan) == sum(facts["clips_by_class"].values())
    assert facts["frames"] == sum(frames for frames, _ in plan.values())
    assert facts["people"] == posed.PEOPLE
    assert set(facts["clips_by_class"]) == {emotion for _, emotion in plan}


def test_bad_settings_are_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="people"):
        posed.prepare(None, tmp_path / "a.jsonl", people=1)
    with pytest.raises(SettingsError, match="class list"):
        posed.prepare(None, tmp_path / "a.jsonl", classes="eleven", people=2)
    assert not list(tmp_path.iterdir())
