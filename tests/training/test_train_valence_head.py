"""`seqfer train-valence-head` end to end on drawn clips, and the people it holds out."""

import json

import numpy as np
import pytest
from mock_corpus import write_mock
from tiny_models import film_model

from seqfer.core.errors import InputError
from seqfer.corpus.manifest import read_manifest
from seqfer.models.film_files import add_valence
from seqfer.models.opening import open_model
from seqfer.training.settings import HeadTraining, ValenceHeadSettings
from seqfer.training.train_valence_head import _parted, train_valence_head


@pytest.fixture
def clips(tmp_path, monkeypatch):
    """A manifest of drawn clips whose valence rises or falls over the clip."""
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path / "cache"))
    path = write_mock(tmp_path / "data", people=6)
    head, *rows = (json.loads(line) for line in path.read_text().splitlines())
    for row in rows:
        row["valence"] = np.linspace(0, 0.9 if row["label"] == "happiness" else -0.9, len(row["frames"])).tolist()
    path.write_text("\n".join(json.dumps(row) for row in [head, *rows]))
    return path


def settings(clips, tmp_path, **more):
    film_model(tmp_path)
    training = HeadTraining(epochs=2, batch_size=4)
    encoder = str(tmp_path / "encoder.safetensors")
    return ValenceHeadSettings(data=str(clips), encoder=encoder, head="lstm", training=training, held_back=0.34, **more)


def test_it_trains_a_head_that_opens_as_a_valence_model(clips, tmp_path):
    chosen = settings(clips, tmp_path)
    first = train_valence_head(chosen, tmp_path / "a")
    assert (first.clips, first.held_back) == (12, 6)  # two of six people
    assert first.scores.n > 0
    again = train_valence_head(chosen, tmp_path / "b")
    assert again.sha256 == first.sha256
    history = json.loads((tmp_path / "a" / "history.json").read_text())
    assert len(history["train_loss"]) == 2
    model = add_valence(open_model(chosen.encoder, kind="video"), str(tmp_path / "a" / "sequence.safetensors"))
    assert model.valence is not None
    assert model.temporal
    assert model.output_dim == len(model.classes) + 1


def test_whole_people_are_held_out_and_at_least_one_is_trained_on(clips, tmp_path):
    manifest = read_manifest(clips)
    for share, count in ((0.01, 1), (0.34, 2), (0.5, 3)):
        chosen = ValenceHeadSettings(data=str(clips), held_back=share)
        train, kept = _parted(manifest, chosen)
        people = [{manifest.clips[k].person for k in part} for part in (train, kept)]
        assert not people[0] & people[1]
        assert len(people[1]) == count
        assert sorted([*train, *kept]) == list(range(len(manifest.clips)))
    same, other = (_parted(manifest, ValenceHeadSettings(data=str(clips), seed=s))[1].tolist() for s in (0, 3))
    assert _parted(manifest, ValenceHeadSettings(data=str(clips), seed=0))[1].tolist() == same
    assert other != same


def test_clips_without_valence_or_of_one_person_are_refused(clips, tmp_path):
    head, *rows = (json.loads(line) for line in clips.read_text().splitlines())
    clips.write_text("\n".join(json.dumps(row) for row in [head, *(r for r in rows if r["person"] == "p1")]))
    with pytest.raises(InputError, match="clips of 1 person; at least two are needed"):
        train_valence_head(settings(clips, tmp_path), tmp_path / "run")
    del rows[0]["valence"]
    clips.write_text("\n".join(json.dumps(row) for row in [head, *rows]))
    with pytest.raises(InputError, match="1 of 18 clips have no valence"):
        train_valence_head(settings(clips, tmp_path), tmp_path / "run")
    assert not (tmp_path / "run").exists()
