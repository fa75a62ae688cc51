"""`seqfer.stream`: the rows of `seqfer.annotate` as they come; everything is released at the end, however it comes."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn_film import looks, write_drawn_film

import seqfer
from seqfer.video import sources

OPTIONS = {"detector": "haar", "model": "small"}


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn_film(tmp_path_factory.mktemp("video") / "drawn.mp4", there=20, gone=5)


def test_rows_are_those_of_the_table(video: Path) -> None:
    table = seqfer.annotate(video, valence=True, progress=False, **OPTIONS).frames
    with seqfer.stream(video, valence=True, **OPTIONS) as rows:
        assert rows.emotions == ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
        streamed = list(rows)
    assert len(streamed) == len(table)
    for row, (_, written) in zip(streamed, table.astype(object).iterrows(), strict=True):
        assert (row.frame, row.time_s, row.shot) == (written["frame"], written["time_s"], written["shot"])
        if row.face is None:
            assert (row.box_xyxy_px, row.emotion, dict(row.probabilities)) == (None, None, {})
            assert math.isnan(row.valence)
            continue
        assert (row.face, row.emotion, row.valence) == (written["face"], written["emotion"], written["valence"])
        assert row.box_xyxy_px == tuple(written[["x1", "y1", "x2", "y2"]])
        assert row.probabilities == {name: written[name] for name in rows.emotions}
    assert {row.face for row in streamed} == {None, 1}


def test_closing_early_ends_its_threads_and_leaves_the_callers_number(video: Path) -> None:
    before = threading.active_count(), torch.get_num_threads()
    rows = seqfer.stream(video, **OPTIONS)
    assert next(rows).frame == 0
    assert torch.get_num_threads() == before[1]
    rows.close()
    assert (threading.active_count(), torch.get_num_threads()) == before
    assert list(rows) == []
    rows.close()


def test_a_stream_that_is_never_read_is_released_too(video: Path) -> None:
    before = threading.active_count()
    rows = seqfer.stream(video, **OPTIONS)
    assert threading.active_count() > before
    del rows
    assert threading.active_count() == before


def test_frames_from_memory_are_taken_as_they_are_needed(video: Path) -> None:
    taken: list[int] = []

    def frames() -> Iterator[tuple[float, np.ndarray]]:
        for number in range(1000):
            taken.append(number)
            yield number / 25, looks()[0]

    with seqfer.stream(frames(), causal=True, head="none", **OPTIONS) as rows:
        assert next(rows).time_s == 0
    assert len(taken) < 300


class Camera:
    """Stands in for cv2.VideoCapture: gives 40 pictures."""

    released = 0

    def __init__(self, number: int) -> None:
        self.left = 40

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def get(self, what: int) -> float:
        return 25.0

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.left -= 1
        return self.left >= 0, looks()[0][..., ::-1].copy()

    def release(self) -> None:
        Camera.released += 1


def test_a_camera_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources.cv2, "VideoCapture", Camera)
    with seqfer.stream("camera:0", causal=True, **OPTIONS) as rows:
        assert next(rows).frame == 0
    assert Camera.released == 1
    assert len({row.frame for row in seqfer.stream("camera:0", **OPTIONS)}) == 39  # the first one tells the size
    assert Camera.released == 2


def test_wrong_input_is_said_at_once_in_one_line(video: Path, tmp_path: Path) -> None:
    for call, kind, said in (
        (lambda: seqfer.stream(tmp_path / "no.mp4"), seqfer.InputError, "no such video file"),
        (lambda: seqfer.stream(video, overlay=True), seqfer.SettingsError, "unknown key 'overlay'"),
        (lambda: seqfer.stream([video, video]), seqfer.SettingsError, "2 videos are given where one is taken"),
        (lambda: seqfer.stream([]), seqfer.InputError, "no video and no frame is given"),
        (lambda: seqfer.stream(7), seqfer.InputError, "video is a int; give a path, camera:0"),
        (lambda: seqfer.stream(video, start_s=99.0, **OPTIONS), seqfer.InputError, "no frame from"),
    ):
        with pytest.raises(kind, match=said) as error:
            call()  # type: ignore[no-untyped-call]
        assert "\n" not in str(error.value)


def test_an_error_of_the_callers_frames_is_raised_as_it_is() -> None:
    def frames() -> Iterator[tuple[float, np.ndarray]]:
        yield 0.0, looks()[0]
        raise LookupError("the caller's")

    before = threading.active_count()
    with pytest.raises(LookupError, match="the caller's"):
        list(seqfer.stream(frames(), **OPTIONS))
    assert threading.active_count() == before
