"""A video's faces in bins: means, gaps, the longest faces."""

from __future__ import annotations

import numpy as np
import pytest
from annotation_tables import annotation

from seqfer.results._bins import runs, timelines


def test_bins_hold_means_and_are_nan_where_the_face_is_not_seen() -> None:
    video = annotation([(0.0, 1), (0.1, 1), (0.2, None), (0.3, None), (0.4, 1), (7.0, 1)])
    shown = timelines(video, faces=3, bins=3)
    assert shown.edges_s.tolist() == pytest.approx([0.0, 0.2, 0.4, 7.1])  # the median step after the last frame
    (face,) = shown.faces
    assert np.isnan(face.means[1]).all()
    first = video.frames.head(2)
    assert face.means[0].tolist() == pytest.approx(first[list(video.emotions)].mean().tolist())
    assert face.valence.tolist() == pytest.approx(
        [first["valence"].mean(), np.nan, video.frames["valence"][4:].mean()], nan_ok=True
    )
    assert shown.others == 0


def test_more_bins_than_frames_are_a_bin_per_frame() -> None:
    shown = timelines(annotation([(0.0, 1), (0.1, 1)]), faces=1, bins=50)
    assert len(shown.edges_s) == 3
    assert timelines(annotation([(2.0, 1)]), faces=1, bins=50).edges_s.tolist() == [2.0, 3.0]


def test_the_faces_with_the_most_frames_come_first_and_short_ones_are_left_out() -> None:
    rows: list[tuple[float, int | None]] = [(0.0, 1), (0.1, 2), (0.2, 2), (0.3, 3), (0.4, 3), (0.5, 3)]
    video = annotation(rows, short={1})
    shown = timelines(video, faces=1, bins=6)
    assert ([face.track["face"] for face in shown.faces], shown.others) == ([3], 1)
    assert [face.track["face"] for face in timelines(video, faces=9, bins=6).faces] == [3, 2]
    everyone = timelines(annotation(rows, short={1, 2, 3}), faces=9, bins=6)
    assert [face.track["face"] for face in everyone.faces] == [3, 2, 1]


def test_without_a_face_there_are_times_only() -> None:
    shown = timelines(annotation([(0.0, None), (0.1, None)]), faces=3, bins=9)
    assert (shown.faces, shown.others) == ([], 0)


def test_runs_are_uninterrupted() -> None:
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.array([False])) == []
