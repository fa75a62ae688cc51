"""A video in, rows out: what the generator gives, block by block."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.records import Detection, FaceRow
from seqfer.film import stream
from seqfer.film.stream import Pipeline, annotate
from seqfer.models.opening import open_model
from seqfer.tracks.following import FollowedFrame, FollowSettings
from seqfer.video import open_source
from tests.drawn_film import write_drawn_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(write_drawn_film(tmp_path_factory.mktemp("film") / "film.mp4", there=9, gone=0))


def detect(picture: np.ndarray) -> list[Detection]:
    return [Detection((60.0, 40.0, 180.0, 160.0), 0.9)]


def rows_of(film: Path, seen: list[FollowedFrame] | None = None, **more: object) -> list[FaceRow]:  # type: ignore[type-arg]
    model = open_model("compact", frames_alone=True, precision="fp32", kind="video")
    pipeline = Pipeline(detect, model, FollowSettings(longest_px=240), encode_hz=0.0, **more)  # type: ignore[arg-type]
    with open_source(str(film)) as source:
        return list(annotate(source.frames(), pipeline, on_face=(seen if seen is not None else []).append))


def test_one_row_per_frame_and_face_in_order(film: Path) -> None:
    seen: list[FollowedFrame] = []  # type: ignore[type-arg]
    rows = rows_of(film, seen)
    assert [row.frame for row in rows] == list(range(9)) == [followed.frame.index for followed in seen]
    assert {row.face for row in rows} == {1}
    assert all(row.probabilities is not None and sum(row.probabilities) == pytest.approx(1, abs=1e-5) for row in rows)


def test_valence_is_nan_unless_it_is_requested(film: Path) -> None:
    assert all(math.isnan(row.valence) for row in rows_of(film))
    assert all(-1 <= row.valence <= 1 for row in rows_of(film, valence=True))


def test_rows_do_not_depend_on_the_length_of_a_block(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rows_of(film, valence=True)
    monkeypatch.setattr(stream, "BLOCK", 4)
    for row, other in zip(rows_of(film, valence=True), whole, strict=True):
        assert (row.frame, row.face, row.box_xyxy_px) == (other.frame, other.face, other.box_xyxy_px)
        assert row.valence == pytest.approx(other.valence, abs=1e-5)
        assert row.probabilities == pytest.approx(other.probabilities, abs=1e-5)
