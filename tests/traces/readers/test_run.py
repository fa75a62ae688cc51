"""Folders and tables of `seqfer annotate-video`."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from trace_files import FRAMES, SECONDS, numbers

from seqfer.core.errors import InputError
from seqfer.traces.reading import read_traces

NAN = math.nan


def test_folders_of_annotate_video(tmp_path: Path) -> None:
    (tmp_path / "frames.csv").write_text(FRAMES)
    (tmp_path / "valence_1hz.csv").write_text(SECONDS)
    (tmp_path / "summary.json").write_text(json.dumps({"film": {"name": "a.mp4", "zero_s": 0.5}}))
    one, two = read_traces(tmp_path)
    assert numbers(two) == [(0, 0, -0.5)]
    np.testing.assert_allclose(one.start_s, [0, 0.08])  # as a player shows it: the container begins at 0.5 s
    np.testing.assert_allclose(one.values, [0.25, NAN])
    assert (one.name, two.name, one.film) == ("face 1", "face 2", "a.mp4")
    (seconds,) = read_traces(tmp_path / "valence_1hz.csv")
    np.testing.assert_allclose(seconds.start_s, [-0.5, 0.5, 1.5])
    np.testing.assert_allclose(seconds.end_s, [0.5, 1.5, 2.5])
    np.testing.assert_allclose(seconds.values, [0.25, NAN, -0.5])
    (tmp_path / "frames.csv").unlink()
    assert len(read_traces(tmp_path)) == 1
    (tmp_path / "frames.csv").write_text(FRAMES.replace(",valence", ",other"))
    assert len(read_traces(tmp_path)) == 1
    (tmp_path / "valence_1hz.csv").unlink()
    with pytest.raises(InputError, match="no column valence; annotate the video again"):
        read_traces(tmp_path)


def test_folders_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no frames.csv or valence_1hz.csv"):
        read_traces(tmp_path)
    with pytest.raises(InputError, match="is a folder, and carma is a file"):
        read_traces(tmp_path, kind="carma")
    table = tmp_path / "frames.csv"
    table.write_text(FRAMES.splitlines(keepends=True)[0])
    with pytest.raises(InputError, match="no row with a face"):
        read_traces(table)
    table.write_text(FRAMES.replace("-0.500000", "-1.5"))
    with pytest.raises(InputError, match=r"frames.csv:3: face 2 at 0.5 s with valence -1.5 is invalid"):
        read_traces(table)
    table.write_text(FRAMES.replace("0.580000", "0.400000"))  # a film whose times go back
    assert list(read_traces(table)[0].start_s) == [0.4, 0.5]
