"""Runs every command in this process, on drawn content, and prints a JSON list of [command, exit code]; called by tests/test_security.py."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
from coded_videos import intensities, write_disfa, write_results
from drawn_film import write_drawn_film
from drawn_traces import wave, write_rater, write_run
from mock_corpus import write_mock

from seqfer.cli import main
from seqfer.core.emotions import EMOTIONS
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, read_manifest, write_manifest
from seqfer.film.corrections import Exclude, write_corrections

TINY = "--set encoder=tiny --set classes=all --set split= --set held_back=0.3 --set training.epochs=1"
CALLS = (
    f"""
datasets
models
prepare folder folder -o folder.jsonl
prepare-films a.mp4 --annotations a_ann.csv --detector haar --range=-1,1 -o films/clips.jsonl
annotate-video a.mp4 --valence --overlay --formats elan,webvtt --out film --jobs 1
annotate-video a.mp4 b.mp4 --out films2 --jobs 2
apply-corrections film --out corrected
evaluate-trace film a_ann.csv --out traces
evaluate-aus coded/results coded/labels --samples 10 --out action_units
calibrate-valence study ratings --out calibrated
study init seen
study run seen/study.toml
study report seen/study.toml
study status seen/study.toml
study transcode b.mp4
train --data mock/mock.jsonl --out train {TINY}
train-head --set data=stills.jsonl --set split= \\
  --set held_back=0.3 --set sequences=8 --set held_back_sequences=4 --set length=8 --set training.epochs=1 --out head
train-valence --set data=stills.jsonl --set split= --set held_back=0.3 --out valence
train-valence-head --set data=rated.jsonl --set encoder=train/encoder.safetensors --set held_back=0.34 --set training.epochs=1 --out valence-head
cv --data mock/mock.jsonl --folds 2 --encoder tiny --encoder-weights train/encoder.safetensors --set head_training.epochs=1 --jobs 2 --out cv
cv --resume --out cv
evaluate train/encoder.safetensors --data mock/mock.jsonl --out one
evaluate train/encoder.safetensors --data mock/mock.jsonl --out two
evaluate-valence valence/valence.safetensors --data stills.jsonl --split Training --mean-of Training --out three
compare one two --out compared
ensemble train/encoder.safetensors small --data other.jsonl --fit-share 0.3 --common-classes --out ensemble
stress train/encoder.safetensors --data mock/mock.jsonl --only mirror --out stress
transfer train/encoder.safetensors --data mock/mock.jsonl --unfreeze last:1 --stages all --folds 4 --set training.epochs=1 --jobs 1 --out transfer
leaderboard one cv train --groups --out board
export train/encoder.safetensors -o model.onnx
""".replace("\\\n", "")
    .strip()
    .splitlines()
)


def prepare() -> None:
    """What the calls need, in the working folder."""
    mock = read_manifest(write_mock(Path("mock")))
    shutil.copy("mock/mock.npy", "mock.npy")
    coded = intensities()
    write_disfa(Path("coded", "labels"), coded)
    write_results(Path("coded", "results"), coded)
    text = Path("mock", "mock.jsonl").read_text().replace('"corpus": "mock"', '"corpus": "other"')
    Path("other.jsonl").write_text(text)  # nobody is known to have been trained on it
    votes = {name: tuple(9.0 * (name == emotion) + 0.5 for emotion in EMOTIONS) for name in mock.classes}
    stills = [
        Clip(f"{clip.clip}{n}", clip.person, clip.label, (frame,), "mock", "Training", votes=votes[str(clip.label)])
        for clip in mock.clips
        for n, frame in enumerate(clip.frames)
    ]
    write_manifest(Manifest("mock", mock.classes, tuple(stills), Path()), Path("stills.jsonl"))
    rated = [
        Clip(c.clip, c.person, c.label, c.frames, "mock", valence=tuple(np.linspace(-0.5, 0.5, len(c.frames)).tolist()))
        for c in mock.clips
    ]
    write_manifest(Manifest("mock", mock.classes, tuple(rated), Path()), Path("rated.jsonl"))
    write_drawn_film(Path("a.mp4"), there=30, gone=2)
    write_drawn_film(Path("b.mp4"), there=4, gone=9)
    Path("seen").mkdir()
    for name in ("P1_film.mp4", "P2_film.mp4"):
        shutil.copy("b.mp4", Path("seen", name))
    write_rater(Path("a_ann.csv"), wave(), seconds=2)
    for k in range(3):
        write_run(Path("study") / f"f{k}-seqfer", wave(k), film=f"f{k}.mp4")
        write_rater(Path("ratings") / f"f{k}_ann.csv", wave(k), hz=5)
    for person in ("p1", "p2"):
        for label in ("anger", "happiness"):
            Path("folder", label, person).mkdir(parents=True)
            shutil.copy("a.mp4", Path("folder", label, person, "a.mp4"))


if __name__ == "__main__":
    prepare()
    done = []
    for call in CALLS:
        words = shlex.split(call)
        if words[0] == "apply-corrections":
            write_corrections(Path(words[1]), [Exclude(0.0, 0.5)])
        quiet = (
            []
            if words[0]
            in (
                "apply-corrections",
                "datasets",
                "models",
                "prepare",
                "compare",
                "evaluate",
                "evaluate-valence",
                "export",
                "train",
                "train-head",
                "train-valence",
                "train-valence-head",
            )
            else ["--quiet"]
        )
        try:
            code = main([*words, *quiet])
        except SystemExit as error:
            code = int(error.code or 0)
        done.append([call, code])
    print("\n" + json.dumps(done), file=sys.stdout)
