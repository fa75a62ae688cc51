"""The summary of an annotated video: the latency of a row, and where its valence comes from."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from seqfer.film.opening import Components
from seqfer.film.settings import AnnotateSettings
from seqfer.film.summary import NORMS_SOURCE, _latency, _valence
from seqfer.models.opening import open_model
from seqfer.runs.kinds.annotate_video import ValenceFacts
from seqfer.tracks.following import FollowSettings
from tests.tiny_models import film_model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A bidirectional and a causal model."""
    return {
        head: open_model(film_model(tmp_path_factory.mktemp(head), head)[0], kind="video")
        for head in ("bilstm", "lstm")
    }


def latency(model, hz, **settings):
    """Of a source of that frame rate."""
    used = Components(AnnotateSettings(), model, None, FollowSettings(**settings))
    return _latency(SimpleNamespace(info=SimpleNamespace(frame_rate_hz=hz)), used)


def test_latency_is_the_step_of_detection_and_three_blocks_of_64(models):
    causal = models["lstm"]
    said = "{} frames for detection and 192 for blocks that are read and encoded"
    assert latency(causal, 25.0, detect_hz=4.0) == said.format(7)  # 25 / 4 = 6.25
    assert latency(causal, 100.0, detect_hz=4.0) == said.format(15)  # the most that one step may have
    assert latency(causal, np.nan, detect_hz=4.0) == said.format(15)


def test_a_bidirectional_head_waits_for_its_window_and_for_faces_that_are_away(models):
    said = latency(models["bilstm"], 25.0, detect_hz=4.0, max_gap_s=2.5)
    assert said.startswith("7 frames for detection and 192 for blocks that are read and encoded, and ")
    assert said.endswith("for the window of a bidirectional head; while a face is away 2.5 s more")


def test_valence_is_that_of_norms_or_of_a_model_that_averages_where_later_frames_are_used(models):
    files = SimpleNamespace(differing=3, counts=SimpleNamespace(face_rows=12))
    assert _valence(models["lstm"], files) == ValenceFacts(method="norms", source=NORMS_SOURCE)
    reader = SimpleNamespace(head=None, causal=True, source="votes", name="compact", checksum="ab")
    for head, averaged in (("bilstm", True), ("lstm", False)):
        said = _valence(replace(models[head], valence=reader), files)
        assert (said.method, said.source, said.checksum) == ("model", "votes", "ab")
        assert (said.average_within_s > 0) is averaged
        assert said.differs_from_emotions == 0.25
    nobody = SimpleNamespace(differing=0, counts=SimpleNamespace(face_rows=0))
    assert np.isnan(_valence(replace(models["lstm"], valence=reader), nobody).differs_from_emotions)
