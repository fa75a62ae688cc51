"""`seqfer prepare-films`: options become settings; the manifest is written, counted, and its notes are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_calls import recorded, refused

from seqfer.cli import main
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, read_manifest


@pytest.fixture
def work(monkeypatch, tmp_path):
    recorded(monkeypatch, "seqfer.film.detector_choice.choose_detector", "the detector")
    clips = tuple(
        Clip(
            f"{person}-{k}", person, None, tuple(f"{k}.npy#{i}" for i in range(count)), "videos", valence=(0.5,) * count
        )
        for person, k, count in (("ann", 0, 3), ("ann", 1, 4), ("ben", 0, 5))
    )
    made = Manifest("videos", (), clips, tmp_path, notes=("c.mp4 has no annotation.",))
    return recorded(monkeypatch, "seqfer.film.clips.film_clips", made)


def test_options_and_counts(work, tmp_path, capsys):
    out = tmp_path / "videos.jsonl"
    words = ["prepare-films", "a.mp4", "b.mp4", "--annotations", "ratings", "--axis", "Valence", "--lag-s", "2.5"]
    assert main([*words, "--range=-100,100", "--fps", "5", "-o", str(out), "--quiet"]) == 0
    (films, annotations, file, detector, settings, _), _ = work.only
    assert (films, annotations) == ([Path("a.mp4"), Path("b.mp4")], [Path("ratings")])
    assert (file, detector) == (out, "the detector")
    assert (settings.axis, settings.lag_s, settings.fps) == ("Valence", 2.5, 5.0)
    assert capsys.readouterr().out.splitlines() == [
        f"{out}: 3 clips, 12 frames, 2 people",
        "  note: c.mp4 has no annotation.",
    ]
    assert [len(clip.frames) for clip in read_manifest(out).clips] == [3, 4, 5]


def test_bad_options_are_one_line_and_nothing_is_written(work, tmp_path, capsys):
    words = ["prepare-films", "a.mp4", "--annotations", "r", "-o", str(tmp_path / "x.jsonl")]
    assert "fps = -1" in refused(capsys, *words, "--fps", "-1")
    assert not work.calls
    assert not list(tmp_path.iterdir())
